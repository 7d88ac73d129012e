//! .tflite files of one operator.

use flatbuffers::{FlatBufferBuilder, WIPOffset};

/// What is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Graph {
    /// 48 `f32` in, negative ones made 0, 48 out.
    Relu,
    /// Two inputs, added.
    TwoInputs,
    /// As `edgetpu_compiler` leaves it: a picture of 4 by 4 in, 64 bytes out.
    Compiled,
    /// An operator that nobody has.
    Unknown,
}

const ADD: i32 = 0;
const RELU: i32 = 19;
const CUSTOM: i32 = 32;
const FLOAT32: i8 = 0;
const UINT8: i8 = 3;

const fn slot(field: u16) -> u16 {
    4 + 2 * field
}

type Builder = FlatBufferBuilder<'static>;
type Offset = WIPOffset<flatbuffers::TableFinishedWIPOffset>;

/// A file with `graph`; fields by their numbers in TensorFlow Lite's schema, version 3.
pub(crate) fn tiny_model(graph: Graph) -> Vec<u8> {
    let (code, custom, inputs, element, output): (_, _, _, _, &[i32]) = match graph {
        Graph::Relu => (RELU, None, 1, FLOAT32, &[1, 4, 4, 3]),
        Graph::TwoInputs => (ADD, None, 2, FLOAT32, &[1, 4, 4, 3]),
        Graph::Compiled => (CUSTOM, Some("edgetpu-custom-op"), 1, UINT8, &[1, 64]),
        Graph::Unknown => (CUSTOM, Some("somebody-elses-op"), 1, UINT8, &[1, 64]),
    };
    let mut b = Builder::new();
    let custom = custom.map(|name| b.create_string(name));
    let table = b.start_table();
    b.push_slot_always(slot(0), code as i8);
    if let Some(custom) = custom {
        b.push_slot_always(slot(1), custom);
    }
    b.push_slot_always(slot(2), 1_i32);
    b.push_slot_always(slot(3), code);
    let operator_code = b.end_table(table);

    let mut tensors: Vec<_> = (0..inputs).map(|_| tensor(&mut b, element, &[1, 4, 4, 3])).collect();
    tensors.push(tensor(&mut b, element, output));
    let inputs: Vec<i32> = (0..inputs).collect();
    let outputs = [tensors.len() as i32 - 1];

    let (operator_inputs, operator_outputs) = (b.create_vector(&inputs), b.create_vector(&outputs));
    let options = (code == ADD).then(|| {
        let table = b.start_table();
        b.end_table(table)
    });
    let table = b.start_table();
    b.push_slot_always(slot(0), 0_u32);
    b.push_slot_always(slot(1), operator_inputs);
    b.push_slot_always(slot(2), operator_outputs);
    if let Some(options) = options {
        let add_options = 11_u8;
        b.push_slot_always(slot(3), add_options);
        b.push_slot_always(slot(4), options);
    }
    let operator = b.end_table(table);

    let (tensors, operators) = (b.create_vector(&tensors), b.create_vector(&[operator]));
    let (inputs, outputs) = (b.create_vector(&inputs), b.create_vector(&outputs));
    let table = b.start_table();
    b.push_slot_always(slot(0), tensors);
    b.push_slot_always(slot(1), inputs);
    b.push_slot_always(slot(2), outputs);
    b.push_slot_always(slot(3), operators);
    let subgraph = b.end_table(table);

    let table = b.start_table();
    let no_data = b.end_table(table);
    let (codes, subgraphs) = (b.create_vector(&[operator_code]), b.create_vector(&[subgraph]));
    let buffers = b.create_vector(&[no_data]);
    let table = b.start_table();
    b.push_slot_always(slot(0), 3_u32);
    b.push_slot_always(slot(1), codes);
    b.push_slot_always(slot(2), subgraphs);
    b.push_slot_always(slot(4), buffers);
    let model = b.end_table(table);
    b.finish(model, Some("TFL3"));
    b.finished_data().to_vec()
}

fn tensor(b: &mut Builder, element: i8, shape: &[i32]) -> Offset {
    let shape = b.create_vector(shape);
    let quantization = (element == UINT8).then(|| {
        let (scales, zero_points) = (b.create_vector(&[0.5_f32]), b.create_vector(&[128_i64]));
        let table = b.start_table();
        b.push_slot_always(slot(2), scales);
        b.push_slot_always(slot(3), zero_points);
        b.end_table(table)
    });
    let table = b.start_table();
    b.push_slot_always(slot(0), shape);
    b.push_slot_always(slot(1), element);
    b.push_slot_always(slot(2), 0_u32);
    if let Some(quantization) = quantization {
        b.push_slot_always(slot(4), quantization);
    }
    b.end_table(table)
}
