//! Recognition, pure: plain data in, plain data out. No clock, no network, no
//! database; time comes in as an argument.
//!
//! [`embedding`] is a point, [`gallery`] the stored ones ([`rows`] is their
//! memory and the search in it), [`verdict`] the answer for one frame,
//! [`consensus`] the answer over frames, [`presence`] whether there is anything
//! to be answered, [`mirror`] what a screen should show.
//!
//! What a verdict weighs by is learnt from the gallery ([`learning`]): the
//! [`metric`] on [`features`], the [`calibration`] (a [`logistic`] regression),
//! and the [`evaluation`] of each label. [`space`] is a map of it all for people.

pub mod calibration;
pub mod consensus;
pub mod embedding;
pub mod evaluation;
pub mod features;
pub mod gallery;
pub mod learning;
pub mod logistic;
pub mod metric;
pub mod mirror;
pub mod presence;
pub mod rows;
pub mod space;
pub mod verdict;

pub use consensus::Consensus;
pub use embedding::{Embedding, EmbeddingError};
pub use features::Views;
pub use gallery::{Gallery, Label, LabelId, LabelKind, ModelKey, SampleId, TriggerProduct};
pub use verdict::{Candidate, Outcome, Recognition, recognise};
