//! How well each label does, from its samples judged without themselves, and
//! what would make it better.

use std::collections::BTreeMap;

use super::calibration::Calibration;
use super::features::features;
use super::gallery::{Gallery, LabelId};
use super::learning::CrossVerdict;

/// A label with fewer samples needs more.
const ENOUGH_SAMPLES: usize = 5;

/// Mean similarity between a label's samples from which they are nearly alike:
/// pictures from one position and in one light have more.
const ALIKE: f64 = 0.93;

/// The share of a label's samples taken for another from which that is told.
const CONFUSED_FROM: f32 = 0.1;

/// See the module's text.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// How many samples were judged; the only one of its label can't be.
    pub judged: usize,
    /// Share of them whose best label was their own, 0 to 1; 0 when there are
    /// none.
    pub accuracy: f32,
    /// Share of them below the threshold, 0 to 1.
    pub false_rejects: f32,
    /// Share of them that would be taken for another label if their own were not
    /// taught, 0 to 1.
    pub look_alike_accepts: f32,
    /// For each label with samples.
    pub labels: BTreeMap<LabelId, Quality>,
    /// How many samples of one label were taken for another: (label, taken for).
    pub confusions: BTreeMap<(LabelId, LabelId), u32>,
}

/// How well a label does.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// Share of its samples whose best label was it, 0 to 1; `None` when it has
    /// too few to say.
    pub accuracy: Option<f32>,
    /// What would make it better.
    pub advice: Vec<Advice>,
}

/// What would make a label better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advice {
    /// It has few samples.
    MoreSamples,
    /// Its samples are nearly alike.
    MoreVariety,
    /// This share of its samples is taken for that label.
    ConfusedWith(LabelId, f32),
}

impl Evaluation {
    pub(super) fn new(
        gallery: &Gallery,
        ids: &[LabelId],
        verdicts: &[CrossVerdict],
        calibration: &Calibration,
    ) -> Self {
        let mut counts: BTreeMap<LabelId, (u32, u32)> = BTreeMap::new();
        let mut confusions: BTreeMap<(LabelId, LabelId), u32> = BTreeMap::new();
        for verdict in verdicts {
            let (label, best) = (ids[verdict.label], ids[verdict.best]);
            let (judged, right) = counts.entry(label).or_default();
            *judged += 1;
            if label == best {
                *right += 1;
            } else {
                *confusions.entry((label, best)).or_default() += 1;
            }
        }
        let alike = alike(gallery);
        let labels = ids.iter().map(|id| {
            let (judged, right) = counts.get(id).copied().unwrap_or_default();
            let accuracy = (judged > 0).then(|| right as f32 / judged as f32);
            let mut advice = Vec::new();
            if gallery.sample_count(*id) < ENOUGH_SAMPLES {
                advice.push(Advice::MoreSamples);
            } else if alike.get(id).is_some_and(|alike| *alike > ALIKE) {
                advice.push(Advice::MoreVariety);
            }
            let confused = confusions.range((*id, LabelId::MIN)..).take_while(|((label, _), _)| label == id);
            let mut confused: Vec<_> =
                confused.map(|((_, other), count)| (*other, *count as f32 / judged as f32)).collect();
            confused.sort_by(|a, b| b.1.total_cmp(&a.1));
            let confused = confused.into_iter().filter(|(_, share)| *share >= CONFUSED_FROM);
            advice.extend(confused.map(|(other, share)| Advice::ConfusedWith(other, share)));
            (*id, Quality { accuracy, advice })
        });
        let share = |count: usize| count as f32 / verdicts.len().max(1) as f32;
        let below = |verdict: &&CrossVerdict| {
            calibration.given_related(verdict.judged.scores) < calibration.threshold
        };
        let accepted = |verdict: &&CrossVerdict| {
            verdict.judged.stranger.is_some_and(|s| calibration.given_related(s) >= calibration.threshold)
        };
        Self {
            judged: verdicts.len(),
            accuracy: share(verdicts.iter().filter(|verdict| verdict.judged.right).count()),
            false_rejects: share(verdicts.iter().filter(below).count()),
            look_alike_accepts: share(verdicts.iter().filter(accepted).count()),
            labels: labels.collect(),
            confusions,
        }
    }
}

/// For each label, the mean cosine similarity between the features of its samples.
fn alike(gallery: &Gallery) -> BTreeMap<LabelId, f64> {
    let mut sums: BTreeMap<LabelId, (Vec<f64>, f64)> = BTreeMap::new();
    for row in gallery.rows_by_number() {
        let features = features(gallery.embedding(row));
        let (sum, count) =
            sums.entry(gallery.label_of(row)).or_insert_with(|| (vec![0.0; features.len()], 0.0));
        sum.iter_mut().zip(features).for_each(|(sum, value)| *sum += f64::from(value));
        *count += 1.0;
    }
    let mean = |(sum, count): (Vec<f64>, f64)| {
        let squared: f64 = sum.iter().map(|value| value * value).sum();
        (squared - count) / (count * (count - 1.0)).max(1.0)
    };
    sums.into_iter().map(|(label, sum)| (label, mean(sum))).collect()
}
