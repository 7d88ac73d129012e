//! .tflite files of one operator.

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use mirror_edgetpu::{ElementType, TensorInfo};

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
const INT8: i8 = 9;

const fn slot(field: u16) -> u16 {
    4 + 2 * field
}

/// What `edgetpu_compiler` makes of a whole network with this input and output: one
/// operator.
pub(crate) fn compiled_model(input: &TensorInfo, output: &TensorInfo) -> Vec<u8> {
    file(CUSTOM, Some("edgetpu-custom-op"), &[Shape::of(input)], &Shape::of(output))
}

/// A tensor to be written.
struct Shape {
    element: i8,
    lengths: Vec<i32>,
    /// Scale and zero point.
    quantization: Option<(f32, i64)>,
}

impl Shape {
    fn of(info: &TensorInfo) -> Self {
        let element = match info.element {
            ElementType::Float32 => FLOAT32,
            ElementType::UInt8 => UINT8,
            ElementType::Int8 => INT8,
            ElementType::Other(other) => panic!("no test needs type {other}"),
        };
        Self {
            element,
            lengths: info.shape.iter().map(|length| *length as i32).collect(),
            quantization: info.quantization.map(|q| (q.scale, q.zero_point.into())),
        }
    }
}

type Builder = FlatBufferBuilder<'static>;
type Offset = WIPOffset<flatbuffers::TableFinishedWIPOffset>;

/// A file with `graph`.
pub(crate) fn tiny_model(graph: Graph) -> Vec<u8> {
    let (code, custom, inputs, element, output): (_, _, _, _, &[i32]) = match graph {
        Graph::Relu => (RELU, None, 1, FLOAT32, &[1, 4, 4, 3]),
        Graph::TwoInputs => (ADD, None, 2, FLOAT32, &[1, 4, 4, 3]),
        Graph::Compiled => (CUSTOM, Some("edgetpu-custom-op"), 1, UINT8, &[1, 64]),
        Graph::Unknown => (CUSTOM, Some("somebody-elses-op"), 1, UINT8, &[1, 64]),
    };
    let shape = |lengths: &[i32]| Shape {
        element,
        lengths: lengths.to_vec(),
        quantization: (element == UINT8).then_some((0.5, 128)),
    };
    let inputs: Vec<_> = (0..inputs).map(|_| shape(&[1, 4, 4, 3])).collect();
    file(code, custom, &inputs, &shape(output))
}

/// A file of one operator; fields by their numbers in TensorFlow Lite's schema,
/// version 3.
fn file(code: i32, custom: Option<&str>, inputs: &[Shape], output: &Shape) -> Vec<u8> {
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

    let tensors: Vec<_> = inputs.iter().chain([output]).map(|shape| tensor(&mut b, shape)).collect();
    let inputs: Vec<i32> = (0..inputs.len() as i32).collect();
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

fn tensor(b: &mut Builder, shape: &Shape) -> Offset {
    let lengths = b.create_vector(&shape.lengths);
    let quantization = shape.quantization.map(|(scale, zero_point)| {
        let (scales, zero_points) = (b.create_vector(&[scale]), b.create_vector(&[zero_point]));
        let table = b.start_table();
        b.push_slot_always(slot(2), scales);
        b.push_slot_always(slot(3), zero_points);
        b.end_table(table)
    });
    let table = b.start_table();
    b.push_slot_always(slot(0), lengths);
    b.push_slot_always(slot(1), shape.element);
    b.push_slot_always(slot(2), 0_u32);
    if let Some(quantization) = quantization {
        b.push_slot_always(slot(4), quantization);
    }
    b.end_table(table)
}
