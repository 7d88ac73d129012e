//! The verdict: the answer for one picture.

use numkong::Dot as _;

use super::calibration::Scores;
use super::embedding::Embedding;
use super::features::features;
use super::gallery::{Gallery, LabelId, LabelKind, SampleId};

/// How many candidates a verdict names.
const CANDIDATES: usize = 5;

/// What kind of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This product label.
    Known(LabelId),
    /// This background label.
    Background(LabelId),
    /// Nothing stored is likely enough.
    Unknown,
    /// Nothing stored to compare with.
    Untrained,
}

impl Outcome {
    /// As metrics have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known(_) => "known",
            Self::Background(_) => "background",
            Self::Unknown => "unknown",
            Self::Untrained => "untrained",
        }
    }
}

/// A label that the picture may show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The label.
    pub label: LabelId,
    /// Cosine with the mean of its samples under the metric, -1 to 1.
    pub score: f32,
    /// Its sample closest to the picture.
    pub nearest_sample: SampleId,
    /// Their plain cosine similarity, -1 to 1.
    pub similarity: f32,
}

/// An answer with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognition {
    /// The answer.
    pub outcome: Outcome,
    /// The probability that the first candidate is what the picture shows, 0 to
    /// 1.
    pub confidence: f32,
    /// The least confidence with which a label is said.
    pub threshold: f32,
    /// The best labels, best first.
    pub candidates: Vec<Candidate>,
    /// The recognised label's closest sample, or the closest of all.
    pub nearest_sample: Option<SampleId>,
}

impl Recognition {
    /// The answer while nothing is stored.
    #[must_use]
    pub fn untrained() -> Self {
        Self {
            outcome: Outcome::Untrained,
            confidence: 0.0,
            threshold: 0.0,
            candidates: Vec::new(),
            nearest_sample: None,
        }
    }
}

/// The label whose samples' mean is closest under the metric, if it is likely
/// enough to be right.
#[must_use]
pub fn recognise(gallery: &Gallery, query: &Embedding) -> Recognition {
    let mut ranked = rank(gallery, query);
    let second = ranked.get(1).map(|(_, score)| *score);
    ranked.truncate(CANDIDATES);
    let scan = gallery.rows().scan(query.values());
    let candidates: Vec<_> = ranked
        .into_iter()
        .filter_map(|(label, score)| {
            let nearest = scan.nearest(1, |row| gallery.label_of(row) == label);
            let nearest = nearest.first()?;
            let nearest_sample = gallery.sample_at(nearest.row);
            Some(Candidate { label, score, nearest_sample, similarity: nearest.similarity })
        })
        .collect();
    let Some(best) = candidates.first() else { return Recognition::untrained() };
    let calibration = gallery.calibration();
    let confidence = calibration.confidence(Scores::new(best.score, second), best.similarity);
    let (outcome, nearest_sample) = if confidence < calibration.threshold {
        let closest = scan.nearest(1, |_| true);
        (Outcome::Unknown, closest.first().map(|hit| gallery.sample_at(hit.row)))
    } else {
        let outcome = match gallery.label(best.label).map(|label| label.kind) {
            Some(LabelKind::Background) => Outcome::Background(best.label),
            _ => Outcome::Known(best.label),
        };
        (outcome, Some(best.nearest_sample))
    };
    Recognition {
        outcome,
        confidence: confidence as f32,
        threshold: calibration.threshold as f32,
        candidates,
        nearest_sample,
    }
}

/// The labels that have samples with their scores, best first; of equal ones the
/// one with the lower number.
fn rank(gallery: &Gallery, query: &Embedding) -> Vec<(LabelId, f32)> {
    let metric = gallery.metric();
    let centred = metric.centre(&features(query.values()));
    let length = metric.length(&centred);
    let score = |covector: &[f32]| f32::dot(covector, &centred).expect("of one length") as f32 / length;
    let mut ranked: Vec<_> = gallery.covectors().map(|(label, covector)| (label, score(covector))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked
}

#[cfg(test)]
mod tests {
    use super::super::gallery::tests::{gallery, label, views};
    use super::*;

    fn query(values: &[f32]) -> Embedding {
        Embedding::new(values.to_vec()).unwrap()
    }

    fn id(id: i64) -> LabelId {
        LabelId::new(id).unwrap()
    }

    #[test]
    fn nothing_stored_is_untrained_also_when_labels_wait_for_samples() {
        let mut gallery = gallery(2, &[]);
        gallery.put_label(label(1, LabelKind::Product));
        assert_eq!(recognise(&gallery, &query(&[1.0, 0.0])), Recognition::untrained());
    }

    #[test]
    fn one_label_does_not_always_win() {
        let gallery = gallery(2, &[(1, 1, &[1.0, 0.0])]);
        assert_eq!(recognise(&gallery, &query(&[0.96, 0.28])).outcome, Outcome::Known(id(1)));
        let unknown = recognise(&gallery, &query(&[0.0, 1.0]));
        assert_eq!(unknown.outcome, Outcome::Unknown);
        assert!(unknown.confidence < unknown.threshold);
        assert_eq!(unknown.candidates.len(), 1, "the evidence is named all the same");
    }

    #[test]
    fn background_is_recognised_as_background() {
        let mut gallery = gallery(2, &[(1, 1, &[1.0, 0.0]), (2, 2, &[0.0, 1.0])]);
        gallery.put_label(label(2, LabelKind::Background));
        assert_eq!(recognise(&gallery, &query(&[0.0, 1.0])).outcome, Outcome::Background(id(2)));
    }

    #[test]
    fn a_new_sample_counts_before_anything_is_learnt_from_it() {
        let mut gallery = gallery(3, &[(1, 1, &[1.0, 0.0, 0.0]), (2, 2, &[0.0, 1.0, 0.0])]);
        gallery.put_label(label(3, LabelKind::Product));
        gallery.add_sample(SampleId::new(3).unwrap(), id(3), &views(&[0.0, 0.0, 1.0]));
        gallery.settle();
        let verdict = recognise(&gallery, &query(&[0.0, 0.0, 1.0]));
        assert_eq!((verdict.outcome, verdict.nearest_sample), (Outcome::Known(id(3)), SampleId::new(3)));
    }

    /// Two thousand labels of one sample, and one label of two thousand.
    #[test]
    fn many_labels_and_unequal_counts_are_recognised() {
        let at = |i: usize, j: usize| {
            let mut values = vec![0.0; 64];
            values[i % 64] = 0.9;
            values[(i / 64 + i % 64 + 1) % 64] = 0.43;
            values[(j + 7) % 64] += 0.08;
            let length = values.iter().map(|v: &f32| v * v).sum::<f32>().sqrt();
            values.iter().map(|v| v / length).collect::<Vec<f32>>()
        };
        let mut points: Vec<(i64, i64, Vec<f32>)> =
            (0..2000).map(|i| (i as i64 + 1, i as i64 + 1, at(i, 0))).collect();
        points.extend((0..2000).map(|j| (3000 + j as i64, 5000, at(2047, j))));
        let samples: Vec<_> = points.iter().map(|(a, b, p)| (*a, *b, p.as_slice())).collect();
        let gallery = gallery(64, &samples);
        for i in [0, 777, 1999] {
            let verdict = recognise(&gallery, &query(&at(i, 0)));
            assert_eq!(verdict.candidates[0].label, id(i as i64 + 1));
        }
        assert_eq!(recognise(&gallery, &query(&at(2047, 3))).candidates[0].label, id(5000));
    }
}
