//! Running the network: the trait, and TensorFlow Lite on the processor.

use tflitec::interpreter::{Interpreter, Options};
use tflitec::model::Model;
use tflitec::tensor::{DataType, QuantizationParameters, Tensor};

/// Fewest and most values of an embedding: a shorter output is a classifier
/// for a handful of classes, a longer one was never pooled.
const DIMENSIONS: std::ops::RangeInclusive<usize> = 64..=8192;

/// Something that computes embeddings.
pub trait Engine {
    /// What pictures have to be resized to.
    fn input_size(&self) -> InputSize;

    /// Length of the embedding.
    fn dimensions(&self) -> usize;

    /// Runs the network on RGB pixels, row by row, `width * height * 3` bytes;
    /// the answer has `dimensions` values, not normalised.
    ///
    /// # Errors
    /// When the runtime reports a failure.
    fn embed(&mut self, rgb: &[u8]) -> Result<Vec<f32>, EngineError>;
}

/// Size of the network's input, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputSize {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// Why a network can't be run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The runtime refuses the file.
    #[error("TensorFlow Lite refuses it: {0} (an Edge TPU model needs its accelerator)")]
    Refused(tflitec::Error),
    /// The input is not a picture.
    #[error(
        "it is not an image network: its input is {0}; one picture of shape [1, height, width, 3] is needed"
    )]
    NotAnImageNetwork(String),
    /// The output is not one vector.
    #[error("its output is {0}; one vector of {min} to {max} values a picture is needed", min = DIMENSIONS.start(), max = DIMENSIONS.end())]
    NotAnEmbedding(String),
    /// Running it failed.
    #[error("TensorFlow Lite failed to run the network: {0}")]
    Run(tflitec::Error),
    /// All values are zero, or one is not finite.
    #[error("the network gave no usable embedding for this picture (all zero, or not finite)")]
    Degenerate,
}

/// Version of the TensorFlow Lite library that is linked.
#[must_use]
pub fn runtime_version() -> &'static str {
    tflitec::tf_lite_version()
}

/// TensorFlow Lite with XNNPACK.
#[derive(Debug)]
pub struct TfliteEngine<'m> {
    interpreter: Interpreter<'m>,
    input_size: InputSize,
    input_type: DataType,
    output: Output,
    dimensions: usize,
    /// The input in the network's own type, kept to be filled anew.
    signed: Vec<i8>,
    floats: Vec<f32>,
}

#[derive(Clone, Copy, Debug)]
enum Output {
    Unsigned(QuantizationParameters),
    Signed(QuantizationParameters),
    Float,
}

impl<'m> TfliteEngine<'m> {
    /// Prepares `model` to run on `threads` threads.
    ///
    /// # Errors
    /// When the runtime refuses it, or its input is no picture or its output
    /// no embedding.
    pub fn new(model: &'m Model<'m>, threads: u8) -> Result<Self, EngineError> {
        let options = Options { thread_count: threads.into(), is_xnnpack_enabled: true };
        let interpreter = Interpreter::new(model, Some(options)).map_err(EngineError::Refused)?;
        interpreter.allocate_tensors().map_err(EngineError::Refused)?;

        let input = interpreter.input(0).map_err(EngineError::Refused)?;
        let (input_size, input_type) = picture_input(&input, interpreter.input_tensor_count())
            .ok_or_else(|| EngineError::NotAnImageNetwork(describe(&input)))?;
        let output = interpreter.output(0).map_err(EngineError::Refused)?;
        let (output, dimensions) =
            vector_output(&output).ok_or_else(|| EngineError::NotAnEmbedding(describe(&output)))?;
        Ok(Self {
            interpreter,
            input_size,
            input_type,
            output,
            dimensions,
            signed: Vec::new(),
            floats: Vec::new(),
        })
    }

    /// Quantised networks of the MobileNet family take pixels as they are, or
    /// less 128 when signed; float ones take -1 to 1.
    fn set_input(&mut self, rgb: &[u8]) -> Result<(), tflitec::Error> {
        match self.input_type {
            DataType::UInt8 => self.interpreter.copy(rgb, 0),
            DataType::Int8 => {
                self.signed.clear();
                self.signed.extend(rgb.iter().map(|value| (value ^ 0x80).cast_signed()));
                self.interpreter.copy(&self.signed, 0)
            }
            _ => {
                self.floats.clear();
                self.floats.extend(rgb.iter().map(|value| f32::from(*value) / 127.5 - 1.0));
                self.interpreter.copy(&self.floats, 0)
            }
        }
    }
}

impl Engine for TfliteEngine<'_> {
    fn input_size(&self) -> InputSize {
        self.input_size
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed(&mut self, rgb: &[u8]) -> Result<Vec<f32>, EngineError> {
        self.set_input(rgb).map_err(EngineError::Run)?;
        self.interpreter.invoke().map_err(EngineError::Run)?;
        let tensor = self.interpreter.output(0).map_err(EngineError::Run)?;
        let real = |value: i32, q: QuantizationParameters| (value - q.zero_point) as f32 * q.scale;
        Ok(match self.output {
            Output::Unsigned(q) => tensor.data::<u8>().iter().map(|v| real((*v).into(), q)).collect(),
            Output::Signed(q) => tensor.data::<i8>().iter().map(|v| real((*v).into(), q)).collect(),
            Output::Float => tensor.data::<f32>().to_vec(),
        })
    }
}

fn picture_input(input: &Tensor<'_>, inputs: usize) -> Option<(InputSize, DataType)> {
    let &[1, height, width, 3] = input.shape().dimensions().as_slice() else { return None };
    let size = |length: usize| u32::try_from(length).ok().filter(|length| (16..=2048).contains(length));
    let input_size = InputSize { width: size(width)?, height: size(height)? };
    let known = matches!(input.data_type(), DataType::UInt8 | DataType::Int8 | DataType::Float32);
    (inputs == 1 && known).then_some((input_size, input.data_type()))
}

fn vector_output(output: &Tensor<'_>) -> Option<(Output, usize)> {
    let (dimensions, rest) = output.shape().dimensions().split_last()?;
    if !DIMENSIONS.contains(dimensions) || rest.iter().any(|length| *length != 1) {
        return None;
    }
    let kind = match output.data_type() {
        DataType::UInt8 => Output::Unsigned(output.quantization_parameters()?),
        DataType::Int8 => Output::Signed(output.quantization_parameters()?),
        DataType::Float32 => Output::Float,
        _ => return None,
    };
    Some((kind, *dimensions))
}

fn describe(tensor: &Tensor<'_>) -> String {
    format!("{:?} of shape {:?}", tensor.data_type(), tensor.shape().dimensions())
}
