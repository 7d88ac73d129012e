//! Calibration: from scores to the probability that the best label is right,
//! and from what probability on it is said.
//!
//! The confidence is a product of three probabilities:
//!
//! 1. that the picture shows anything like what was taught at all, from its
//!    plain similarity with the closest sample. What unrelated pictures look
//!    like to the network is known from its probes, so this also holds for a
//!    single label;
//! 2. that its label is among those taught, from the score of the best label.
//!    Examples against it are the samples themselves, each without its label:
//!    look-alikes;
//! 3. that the best label is the right one of those taught, from its score and
//!    its margin to the runner-up.
//!
//! The last two are learnt from samples that were judged without themselves and
//! those most like them (see [`super::learning`]).

use super::logistic::{Example, Logistic, sigmoid};

/// How far above the mean similarity between probes that of unrelated
/// photographs with their closest sample stays, 99 times in 100: with four
/// networks 0.02 to 0.08; see `docs/decisions/0014-rejection.md`.
const ABOVE_UNRELATED: f64 = 0.06;

/// Without probes: that of the network to which all pictures look most alike.
const WITHOUT_PROBES: f64 = 0.65;

/// Width of the passage from unrelated to related, in cosine similarity.
const SOFTNESS: f64 = 0.015;

/// How many look-alikes that were never taught are expected for each product
/// that was.
const LOOK_ALIKES: f64 = 0.03;

/// What taking a look-alike for a product costs, when not knowing a product
/// costs 1.
const COST_OF_LOOK_ALIKE: f64 = 0.05;

/// Below this confidence nothing is ever said.
const LEAST_THRESHOLD: f64 = 0.1;

/// The share of the threshold against look-alikes that is asked for: a picture of
/// another day is less like the gallery than its own parts are like one another.
const ANOTHER_DAY: f64 = 0.5;

/// A runner-up's distance when there is none.
const NO_RUNNER_UP: f32 = 0.3;

/// What is taken for granted before there is anything to learn from, and how
/// firmly (as precisions).
const KNOWN_PRIOR: (Logistic<2>, [f64; 2]) = (Logistic { weights: [0.0, 12.0] }, [0.3, 0.05]);
const RIGHT_PRIOR: (Logistic<3>, [f64; 3]) = (Logistic { weights: [-2.2, 5.5, 27.0] }, [0.3, 0.1, 0.01]);

/// How a picture compares with the labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// The best label's cosine under the metric.
    pub best: f32,
    /// Its distance to the second best.
    pub margin: f32,
}

impl Scores {
    /// From the best two scores; `None` for no second label.
    #[must_use]
    pub fn new(best: f32, second: Option<f32>) -> Self {
        Self { best, margin: second.map_or(NO_RUNNER_UP, |second| best - second) }
    }
}

/// A stored sample, judged without itself.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// Against all labels.
    pub scores: Scores,
    /// Whether the best label was its own.
    pub right: bool,
    /// Against all labels but its own: as a look-alike that was not taught.
    pub stranger: Option<Scores>,
}

/// See the module's text.
#[derive(Clone, Copy, Debug)]
pub struct Calibration {
    related_from: f64,
    known: Logistic<2>,
    right: Logistic<3>,
    /// Whether there is more than one label to compare.
    compares: bool,
    /// The least confidence with which a label is said, 0 to 1.
    pub threshold: f64,
}

impl Calibration {
    /// Learns from judged samples. `unrelated` is the mean cosine similarity
    /// between the network's probes, if it is known, and `probes` are their
    /// scores with this gallery; `false_accept_rate` (above 0, below 1) is the
    /// share of unrelated pictures that may be taken for a label.
    #[must_use]
    pub fn fit(
        judged: &[Judged],
        labels: usize,
        unrelated: Option<f64>,
        probes: &[Scores],
        false_accept_rate: f64,
    ) -> Self {
        let strictness = ((1.0 - false_accept_rate) / false_accept_rate).ln() - 99.0_f64.ln();
        let related_from =
            unrelated.map_or(WITHOUT_PROBES, |mean| mean + ABOVE_UNRELATED) + SOFTNESS * strictness;
        let known = judged.iter().map(|j| example(known_inputs(j.scores), true, 1.0));
        let strangers = judged.iter().filter_map(|j| j.stranger);
        let strange = strangers.clone().map(|scores| example(known_inputs(scores), false, LOOK_ALIKES));
        let known = Logistic::fit(&known.chain(strange).collect::<Vec<_>>(), KNOWN_PRIOR.0, KNOWN_PRIOR.1);
        let right: Vec<_> = judged.iter().map(|j| example(right_inputs(j.scores), j.right, 1.0)).collect();
        let right = Logistic::fit(&right, RIGHT_PRIOR.0, RIGHT_PRIOR.1);
        let mut calibration = Self { related_from, known, right, compares: labels > 1, threshold: 0.5 };
        if calibration.compares {
            // An unrelated picture as similar as one in a hundred is.
            let unrelated = probes.iter().map(|scores| 0.5 * calibration.given_related(*scores));
            let unrelated = unrelated.fold(0.0, f64::max);
            let own: Vec<_> = judged.iter().map(|j| calibration.given_related(j.scores)).collect();
            let strange: Vec<_> = strangers.map(|scores| calibration.given_related(scores)).collect();
            calibration.threshold = LEAST_THRESHOLD
                .max(unrelated)
                .max(ANOTHER_DAY * cheapest_threshold(own, strange, false_accept_rate));
        }
        calibration
    }

