//! Recognition, pure: plain data in, plain data out. No clock, no network, no
//! database; time comes in as an argument.
//!
//! [`embedding`] is a point, [`gallery`] the stored ones, [`nearest`] the
//! search, [`verdict`] the answer for one frame, [`consensus`] the answer over
//! frames, [`mirror`] what a screen should show.

pub mod consensus;
pub mod embedding;
pub mod gallery;
pub mod mirror;
pub mod nearest;
pub mod verdict;

pub use consensus::Consensus;
pub use embedding::{Embedding, EmbeddingError};
pub use gallery::{Gallery, Label, LabelId, LabelKind, ModelKey, SampleId};
pub use verdict::{Outcome, Recognition, recognise};
