//! Running the network: the trait, and TensorFlow Lite on the processor.

use tflitec::interpreter::{Interpreter, Options};
use tflitec::model::Model;
use tflitec::tensor::DataType;

use super::layout::{Element, InputSize, Layout, Tensor};
use crate::accelerator::Loss;

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
    #[error("its output is {0}; one vector of 64 to 8192 values a picture is needed")]
    NotAnEmbedding(String),
    /// A classifier that was compiled for the Edge TPU, head and all.
    #[error(
        "it is a classifier compiled for the Edge TPU: what comes out are {0} scores, and its head can't be cut off any more; compile a headless one (Coral's are called embedding_extractor)"
    )]
    CompiledClassifier(usize),
    /// Running it failed.
    #[error("TensorFlow Lite failed to run the network: {0}")]
    Run(tflitec::Error),
    /// What computes has gone; this engine will not come back.
    #[error("the Edge TPU was lost: {0}")]
    Lost(Loss),
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
    layout: Layout,
    /// The input in the network's own type, kept to be filled anew.
    input: Vec<u8>,
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
        let input = Tensor::from(&interpreter.input(0).map_err(EngineError::Refused)?);
        let output = Tensor::from(&interpreter.output(0).map_err(EngineError::Refused)?);
        let layout = Layout::new(&input, interpreter.input_tensor_count(), &output)?;
        Ok(Self { interpreter, layout, input: Vec::new() })
    }
}

impl Engine for TfliteEngine<'_> {
    fn input_size(&self) -> InputSize {
        self.layout.input_size
    }

    fn dimensions(&self) -> usize {
        self.layout.dimensions
    }

    fn embed(&mut self, rgb: &[u8]) -> Result<Vec<f32>, EngineError> {
        let input = self.layout.input(rgb, &mut self.input);
        self.interpreter.copy(input, 0).map_err(EngineError::Run)?;
        self.interpreter.invoke().map_err(EngineError::Run)?;
        let output = self.interpreter.output(0).map_err(EngineError::Run)?;
        Ok(self.layout.values(output.data::<u8>()))
    }
}

impl From<&tflitec::tensor::Tensor<'_>> for Tensor {
    fn from(tensor: &tflitec::tensor::Tensor<'_>) -> Self {
        let element = match tensor.data_type() {
            DataType::UInt8 => Element::UInt8,
            DataType::Int8 => Element::Int8,
            DataType::Float32 => Element::Float32,
            _ => Element::Other,
        };
        let quantization = tensor.quantization_parameters().map(|q| (q.scale, q.zero_point));
        Self { element, shape: tensor.shape().dimensions().clone(), quantization }
    }
}
