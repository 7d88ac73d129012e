//! Running a model.

use std::sync::Arc;

use crate::ffi::{Delegate, Model, RawInterpreter, Tensor};

/// The operator that `edgetpu_compiler` puts in place of those that the device computes.
const EDGE_TPU_OPERATOR: &[u8] = b"edgetpu-custom-op";

/// Whether a .tflite file was compiled for the Edge TPU, and so runs on nothing else.
#[must_use]
pub fn needs_edge_tpu(model: &[u8]) -> bool {
    model.windows(EDGE_TPU_OPERATOR.len()).any(|part| part == EDGE_TPU_OPERATOR)
}

/// A model with one input and one output, ready to run.
///
/// It owns all that it needs, and drops it in the right order: the interpreter, the
/// delegate (which closes the device), the model, the model's bytes. It may be
/// sent to another thread, and dropped there:
///
/// ```
/// fn send<T: Send>() {}
/// send::<mirror_edgetpu::Interpreter>();
/// ```
///
/// but not be shared by several:
///
/// ```compile_fail
/// fn share<T: Sync>() {}
/// share::<mirror_edgetpu::Interpreter>();
/// ```
#[derive(Debug)]
pub struct Interpreter {
    raw: RawInterpreter,
    input: TensorInfo,
    output: TensorInfo,
}

/// An input or output.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorInfo {
    /// What it consists of.
    pub element: ElementType,
    /// Its lengths, outermost first: `[1, height, width, 3]` for a picture.
    pub shape: Vec<usize>,
    /// Its size.
    pub bytes: usize,
    /// What its numbers stand for, if it is quantised.
    pub quantization: Option<Quantization>,
}

/// What a tensor consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// `f32`, in this machine's byte order.
    Float32,
    /// `u8`.
    UInt8,
    /// `i8`.
    Int8,
    /// Another, by TensorFlow Lite's number of it (`TfLiteType`).
    Other(i32),
}

/// A quantised number `q` stands for `scale * (q - zero_point)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantization {
    /// Size of one step.
    pub scale: f32,
    /// What stands for 0.
    pub zero_point: i32,
}

/// Why a model can't be run, or wasn't. What TensorFlow Lite reported is in it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterpreterError {
    /// The bytes are no .tflite file.
    #[error("it is not a TensorFlow Lite model, or it is damaged")]
    NotAModel,
    /// It was compiled for the Edge TPU, and no delegate was given.
    #[error("it is compiled for the Edge TPU (it has an edgetpu-custom-op) and runs on nothing else")]
    NeedsEdgeTpu,
    /// TensorFlow Lite refuses it.
    #[error("TensorFlow Lite refuses it: {}", said(.0))]
    Refused(String),
    /// TensorFlow Lite refuses it together with the delegate.
    #[error(
        "TensorFlow Lite refuses it with the Edge TPU's delegate: {}; so does a libedgetpu that is built for another TensorFlow Lite",
        said(.0)
    )]
    RefusedWithDelegate(String),
    /// It has several inputs or outputs, or none.
    #[error("it has {inputs} inputs and {outputs} outputs; one of each is needed")]
    Tensors {
        /// How many inputs.
        inputs: usize,
        /// How many outputs.
        outputs: usize,
    },
    /// The input is not of the size that the model wants.
    #[error("the input has {got} bytes; this model takes {needed}")]
    InputSize {
        /// What came.
        got: usize,
        /// What the model wants.
        needed: usize,
    },
    /// Running it failed. With a delegate this is the device, mostly: it has gone.
    #[error("running it failed: {}", said(.0))]
    Invoke(String),
}

fn said(reported: &str) -> &str {
    if reported.is_empty() { "it doesn't say why" } else { reported }
}

impl Interpreter {
    /// Prepares `model`, on the device of `delegate` or else on the processor,
    /// there without XNNPACK. `threads` is for what the processor computes.
    ///
    /// # Errors
    /// When TensorFlow Lite or the delegate refuses the model, or it has not one
    /// input and one output. `delegate` has been dropped then.
    pub fn new(
        model: impl Into<Arc<[u8]>>,
        delegate: Option<Delegate>,
        threads: u8,
    ) -> Result<Self, InterpreterError> {
        let bytes: Arc<[u8]> = model.into();
        let compiled = needs_edge_tpu(&bytes);
        let model = Model::new(bytes).ok_or(InterpreterError::NotAModel)?;
        let delegated = delegate.is_some();
        let raw = RawInterpreter::new(model, delegate, threads).map_err(|said| match delegated {
            true => InterpreterError::RefusedWithDelegate(said),
            false if compiled => InterpreterError::NeedsEdgeTpu,
            false => InterpreterError::Refused(said),
        })?;
        let (inputs, outputs) = (raw.inputs(), raw.outputs());
        let (Some(input), Some(output), 1, 1) = (raw.input(), raw.output(), inputs, outputs) else {
            return Err(InterpreterError::Tensors { inputs, outputs });
        };
        let (input, output) = (TensorInfo::of(&input), TensorInfo::of(&output));
        Ok(Self { raw, input, output })
    }

    /// What [`invoke`](Self::invoke) takes.
    #[must_use]
    pub fn input(&self) -> &TensorInfo {
        &self.input
    }

    /// What [`invoke`](Self::invoke) gives.
    #[must_use]
    pub fn output(&self) -> &TensorInfo {
        &self.output
    }

    /// Whether it was given a delegate.
    #[must_use]
    pub fn has_delegate(&self) -> bool {
        self.raw.has_delegate()
    }

    /// Runs the model on `input`, and puts into `output` what comes out, in place of
    /// what was there. With a delegate this can take for ever.
    ///
    /// # Errors
    /// When the input is not of the model's size, which changes nothing, or
    /// running fails; `output` is empty then. It may be tried again.
    pub fn invoke(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<(), InterpreterError> {
        output.clear();
        if !self.raw.set_input(input) {
            return Err(InterpreterError::InputSize { got: input.len(), needed: self.input.bytes });
        }
        self.raw.invoke().map_err(InterpreterError::Invoke)?;
        let tensor = self.raw.output();
        output.extend_from_slice(tensor.as_ref().and_then(Tensor::content).unwrap_or_default());
        Ok(())
    }
}

impl TensorInfo {
    fn of(tensor: &Tensor<'_>) -> Self {
        let element = match tensor.element() {
            1 => ElementType::Float32,
            3 => ElementType::UInt8,
            9 => ElementType::Int8,
            other => ElementType::Other(other),
        };
        Self { element, shape: tensor.shape(), bytes: tensor.bytes(), quantization: tensor.quantization() }
    }
}
