//! What the mirror shows.

use mirror_proto::recommender::v1 as pb;
use serde::Serialize;

use super::{rfc3339, short};

/// A `mirror` event.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(crate) struct MirrorEvent {
    sequence: u64,
    at: Option<String>,
    state: &'static str,
    recognition: Option<Recognition>,
    recommendations: Option<Recommendations>,
    degradations: Vec<Degradation>,
    frame_id: u64,
    captured_at: Option<String>,
}

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Recognition {
    outcome: &'static str,
    label_id: i64,
    label_name: String,
    confidence: f32,
    candidates: Vec<Candidate>,
    nearest_sample_id: i64,
    threshold: f32,
}

#[derive(Debug, PartialEq, Serialize)]
struct Candidate {
    label_id: i64,
    label_name: String,
    score: f32,
    nearest_sample_id: i64,
    nearest_similarity: f32,
}

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Recommendations {
    items: Vec<ProductCard>,
    provider: String,
    freshness: &'static str,
    fetched_at: Option<String>,
}

#[derive(Debug, PartialEq, Serialize)]
struct ProductCard {
    product_id: String,
    name: String,
    image_url: String,
    target_url: String,
    price: String,
    currency: String,
    score: f32,
    product_origin: String,
}

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Degradation {
    component: &'static str,
    message: String,
    since: Option<String>,
}

/// A `recognition` event.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct RecognitionEvent {
    frame_id: u64,
    captured_at: Option<String>,
    instant: Option<Recognition>,
    stable: Option<Recognition>,
    timings: Timings,
    classify_us: u32,
    sharpness: f32,
    motion: f32,
    source: String,
    frames_dropped: u64,
}

#[derive(Debug, Default, PartialEq, Serialize)]
struct Timings {
    decode_us: u32,
    wait_us: u32,
    resize_us: u32,
    embed_us: u32,
}

impl MirrorEvent {
    /// What is shown while the recommender can't be reached.
    pub(crate) fn recommender_away() -> Self {
        let message = "The recommender is away; it is tried again by itself.".to_owned();
        Self {
            state: "DEGRADED",
            degradations: vec![Degradation { component: "RECOMMENDER", message, since: None }],
            ..Self::default()
        }
    }
}

impl From<pb::MirrorEvent> for MirrorEvent {
    fn from(event: pb::MirrorEvent) -> Self {
        Self {
            sequence: event.sequence,
            at: event.at.map(rfc3339),
            state: short(event.state().as_str_name(), "MIRROR_STATE_"),
            recognition: event.recognition.map(Recognition::from),
            recommendations: event.recommendations.map(Recommendations::from),
            degradations: event.degradations.into_iter().map(Degradation::from).collect(),
            frame_id: event.frame_id,
            captured_at: event.captured_at.map(rfc3339),
        }
    }
}

impl From<pb::RecognitionEvent> for RecognitionEvent {
    fn from(event: pb::RecognitionEvent) -> Self {
        let timings = event.timings.map(|t| Timings {
            decode_us: t.decode_us,
            wait_us: t.wait_us,
            resize_us: t.resize_us,
            embed_us: t.embed_us,
        });
        Self {
            frame_id: event.frame_id,
            captured_at: event.captured_at.map(rfc3339),
            instant: event.instant.map(Recognition::from),
            stable: event.stable.map(Recognition::from),
            timings: timings.unwrap_or_default(),
            classify_us: event.classify_us,
            sharpness: event.sharpness,
            motion: event.motion,
            source: event.source,
            frames_dropped: event.frames_dropped,
        }
    }
}

impl From<pb::Recognition> for Recognition {
    fn from(recognition: pb::Recognition) -> Self {
        let outcome = short(recognition.outcome().as_str_name(), "OUTCOME_");
        let candidates = recognition.candidates.into_iter().map(|candidate| Candidate {
            label_id: candidate.label_id,
            label_name: candidate.label_name,
            score: candidate.score,
            nearest_sample_id: candidate.nearest_sample_id,
            nearest_similarity: candidate.nearest_similarity,
        });
        Self {
            outcome,
            label_id: recognition.label_id,
            label_name: recognition.label_name,
            confidence: recognition.confidence,
            candidates: candidates.collect(),
            nearest_sample_id: recognition.nearest_sample_id,
            threshold: recognition.threshold,
        }
    }
}

impl From<pb::Recommendations> for Recommendations {
    fn from(found: pb::Recommendations) -> Self {
        let freshness = short(found.freshness().as_str_name(), "FRESHNESS_");
        let items = found.items.into_iter().map(|card| ProductCard {
            product_id: card.product_id,
            name: card.name,
            image_url: card.image_url,
            target_url: card.target_url,
            price: card.price,
            currency: card.currency,
            score: card.score,
            product_origin: card.product_origin,
        });
        Self {
            items: items.collect(),
            provider: found.provider,
            freshness,
            fetched_at: found.fetched_at.map(rfc3339),
        }
    }
}

impl From<pb::Degradation> for Degradation {
    fn from(degradation: pb::Degradation) -> Self {
        Self {
            component: short(degradation.component().as_str_name(), "COMPONENT_"),
            message: degradation.message,
            since: degradation.since.map(rfc3339),
        }
    }
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;

    #[test]
    fn an_event_reads_as_the_page_expects() {
        let event = pb::MirrorEvent {
            sequence: 7,
            at: Some(Timestamp { seconds: 1_700_000_000, nanos: 500_000_000 }),
            state: pb::MirrorState::Recognised.into(),
            recognition: Some(pb::Recognition {
                outcome: pb::Outcome::Known.into(),
                label_id: 3,
                label_name: "Sun hat".to_owned(),
                confidence: 0.5,
                ..Default::default()
            }),
            ..Default::default()
        };
        let json = serde_json::to_value(MirrorEvent::from(event)).unwrap();
        assert_eq!(json["state"], "RECOGNISED");
        assert_eq!(json["recognition"]["outcome"], "KNOWN");
        assert_eq!(json["recognition"]["label_name"], "Sun hat");
        assert_eq!(json["at"], "2023-11-14T22:13:20.500Z");
        assert_eq!(json["recommendations"], serde_json::Value::Null);
    }

    #[test]
    fn a_recommender_that_is_away_is_a_degraded_state() {
        let json = serde_json::to_value(MirrorEvent::recommender_away()).unwrap();
        assert_eq!(
            (json["state"].as_str(), json["degradations"][0]["component"].as_str()),
            (Some("DEGRADED"), Some("RECOMMENDER"))
        );
    }
}
