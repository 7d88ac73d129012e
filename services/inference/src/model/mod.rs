//! The network: read from a file, cut headless, and run.
//!
//! [`network`] reads the file ([`flatbuffer`] finds its way in it,
//! [`headless`] takes a classifier's head off), [`engine`] runs it, and
//! [`self_test`] makes sure that what comes out can be trusted. [`probes`] are
//! pictures of nothing in particular.

mod engine;
mod flatbuffer;
mod headless;
mod layout;
mod network;
pub mod probes;
pub mod self_test;

pub use engine::{Engine, EngineError, TfliteEngine, runtime_version};
pub use headless::Head;
pub use layout::InputSize;
pub(crate) use layout::{Layout, Tensor};
pub use network::{ModelError, Network, beside};
