//! What was taught.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use mirror_proto::recommender::v1 as pb;
use serde::Serialize;

use super::{Recognition, all, rfc3339, short};

#[derive(Debug, Serialize)]
pub(crate) struct Label {
    id: i64,
    name: String,
    kind: &'static str,
    product_id: String,
    sample_count: u32,
    quality: Option<LabelQuality>,
    ignored_sample_count: u32,
    product_origin: String,
}

#[derive(Debug, Serialize)]
struct LabelQuality {
    accuracy: f32,
    advice: Vec<String>,
    reasons: Vec<Advice>,
}

#[derive(Debug, Serialize)]
struct Advice {
    kind: &'static str,
    label_id: i64,
    share: f32,
}

/// Without its picture, which is asked for by itself.
#[derive(Debug, Serialize)]
pub(crate) struct Sample {
    id: i64,
    label_id: i64,
    created_at: Option<String>,
    ignored: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct CaptureProgress {
    captured: u32,
    skipped_blurred: u32,
    skipped_similar: u32,
    sample: Option<Sample>,
    message: String,
}

/// A `verdict` event.
#[derive(Debug, Serialize)]
pub(crate) struct Verdict {
    id: i64,
    captured_at: Option<String>,
    recognition: Option<Recognition>,
    /// A JPEG in base64.
    picture: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Change {
    id: i64,
    at: Option<String>,
    kind: &'static str,
    summary: String,
    undone_by: i64,
    undoable: bool,
}

/// PurgeDeletedResponse.
#[derive(Debug, Serialize)]
pub(crate) struct Purged {
    purged_labels: u32,
    purged_samples: u32,
}

/// ImportDatasetResponse.
#[derive(Debug, Serialize)]
pub(crate) struct Imported {
    added_labels: u32,
    added_samples: u32,
    known_samples: u32,
    pending_samples: u32,
    ignored_samples: u32,
}

/// EvaluateDatasetResponse.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluation {
    accuracy: f32,
    confusions: Vec<Confusion>,
    advice: Vec<LabelAdvice>,
    evaluated_samples: u32,
    threshold: f32,
    false_reject_rate: f32,
    look_alike_accept_rate: f32,
}

#[derive(Debug, Serialize)]
struct Confusion {
    label_id: i64,
    recognised_label_id: i64,
    count: u32,
}

#[derive(Debug, Serialize)]
struct LabelAdvice {
    label_id: i64,
    quality: Option<LabelQuality>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Gallery {
    model_id: String,
    model_fingerprint: String,
    dimensions: u32,
    labels: u32,
    samples: u32,
    ignored_samples: u32,
    pending_samples: u32,
    metric_current: bool,
}

impl From<pb::Label> for Label {
    fn from(label: pb::Label) -> Self {
        Self {
            kind: short(label.kind().as_str_name(), "LABEL_KIND_"),
            id: label.id,
            name: label.name,
            product_id: label.product_id,
            sample_count: label.sample_count,
            quality: label.quality.map(LabelQuality::from),
            ignored_sample_count: label.ignored_sample_count,
            product_origin: label.product_origin,
        }
    }
}

impl From<pb::LabelQuality> for LabelQuality {
    fn from(quality: pb::LabelQuality) -> Self {
        Self { accuracy: quality.accuracy, advice: quality.advice, reasons: all(quality.reasons) }
    }
}

impl From<pb::Advice> for Advice {
    fn from(advice: pb::Advice) -> Self {
        let kind = short(advice.kind().as_str_name(), "ADVICE_KIND_");
        Self { kind, label_id: advice.label_id, share: advice.share }
    }
}

impl From<pb::Sample> for Sample {
    fn from(sample: pb::Sample) -> Self {
        let created_at = sample.created_at.map(rfc3339);
        Self { id: sample.id, label_id: sample.label_id, created_at, ignored: sample.ignored }
    }
}

impl From<pb::CaptureProgress> for CaptureProgress {
    fn from(progress: pb::CaptureProgress) -> Self {
        Self {
            captured: progress.captured,
            skipped_blurred: progress.skipped_blurred,
            skipped_similar: progress.skipped_similar,
            sample: progress.sample.map(Sample::from),
            message: progress.message,
        }
    }
}

impl From<pb::Verdict> for Verdict {
    fn from(verdict: pb::Verdict) -> Self {
        Self {
            id: verdict.id,
            captured_at: verdict.captured_at.map(rfc3339),
            recognition: verdict.recognition.map(Recognition::from),
            picture: BASE64.encode(&verdict.picture),
        }
    }
}

impl From<pb::Change> for Change {
    fn from(change: pb::Change) -> Self {
        Self {
            kind: short(change.kind().as_str_name(), "CHANGE_KIND_"),
            id: change.id,
            at: change.at.map(rfc3339),
            summary: change.summary,
            undone_by: change.undone_by,
            undoable: change.undoable,
        }
    }
}

impl From<pb::PurgeDeletedResponse> for Purged {
    fn from(purged: pb::PurgeDeletedResponse) -> Self {
        Self { purged_labels: purged.purged_labels, purged_samples: purged.purged_samples }
    }
}

impl From<pb::ImportDatasetResponse> for Imported {
    fn from(imported: pb::ImportDatasetResponse) -> Self {
        Self {
            added_labels: imported.added_labels,
            added_samples: imported.added_samples,
            known_samples: imported.known_samples,
            pending_samples: imported.pending_samples,
            ignored_samples: imported.ignored_samples,
        }
    }
}

impl From<pb::EvaluateDatasetResponse> for Evaluation {
    fn from(found: pb::EvaluateDatasetResponse) -> Self {
        Self {
            accuracy: found.accuracy,
            confusions: all(found.confusions),
            advice: all(found.advice),
            evaluated_samples: found.evaluated_samples,
            threshold: found.threshold,
            false_reject_rate: found.false_reject_rate,
            look_alike_accept_rate: found.look_alike_accept_rate,
        }
    }
}

impl From<pb::Confusion> for Confusion {
    fn from(confusion: pb::Confusion) -> Self {
        Self {
            label_id: confusion.label_id,
            recognised_label_id: confusion.recognised_label_id,
            count: confusion.count,
        }
    }
}

impl From<pb::LabelAdvice> for LabelAdvice {
    fn from(advice: pb::LabelAdvice) -> Self {
        Self { label_id: advice.label_id, quality: advice.quality.map(LabelQuality::from) }
    }
}

impl From<pb::Gallery> for Gallery {
    fn from(gallery: pb::Gallery) -> Self {
        Self {
            model_id: gallery.model_id,
            model_fingerprint: gallery.model_fingerprint,
            dimensions: gallery.dimensions,
            labels: gallery.labels,
            samples: gallery.samples,
            ignored_samples: gallery.ignored_samples,
            pending_samples: gallery.pending_samples,
            metric_current: gallery.metric_current,
        }
    }
}
