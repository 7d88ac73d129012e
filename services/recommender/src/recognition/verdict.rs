//! The verdict: the answer for one picture.

use super::embedding::Embedding;
use super::gallery::{Gallery, LabelId, LabelKind, SampleId};
use super::nearest::{Nearest, nearest_per_label};

/// How many candidates a verdict names.
const CANDIDATES: usize = 5;

/// What kind of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This product label.
    Known(LabelId),
    /// This background label.
    Background(LabelId),
    /// Not similar enough to anything stored.
    Unknown,
    /// Nothing stored to compare with.
    Untrained,
}

/// An answer with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognition {
    /// The answer.
    pub outcome: Outcome,
    /// How sure, 0 to 1. A plain map of the similarity, 0.5 at the threshold:
    /// it ranks answers, and is no calibrated probability.
    pub confidence: f32,
    /// The closest labels, best first.
    pub candidates: Vec<Nearest>,
    /// The closest sample of all.
    pub nearest_sample: Option<SampleId>,
}

impl Recognition {
    /// The answer while nothing is stored.
    #[must_use]
    pub fn untrained() -> Self {
        Self { outcome: Outcome::Untrained, confidence: 1.0, candidates: Vec::new(), nearest_sample: None }
    }
}

/// The label of the closest sample, if that is at least `threshold` similar
/// (cosine, 0 to 1).
#[must_use]
pub fn recognise(gallery: &Gallery, query: &Embedding, threshold: f32) -> Recognition {
    let mut candidates = nearest_per_label(gallery, query);
    candidates.truncate(CANDIDATES);
    let Some(best) = candidates.first().copied() else { return Recognition::untrained() };
    let outcome = if best.similarity < threshold {
        Outcome::Unknown
    } else {
        match gallery.label(best.label).map(|label| label.kind) {
            Some(LabelKind::Background) => Outcome::Background(best.label),
            _ => Outcome::Known(best.label),
        }
    };
    Recognition {
        outcome,
        confidence: confidence(best.similarity, threshold),
        nearest_sample: Some(best.sample),
        candidates,
    }
}

fn confidence(similarity: f32, threshold: f32) -> f32 {
    let distance = similarity - threshold;
    let span = if distance >= 0.0 { 1.0 - threshold } else { threshold };
    if span <= 0.0 { 1.0 } else { (0.5 + 0.5 * distance.abs() / span).clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::super::gallery::tests::{gallery, label};
    use super::*;

    fn query(values: &[f32]) -> Embedding {
        Embedding::new(values.to_vec()).unwrap()
    }

    #[test]
    fn nothing_stored_is_untrained_also_when_labels_wait_for_samples() {
        let mut gallery = gallery(2, &[]);
        gallery.put_label(label(1, LabelKind::Product));
        assert_eq!(recognise(&gallery, &query(&[1.0, 0.0]), 0.8), Recognition::untrained());
    }

    #[test]
    fn one_label_does_not_always_win() {
        let gallery = gallery(2, &[(1, 1, &[1.0, 0.0])]);
        let known = recognise(&gallery, &query(&[0.96, 0.28]), 0.8);
        assert_eq!(known.outcome, Outcome::Known(LabelId::new(1).unwrap()));
        let unknown = recognise(&gallery, &query(&[0.0, 1.0]), 0.8);
        assert_eq!(unknown.outcome, Outcome::Unknown);
        assert_eq!(unknown.candidates.len(), 1, "the evidence is named all the same");
    }

    #[test]
    fn background_is_recognised_as_background() {
        let mut gallery = gallery(2, &[(1, 1, &[1.0, 0.0]), (2, 2, &[0.0, 1.0])]);
        gallery.put_label(label(2, LabelKind::Background));
        let verdict = recognise(&gallery, &query(&[0.0, 1.0]), 0.8);
        assert_eq!(verdict.outcome, Outcome::Background(LabelId::new(2).unwrap()));
    }

    #[test]
    fn confidence_grows_with_the_distance_from_the_threshold() {
        assert_eq!(confidence(1.0, 0.8), 1.0);
        assert_eq!(confidence(0.8, 0.8), 0.5);
        assert!(confidence(0.9, 0.8) > confidence(0.85, 0.8));
        assert!(confidence(0.1, 0.8) > confidence(0.7, 0.8));
        assert_eq!(confidence(1.0, 1.0), 1.0);
        assert_eq!(confidence(0.0, 0.0), 0.5);
    }
}
