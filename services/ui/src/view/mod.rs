//! How messages look to the pages, as JSON. Names are those of the .proto files;
//! enums are their names without the prefix. Each field is named here, so that
//! none gets out by itself.

mod mirror;
mod space;
mod status;
mod training;

use prost_types::Timestamp;

pub(crate) use mirror::{Degradation, MirrorEvent, Recognition, RecognitionEvent, Recommendations};
pub(crate) use space::{SpaceFrame, SpaceMap};
pub(crate) use status::{Camera, InferenceStatus, Model, ModelFile, RecommenderStatus};
pub(crate) use training::{
    CaptureProgress, Change, Evaluation, Gallery, Imported, Label, Purged, Sample, Verdict,
};

/// Timestamps print as RFC 3339.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    time.to_string()
}

fn short(name: &'static str, prefix: &str) -> &'static str {
    name.strip_prefix(prefix).unwrap_or(name)
}

/// Each of `items` as its view.
pub(crate) fn all<T: Into<V>, V>(items: Vec<T>) -> Vec<V> {
    items.into_iter().map(Into::into).collect()
}