    /// The probability that the best label is right, 0 to 1; `similarity` is the
    /// plain cosine similarity with the best label's closest sample.
    #[must_use]
    pub fn confidence(&self, scores: Scores, similarity: f32) -> f64 {
        let related = sigmoid((f64::from(similarity) - self.related_from) / SOFTNESS);
        if self.compares { related * self.given_related(scores) } else { related }
    }

    /// The same for a picture that is known to be related.
    #[must_use]
    pub fn given_related(&self, scores: Scores) -> f64 {
        self.known.probability(known_inputs(scores)) * self.right.probability(right_inputs(scores))
    }
}

/// The threshold that costs least: `own` are confidences in pictures of what was
/// taught, of which those below it are lost, and `strange` those in look-alikes,
/// of which those above it are taken for what they aren't. No higher than what keeps all but
/// `false_accept_rate` of the look-alikes out.
fn cheapest_threshold(mut own: Vec<f64>, mut strange: Vec<f64>, false_accept_rate: f64) -> f64 {
    if own.is_empty() || strange.is_empty() {
        return 0.0;
    }
    own.sort_by(f64::total_cmp);
    strange.sort_by(f64::total_cmp);
    let kept_out = ((1.0 - false_accept_rate) * (strange.len() - 1) as f64).round() as usize;
    let most = strange[kept_out];
    let cost = |threshold: f64| {
        let lost = own.partition_point(|c| *c < threshold) as f64 / own.len() as f64;
        let let_in = 1.0 - strange.partition_point(|c| *c < threshold) as f64 / strange.len() as f64;
        lost + COST_OF_LOOK_ALIKE * let_in
    };
    // Just above a look-alike is where anything changes for the better.
    let choices = strange.iter().map(|c| c.next_up()).filter(|c| *c <= most.next_up());
    let best = choices.fold((0.0, cost(0.0)), |best, threshold| {
        let cost = cost(threshold);
        if cost < best.1 { (threshold, cost) } else { best }
    });
    best.0
}

fn example<const N: usize>(inputs: [f64; N], holds: bool, weight: f64) -> Example<N> {
    Example { inputs, holds, weight }
}

fn known_inputs(scores: Scores) -> [f64; 2] {
    [1.0, f64::from(scores.best)]
}

fn right_inputs(scores: Scores) -> [f64; 3] {
    [1.0, f64::from(scores.best), f64::from(scores.margin)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(best: f32, margin: f32, right: bool, stranger: f32) -> Judged {
        let stranger = Some(Scores { best: stranger, margin: 0.05 });
        Judged { scores: Scores { best, margin }, right, stranger }
    }

    /// `share` of them right at a margin of 0.05, all at 0.3.
    fn gallery(share: f32, stranger: f32) -> Vec<Judged> {
        (0..200)
            .map(|i| {
                let close = i % 2 == 0;
                let right = !close || (i as f32 * 0.618).fract() < share;
                let wobble = 0.1 * (i as f32 * 0.37).fract();
                judged(0.7 + wobble, if close { 0.05 } else { 0.3 }, right, stranger + wobble)
            })
            .collect()
    }

    #[test]
    fn confidence_is_the_share_that_was_right() {
        let calibration = Calibration::fit(&gallery(0.6, 0.2), 5, Some(0.4), &[], 0.01);
        let close = calibration.confidence(Scores { best: 0.75, margin: 0.05 }, 0.95);
        let far = calibration.confidence(Scores { best: 0.75, margin: 0.3 }, 0.95);
        assert!((0.5..0.7).contains(&close), "{close}");
        assert!(far > 0.93, "{far}");
    }

    #[test]
    fn look_alikes_that_can_be_told_are_kept_out_and_others_cost_nothing() {
        let apart = Calibration::fit(&gallery(1.0, -0.3), 5, Some(0.4), &[], 0.01);
        let look_alike = apart.given_related(Scores { best: -0.25, margin: 0.05 });
        assert!(look_alike < apart.threshold, "{look_alike} {}", apart.threshold);
        assert!(apart.given_related(Scores { best: 0.72, margin: 0.05 }) > apart.threshold);
        let alike = Calibration::fit(&gallery(1.0, 0.72), 5, Some(0.4), &[], 0.01);
        assert!(alike.given_related(Scores { best: 0.72, margin: 0.05 }) > alike.threshold);
    }

    #[test]
    fn an_unrelated_picture_is_unknown_also_to_a_single_label() {
        let one = Calibration::fit(&[], 1, Some(0.42), &[], 0.01);
        let scores = Scores::new(0.9, None);
        assert!(one.confidence(scores, 0.45) < one.threshold);
        assert!(one.confidence(scores, 0.6) > one.threshold);
    }

    #[test]
    fn a_lower_false_accept_rate_asks_for_more() {
        let rates = [0.05, 0.01, 0.001];
        let confidences = rates.map(|rate| {
            Calibration::fit(&[], 1, Some(0.42), &[], rate).confidence(Scores::new(0.9, None), 0.5)
        });
        assert!(confidences.is_sorted_by(|a, b| a > b), "{confidences:?}");
    }

    #[test]
    fn without_anything_to_learn_from_a_clear_picture_is_known() {
        let calibration = Calibration::fit(&[], 3, None, &[], 0.01);
        assert!(calibration.threshold >= LEAST_THRESHOLD);
        assert!(calibration.confidence(Scores { best: 0.6, margin: 0.3 }, 0.85) > 0.9);
        assert!(calibration.confidence(Scores { best: 0.1, margin: 0.01 }, 0.3) < 0.01);
    }
}
