//! Networks on Coral's Edge TPU.
//!
//! [`Library::load`] finds libedgetpu at run time, [`Library::devices`] says what
//! is plugged in, [`Choice::pick`] takes one of them, [`Library::delegate`] opens
//! it, and an [`Interpreter`] with that [`Delegate`] runs a model that was compiled
//! for it. [`Versions`] says what was loaded, and what speaks against the pair.
//!
//! ```no_run
//! use mirror_edgetpu::{Choice, Interpreter, Library, Options};
//!
//! let library = Library::load(None)?;
//! let devices = library.devices();
//! let device = "usb".parse::<Choice>()?.pick(&devices)?;
//! let delegate = library.delegate(device, &Options::default())?;
//! let model = std::fs::read("model_edgetpu.tflite")?;
//! let mut interpreter = Interpreter::new(model, Some(delegate), 1)?;
//! let (input, mut output) = (vec![0; interpreter.input().bytes], Vec::new());
//! interpreter.invoke(&input, &mut output)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! All unsafe code of the workspace is in the module `ffi` of this crate.
//!
//! # What a caller has to know
//!
//! - [`Library::delegate`] and [`Interpreter::invoke`] talk to a device: they can
//!   take seconds, or for ever, and can't be cancelled. Call them on a thread of
//!   their own, and be ready to give that thread up.
//! - libedgetpu ends the *process* (`LOG(FATAL)`, SIGABRT) when a USB transfer
//!   fails, as when the device is pulled out during an inference; built for
//!   another TensorFlow Lite, it may end it with SIGSEGV. Neither can be caught:
//!   who must survive it runs the [`Interpreter`] in a process of its own.

mod device;
mod ffi;
mod interpreter;
mod library;
mod options;
mod version;

pub use device::{Choice, ChoiceError, Device, DeviceError, Kind};
pub use ffi::Delegate;
pub use interpreter::{ElementType, Interpreter, InterpreterError, Quantization, TensorInfo, needs_edge_tpu};
pub use library::{Library, LibraryError};
pub use options::{Options, Performance, PerformanceError};
pub use version::{Fit, TENSORFLOW_LITE, Versions};
