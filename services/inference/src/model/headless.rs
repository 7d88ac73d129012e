//! Taking the head off: a classifier's last layers turn the pooled features
//! into a score for each of the classes it was trained on. Without them the
//! network's output is the pooled features themselves, the embedding.
//!
//! In the .tflite file that is two small changes in place: the graph's output
//! is pointed at the pooled tensor, and the list of operators ends with the
//! one that computes it. Operators stand in the order in which they run, so
//! none of those cut off can be needed for it.

use super::flatbuffer::{Buffer, Damaged, Table, Vector};

// Field numbers and operator codes of the TensorFlow Lite schema, version 3.
const MODEL_OPERATOR_CODES: usize = 1;
const MODEL_SUBGRAPHS: usize = 2;
const CODE_DEPRECATED_BUILTIN: usize = 0;
const CODE_BUILTIN: usize = 3;
const GRAPH_TENSORS: usize = 0;
const GRAPH_OUTPUTS: usize = 2;
const GRAPH_OPERATORS: usize = 3;
const OPERATOR_CODE: usize = 0;
const OPERATOR_OUTPUTS: usize = 2;
const TENSOR_SHAPE: usize = 0;

const AVERAGE_POOL_2D: u32 = 1;
const CONV_2D: u32 = 3;
const FULLY_CONNECTED: u32 = 9;
const SOFTMAX: u32 = 25;
const MEAN: u32 = 40;

/// What was done about a model's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// The file ends in an embedding as it is.
    Absent,
    /// A classifier's head was cut off behind this tensor.
    Cut {
        /// Index of the pooled tensor, the new output.
        output: i32,
        /// How many operators were cut off.
        operators: usize,
    },
}

/// Why a file can't be made headless.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Not a TensorFlow Lite file at all.
    #[error("it is not a TensorFlow Lite model (no TFL3 mark)")]
    NotTflite,
    /// The file's structure is damaged.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Nothing to run.
    #[error("it holds no graph with operators and one output")]
    NoGraph,
    /// A classifier without a pooled layer.
    #[error("it ends in a classifier (softmax) without a pooled layer that its head could be cut behind")]
    NoPooling,
}

impl From<Damaged> for HeadError {
    fn from(damaged: Damaged) -> Self {
        Self::Damaged(damaged.to_string())
    }
}

/// Cuts the head off the model in `file`, in place, if it has one.
///
/// # Errors
/// When the file is no .tflite model, is damaged, or has a head that can't be
/// told from the rest.
pub(super) fn cut(file: &mut [u8]) -> Result<Head, HeadError> {
    if file.get(4..8) != Some(b"TFL3") {
        return Err(HeadError::NotTflite);
    }
    let mut buffer = Buffer(file);
    let Some(graph) = Graph::read(&buffer)? else { return Err(HeadError::NoGraph) };
    let Some(pool) = graph.last_pooling() else {
        return if graph.ends_in(SOFTMAX) { Err(HeadError::NoPooling) } else { Ok(Head::Absent) };
    };
    let behind = &graph.operators[pool + 1..];
    if !behind.iter().any(|operator| matches!(operator.code, CONV_2D | FULLY_CONNECTED)) {
        return Ok(Head::Absent);
    }
    let output = graph.operators[pool].output;
    let operators = behind.len();
    buffer.set_first(graph.outputs, output);
    buffer.shorten(graph.outputs, 1);
    buffer.shorten(graph.operator_list, pool + 1);
    Ok(Head::Cut { output, operators })
}

/// What has to be known of the first subgraph.
struct Graph {
    outputs: Vector,
    operator_list: Vector,
    operators: Vec<Operator>,
}

struct Operator {
    code: u32,
    output: i32,
    /// Its output has one value a channel: [1, C], [1, 1, C] or [1, 1, 1, C].
    pooled: bool,
}

