//! The consensus: the answer over the last frames, which doesn't flicker.
//!
//! All rules are in time, not in frames, so that they mean the same at 5 and at
//! 30 frames a second. An answer is entered when most verdicts of the last
//! moments agree on it and have done so for a while; it is left when it hasn't
//! been seen for a while, or when another one is entered.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::verdict::{Outcome, Recognition};

/// How the consensus is found.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How far back verdicts count.
    pub window: Duration,
    /// Share of the window's verdicts that have to agree.
    pub share: f32,
    /// How long an answer has to have been there before it is entered.
    pub enter: Duration,
    /// How long a product may be out of sight before it is left.
    pub leave: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: Duration::from_millis(700),
            share: 0.6,
            enter: Duration::from_millis(300),
            leave: Duration::from_millis(800),
        }
    }
}

/// See the module's text.
#[derive(Debug)]
pub struct Consensus {
    settings: Settings,
    verdicts: VecDeque<(Instant, Outcome)>,
    /// The answer, and when a verdict last agreed with it.
    stable: Option<(Recognition, Instant)>,
}

impl Consensus {
    /// Without an answer yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, verdicts: VecDeque::new(), stable: None }
    }

    /// Takes the verdict for the frame of this moment into account; the answer
    /// is the consensus. A product is only entered while `may_enter`.
    pub fn push(&mut self, at: Instant, verdict: &Recognition, may_enter: bool) -> Recognition {
        self.verdicts.push_back((at, verdict.outcome));
        while self.verdicts.front().is_some_and(|(then, _)| at.duration_since(*then) > self.settings.window) {
            self.verdicts.pop_front();
        }
        let may_enter = may_enter || !matches!(verdict.outcome, Outcome::Known(_));
        if self.stable.as_ref().is_some_and(|(stable, _)| stable.outcome == verdict.outcome)
            || (may_enter && self.agrees(at, verdict.outcome))
        {
            self.stable = Some((verdict.clone(), at));
        } else if self.stable.as_ref().is_some_and(|(_, seen)| at.duration_since(*seen) > self.settings.leave)
        {
            self.stable = None;
        }
        self.stable.as_ref().map_or_else(|| undecided(verdict), |(stable, _)| stable.clone())
    }

    /// Forgets everything: the frames that follow are of another place.
    pub fn reset(&mut self) {
        self.verdicts.clear();
        self.stable = None;
    }

    fn agrees(&self, at: Instant, outcome: Outcome) -> bool {
        let mut agreeing = self.verdicts.iter().filter(|(_, other)| *other == outcome);
        let Some((first, _)) = agreeing.next() else { return false };
        let share = (1 + agreeing.count()) as f32 / self.verdicts.len() as f32;
        at.duration_since(*first) >= self.settings.enter && share >= self.settings.share
    }
}

/// Between answers: what is in view is not known yet.
fn undecided(verdict: &Recognition) -> Recognition {
    let outcome = match verdict.outcome {
        Outcome::Untrained => Outcome::Untrained,
        _ => Outcome::Unknown,
    };
    Recognition { outcome, ..verdict.clone() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::gallery::LabelId;
    use super::*;

    fn known(id: i64) -> Outcome {
        Outcome::Known(LabelId::new(id).unwrap())
    }

    fn verdict(outcome: Outcome) -> Recognition {
        Recognition { outcome, confidence: 0.9, threshold: 0.5, candidates: Vec::new(), nearest_sample: None }
    }

    /// The consensus after each of `outcomes`, seen at `fps`.
    fn play(fps: u32, outcomes: impl IntoIterator<Item = Outcome>) -> Vec<Outcome> {
        let mut consensus = Consensus::new(Settings::default());
        let start = Instant::now();
        outcomes
            .into_iter()
            .enumerate()
            .map(|(i, outcome)| {
                let at = start + Duration::from_secs(1) * u32::try_from(i).unwrap() / fps;
                consensus.push(at, &verdict(outcome), true).outcome
            })
            .collect()
    }

    fn seconds(fps: u32, seconds: f32, outcome: Outcome) -> Vec<Outcome> {
        vec![outcome; (fps as f32 * seconds).round() as usize]
    }

    #[test]
    fn a_product_is_entered_within_half_a_second_at_any_rate() {
        for fps in [5, 10, 30, 60] {
            let answers =
                play(fps, [seconds(fps, 2.0, Outcome::Unknown), seconds(fps, 1.0, known(1))].concat());
            let entered = answers.iter().position(|answer| *answer == known(1)).unwrap();
            let after = entered as f32 / fps as f32 - 2.0;
            assert!((0.25..=0.7).contains(&after), "{after} s at {fps} fps");
        }
    }

    #[test]
    fn a_product_is_left_after_it_is_gone() {
        let answers = play(10, [seconds(10, 2.0, known(1)), seconds(10, 2.0, Outcome::Unknown)].concat());
        assert_eq!(answers[19], known(1));
        assert_eq!(answers[39], Outcome::Unknown);
    }

    #[test]
    fn a_product_that_may_not_enter_is_left_out_and_one_that_did_stays() {
        let (mut consensus, start) = (Consensus::new(Settings::default()), Instant::now());
        let mut push = |millis, may_enter| {
            let at = start + Duration::from_millis(millis);
            consensus.push(at, &verdict(known(1)), may_enter).outcome
        };
        assert!((0..10).all(|i| push(100 * i, false) == Outcome::Unknown));
        assert_eq!(push(1000, true), known(1));
        assert!((11..40).all(|i| push(100 * i, false) == known(1)));
    }

    #[test]
    fn single_wrong_frames_change_nothing() {
        let outcomes = (0..50).map(|i| if i % 5 == 4 { known(2) } else { known(1) });
        let answers = play(10, outcomes);
        assert!(answers[10..].iter().all(|answer| *answer == known(1)));
    }

    #[test]
    fn one_product_after_another_changes_over_directly() {
        let answers = play(10, [seconds(10, 2.0, known(1)), seconds(10, 2.0, known(2))].concat());
        let mut changes: Vec<_> = answers[5..].to_vec();
        changes.dedup();
        assert_eq!(changes, [known(1), known(2)]);
    }

    proptest! {
        /// What the frames never said is never the answer.
        #[test]
        fn no_label_comes_from_nowhere(labels in proptest::collection::vec(0..4_i64, 1..80), fps in 2..60_u32) {
            let outcomes: Vec<_> = labels.iter().map(|l| if *l == 0 { Outcome::Unknown } else { known(*l) }).collect();
            for (i, answer) in play(fps, outcomes.clone()).iter().enumerate() {
                prop_assert!(*answer == Outcome::Unknown || outcomes[..=i].contains(answer));
            }
        }
    }
}
