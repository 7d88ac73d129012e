//! The Edge TPU: a network's two files ([`twins`]), the process that runs the one
//! for the device ([`worker`], spoken to by [`edge_tpu`] in the words of
//! [`protocol`]), and how often a lost device is tried again ([`backoff`]).
//!
//! It is a process of its own because libedgetpu may hang, and ends its process
//! when a USB transfer fails: neither may take the service along.

pub(crate) mod backoff;
mod edge_tpu;
mod protocol;
mod settings;
mod twins;
pub mod worker;

pub use edge_tpu::{EdgeTpuEngine, Loss, LossReason};
pub use settings::{AcceleratorChoice, AcceleratorSettings};
pub use twins::{Twins, listed_as, selectable};