impl Graph {
    fn read(buffer: &Buffer<'_>) -> Result<Option<Self>, Damaged> {
        let model = buffer.root()?;
        let Some(&graph) = buffer.tables(model, MODEL_SUBGRAPHS)?.first() else { return Ok(None) };
        let (Some(outputs), Some(operator_list)) =
            (buffer.vector(graph, GRAPH_OUTPUTS, 4)?, buffer.vector(graph, GRAPH_OPERATORS, 4)?)
        else {
            return Ok(None);
        };
        let codes = buffer.tables(model, MODEL_OPERATOR_CODES)?;
        let codes: Vec<u32> = codes.iter().map(|code| builtin(buffer, *code)).collect::<Result<_, _>>()?;
        let tensors = buffer.tables(graph, GRAPH_TENSORS)?;
        let operators = buffer.tables(graph, GRAPH_OPERATORS)?;
        let operators: Vec<_> = operators
            .iter()
            .map(|operator| Operator::read(buffer, *operator, &codes, &tensors))
            .collect::<Result<_, _>>()?;
        if outputs.len == 0 || operators.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { outputs, operator_list, operators }))
    }

    fn last_pooling(&self) -> Option<usize> {
        self.operators.iter().rposition(|op| op.pooled && matches!(op.code, AVERAGE_POOL_2D | MEAN))
    }

    fn ends_in(&self, code: u32) -> bool {
        self.operators.last().is_some_and(|operator| operator.code == code)
    }
}

impl Operator {
    fn read(buffer: &Buffer<'_>, operator: Table, codes: &[u32], tensors: &[Table]) -> Result<Self, Damaged> {
        let index = buffer.u32_field(operator, OPERATOR_CODE, 0)? as usize;
        let code = *codes.get(index).ok_or(Damaged(index))?;
        let output = buffer.i32s(operator, OPERATOR_OUTPUTS)?.first().copied().unwrap_or(-1);
        let tensor = usize::try_from(output).ok().and_then(|index| tensors.get(index));
        let shape = tensor.map(|tensor| buffer.i32s(*tensor, TENSOR_SHAPE)).transpose()?.unwrap_or_default();
        let pooled = shape.split_last().is_some_and(|(channels, rest)| {
            *channels > 1 && !rest.is_empty() && rest.iter().all(|length| *length == 1)
        });
        Ok(Self { code, output, pooled })
    }
}

/// An operator's code stands in one of two fields: the older has one byte.
fn builtin(buffer: &Buffer<'_>, code: Table) -> Result<u32, Damaged> {
    let older = u32::from(buffer.u8_field(code, CODE_DEPRECATED_BUILTIN, 0)?);
    Ok(older.max(buffer.u32_field(code, CODE_BUILTIN, 0)?))
}

#[cfg(test)]
mod tests {
    use flatbuffers::FlatBufferBuilder;
    use proptest::prelude::*;

    use super::*;

