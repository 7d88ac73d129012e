//! Our types to the contract's, and back.

use mirror_proto::inference::v1 as inference;
use mirror_proto::recommender::v1 as pb;
use tonic::Status;

use crate::gallery::Galleries;
use crate::live::{Component, Degradation};
use crate::recognition::evaluation::{Advice, Quality};
use crate::recognition::mirror::State;
use crate::recognition::{Embedding, Label, LabelId, LabelKind, Outcome, Recognition, SampleId};
use crate::recommendations::{Freshness, ProductCard, Recommendations, pictures};
use crate::store::changes::{Change, ChangeKind};
use crate::store::samples::Sample;

/// The fingerprint and the checked values.
pub(super) fn embedding(embedding: inference::Embedding) -> Result<(String, Embedding), Status> {
    let checked = Embedding::new(embedding.values);
    let checked = checked.map_err(|error| Status::invalid_argument(format!("embedding: {error}")))?;
    Ok((embedding.model_fingerprint, checked))
}

pub(super) fn label_id(id: i64) -> Result<LabelId, Status> {
    LabelId::new(id)
        .ok_or_else(|| Status::invalid_argument(format!("label_id is {id}; use the id of a label")))
}

pub(super) fn sample_id(id: i64) -> Result<SampleId, Status> {
    SampleId::new(id)
        .ok_or_else(|| Status::invalid_argument(format!("sample_id is {id}; use the id of a sample")))
}

pub(super) fn label_kind(kind: LabelKind) -> pb::LabelKind {
    match kind {
        LabelKind::Product => pb::LabelKind::Product,
        LabelKind::Background => pb::LabelKind::Background,
    }
}

pub(super) fn label(
    label: Label,
    samples: usize,
    quality: Option<pb::LabelQuality>,
    ignored: u32,
) -> pb::Label {
    pb::Label {
        id: label.id.get(),
        name: label.name,
        kind: label_kind(label.kind).into(),
        product_id: label.product.id,
        product_origin: label.product.origin,
        sample_count: count(samples),
        quality,
        ignored_sample_count: ignored,
    }
}

pub(super) fn sample(sample: Sample) -> pb::Sample {
    pb::Sample {
        id: sample.id.get(),
        label_id: sample.label.get(),
        created_at: Some(sample.created_at.into()),
        thumbnail: sample.picture.unwrap_or_default().into(),
        ignored: sample.ignored,
        embedding: None,
    }
}

pub(super) fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// `name` gives a label's name.
pub(super) fn quality(quality: &Quality, name: impl Fn(LabelId) -> String) -> pb::LabelQuality {
    let (sentences, reasons) = quality
        .advice
        .iter()
        .map(|advice| match advice {
            Advice::MoreSamples => (
                "Add more samples: with five or more it is recognised reliably.".to_owned(),
                pb::Advice { kind: pb::AdviceKind::MoreSamples.into(), ..Default::default() },
            ),
            Advice::MoreVariety => (
                "Its samples are nearly alike: add other sides, distances and light.".to_owned(),
                pb::Advice { kind: pb::AdviceKind::MoreVariety.into(), ..Default::default() },
            ),
            Advice::ConfusedWith(other, share) => (
                format!("Confused with '{}': {:.0} %.", name(*other), 100.0 * share),
                pb::Advice { kind: pb::AdviceKind::Confused.into(), label_id: other.get(), share: *share },
            ),
        })
        .unzip();
    pb::LabelQuality { accuracy: quality.accuracy.unwrap_or(0.0), advice: sentences, reasons }
}

pub(super) fn change(change: Change) -> pb::Change {
    let kind = match change.kind {
        ChangeKind::CreateLabel => pb::ChangeKind::CreateLabel,
        ChangeKind::UpdateLabel => pb::ChangeKind::UpdateLabel,
        ChangeKind::DeleteLabel => pb::ChangeKind::DeleteLabel,
        ChangeKind::AddSamples => pb::ChangeKind::AddSamples,
        ChangeKind::MoveSample => pb::ChangeKind::MoveSample,
        ChangeKind::DeleteSample => pb::ChangeKind::DeleteSample,
        ChangeKind::Import => pb::ChangeKind::Import,
        ChangeKind::Undo => pb::ChangeKind::Undo,
    };
    pb::Change {
        id: change.id,
        at: Some(change.at.into()),
        kind: kind.into(),
        summary: change.summary,
        undone_by: change.undone_by.unwrap_or(0),
        undoable: change.undoable,
    }
}

pub(super) fn recognition(recognition: &Recognition, galleries: &Galleries) -> pb::Recognition {
    let name = |id: LabelId| galleries.label(id).map_or_else(String::new, |label| label.name);
    let (outcome, label) = match recognition.outcome {
        Outcome::Known(label) => (pb::Outcome::Known, Some(label)),
        Outcome::Background(label) => (pb::Outcome::Background, Some(label)),
        Outcome::Unknown => (pb::Outcome::Unknown, None),
        Outcome::Untrained => (pb::Outcome::Untrained, None),
    };
    let candidates = recognition.candidates.iter().map(|candidate| pb::Candidate {
        label_id: candidate.label.get(),
        label_name: name(candidate.label),
        score: candidate.score,
        nearest_sample_id: candidate.nearest_sample.get(),
        nearest_similarity: candidate.similarity,
    });
    pb::Recognition {
        outcome: outcome.into(),
        label_id: label.map_or(0, LabelId::get),
        label_name: label.map_or_else(String::new, name),
        confidence: recognition.confidence,
        candidates: candidates.collect(),
        nearest_sample_id: recognition.nearest_sample.map_or(0, SampleId::get),
        threshold: recognition.threshold,
    }
}

pub(super) fn recommendations(found: Recommendations, limit: usize) -> pb::Recommendations {
    pb::Recommendations {
        items: found.items.into_iter().take(limit).map(card).collect(),
        provider: found.provider.to_owned(),
        freshness: match found.freshness {
            Freshness::Fresh => pb::Freshness::Fresh,
            Freshness::Stale => pb::Freshness::Stale,
            Freshness::None => pb::Freshness::None,
        }
        .into(),
        fetched_at: found.fetched_at.map(Into::into),
    }
}

fn card(card: ProductCard) -> pb::ProductCard {
    pb::ProductCard {
        product_id: card.product.id,
        product_origin: card.product.origin,
        name: card.name,
        image_url: card
            .picture
            .map_or_else(String::new, |source| format!("/pictures/{}", pictures::id(&source))),
        target_url: card.target_url,
        price: card.price,
        currency: card.currency,
        score: card.score,
    }
}

pub(super) fn mirror_state(state: Option<State>) -> pb::MirrorState {
    match state {
        Some(State::Idle) => pb::MirrorState::Idle,
        Some(State::Looking) => pb::MirrorState::Looking,
        Some(State::Recognised(_)) => pb::MirrorState::Recognised,
        Some(State::Teaching) => pb::MirrorState::Teaching,
        None => pb::MirrorState::Degraded,
    }
}

pub(super) fn degradation(degradation: &Degradation) -> pb::Degradation {
    let component = match degradation.component {
        Component::Inference => pb::Component::Inference,
        Component::Camera => pb::Component::Camera,
        Component::Accelerator => pb::Component::Accelerator,
        Component::Provider => pb::Component::Provider,
        Component::Database => pb::Component::Database,
        Component::Gallery => pb::Component::Gallery,
    };
    pb::Degradation {
        component: component.into(),
        message: degradation.message.clone(),
        since: Some(degradation.since.into()),
    }
}
