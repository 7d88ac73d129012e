//! The embedding space in three dimensions.

use mirror_proto::recommender::v1 as pb;
use serde::Serialize;

use super::{Recognition, all, rfc3339, short};

/// A `map` event.
#[derive(Debug, Serialize)]
pub(crate) struct SpaceMap {
    revision: u64,
    layout: u64,
    labels: Vec<SpaceLabel>,
    sample_ids: Vec<i64>,
    label_indices: Vec<u32>,
    /// In thousandths: a third of the bytes, and finer than a screen.
    positions: Vec<i32>,
    samples: u32,
    explained: f32,
}

#[derive(Debug, Serialize)]
struct SpaceLabel {
    label_id: i64,
    name: String,
    kind: &'static str,
    samples: u32,
}

/// A `frame` event.
#[derive(Debug, Serialize)]
pub(crate) struct SpaceFrame {
    frame_id: u64,
    captured_at: Option<String>,
    recognition: Option<Recognition>,
    position: Vec<f32>,
    nearest_position: Vec<f32>,
}

impl From<pb::SpaceMap> for SpaceMap {
    fn from(map: pb::SpaceMap) -> Self {
        Self {
            revision: map.revision,
            layout: map.layout,
            labels: all(map.labels),
            sample_ids: map.sample_ids,
            label_indices: map.label_indices,
            positions: map.positions.into_iter().map(thousandths).collect(),
            samples: map.samples,
            explained: map.explained,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "coordinates are about -1 to 1")]
fn thousandths(coordinate: f32) -> i32 {
    (coordinate * 1000.0).round() as i32
}

impl From<pb::SpaceLabel> for SpaceLabel {
    fn from(label: pb::SpaceLabel) -> Self {
        let kind = short(label.kind().as_str_name(), "LABEL_KIND_");
        Self { label_id: label.label_id, name: label.name, kind, samples: label.samples }
    }
}

impl From<pb::SpaceFrame> for SpaceFrame {
    fn from(frame: pb::SpaceFrame) -> Self {
        Self {
            frame_id: frame.frame_id,
            captured_at: frame.captured_at.map(rfc3339),
            recognition: frame.recognition.map(Recognition::from),
            position: frame.position,
            nearest_position: frame.nearest_position,
        }
    }
}