    /// A .tflite file of operators in a row, each given by its code and the
    /// shape of its output.
    fn model(operators: &[(u32, &[i32])]) -> Vec<u8> {
        let slot = |id: usize| u16::try_from(4 + 2 * id).unwrap();
        let mut b = FlatBufferBuilder::new();
        let (mut codes, mut tensors, mut calls) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (code, shape)) in operators.iter().enumerate() {
            let table = b.start_table();
            b.push_slot_always(slot(CODE_BUILTIN), code.cast_signed());
            codes.push(b.end_table(table));

            let shape = b.create_vector(shape);
            let table = b.start_table();
            b.push_slot_always(slot(TENSOR_SHAPE), shape);
            tensors.push(b.end_table(table));

            let outputs = b.create_vector(&[index as i32]);
            let table = b.start_table();
            b.push_slot_always(slot(OPERATOR_CODE), index as u32);
            b.push_slot_always(slot(OPERATOR_OUTPUTS), outputs);
            calls.push(b.end_table(table));
        }
        let (codes, tensors) = (b.create_vector(&codes), b.create_vector(&tensors));
        let outputs = b.create_vector(&[operators.len() as i32 - 1]);
        let calls = b.create_vector(&calls);
        let table = b.start_table();
        b.push_slot_always(slot(GRAPH_TENSORS), tensors);
        b.push_slot_always(slot(GRAPH_OUTPUTS), outputs);
        b.push_slot_always(slot(GRAPH_OPERATORS), calls);
        let graph = b.end_table(table);
        let graphs = b.create_vector(&[graph]);
        let table = b.start_table();
        b.push_slot_always(slot(MODEL_OPERATOR_CODES), codes);
        b.push_slot_always(slot(MODEL_SUBGRAPHS), graphs);
        let root = b.end_table(table);
        b.finish(root, Some("TFL3"));
        b.finished_data().to_vec()
    }

    const RESHAPE: u32 = 22;

    #[test]
    fn a_classifier_ends_in_its_pooled_layer_after_the_cut() {
        let heads: [&[(u32, &[i32])]; 2] = [
            &[(CONV_2D, &[1, 1, 1, 1001]), (RESHAPE, &[1, 1001]), (SOFTMAX, &[1, 1001])],
            &[(FULLY_CONNECTED, &[1, 1000]), (SOFTMAX, &[1, 1000])],
        ];
        for head in heads {
            let trunk: [(u32, &[i32]); 3] = [
                (CONV_2D, &[1, 7, 7, 320]),
                (CONV_2D, &[1, 7, 7, 1280]),
                (AVERAGE_POOL_2D, &[1, 1, 1, 1280]),
            ];
            let mut file = model(&[&trunk, head].concat());
            let length = file.len();
            assert_eq!(cut(&mut file), Ok(Head::Cut { output: 2, operators: head.len() }));
            assert_eq!(file.len(), length, "changed in place");

            let buffer = Buffer(&mut file);
            let graph = Graph::read(&buffer).unwrap().unwrap();
            assert_eq!(graph.operators.len(), 3);
            let graph = buffer.tables(buffer.root().unwrap(), MODEL_SUBGRAPHS).unwrap()[0];
            assert_eq!(buffer.i32s(graph, GRAPH_OUTPUTS).unwrap(), [2]);
            assert_eq!(cut(&mut file), Ok(Head::Absent), "a second time there is nothing to cut");
        }
    }

    #[test]
    fn the_last_pooling_counts_not_one_inside_the_network() {
        let squeeze_and_excite: [(u32, &[i32]); 5] = [
            (MEAN, &[1, 1, 1, 16]),
            (CONV_2D, &[1, 1, 1, 16]),
            (CONV_2D, &[1, 7, 7, 576]),
            (MEAN, &[1, 576]),
            (FULLY_CONNECTED, &[1, 1000]),
        ];
        assert_eq!(cut(&mut model(&squeeze_and_excite)), Ok(Head::Cut { output: 3, operators: 1 }));
    }

    #[test]
    fn an_extractor_is_left_as_it_is_and_a_head_that_can_not_be_found_is_told() {
        let mut extractor = model(&[(AVERAGE_POOL_2D, &[1, 1, 1, 1024]), (RESHAPE, &[1, 1024])]);
        let before = extractor.clone();
        assert_eq!(cut(&mut extractor), Ok(Head::Absent));
        assert_eq!(extractor, before);
        let compiled = &mut model(&[(32, &[1, 1001]), (SOFTMAX, &[1, 1001])]);
        assert_eq!(cut(compiled), Err(HeadError::NoPooling));
        assert_eq!(cut(&mut model(&[])), Err(HeadError::NoGraph));
    }

    #[test]
    fn other_files_are_told_apart() {
        assert_eq!(cut(&mut b"\x89PNG\r\n\x1a\n".to_vec()), Err(HeadError::NotTflite));
        assert_eq!(cut(&mut []), Err(HeadError::NotTflite));
        assert!(matches!(cut(&mut b"\xff\xff\xff\xffTFL3".to_vec()), Err(HeadError::Damaged(_))));
    }

    proptest! {
        #[test]
        fn a_damaged_model_gives_an_error_or_a_model_never_a_panic(
            damage in proptest::collection::vec((8..400_usize, any::<u8>()), 1..8),
        ) {
            let mut file = model(&[(AVERAGE_POOL_2D, &[1, 1, 1, 64]), (FULLY_CONNECTED, &[1, 10])]);
            for (at, byte) in damage {
                let at = at % file.len();
                file[at] = byte;
            }
            let _ = cut(&mut file);
        }

        #[test]
        fn damaged_files_give_errors_not_panics(bytes in proptest::collection::vec(0..40_u8, 0..400)) {
            let mut file = vec![8, 0, 0, 0];
            file.extend(b"TFL3");
            file.extend(bytes);
            let _ = cut(&mut file);
        }
    }
}
