//! What a screen should show, from the consensus and whether anything moves.

use std::time::{Duration, Instant};

use super::gallery::LabelId;
use super::verdict::{Outcome, Recognition};

/// The mean change of brightness from which something moves before the mirror.
/// The noise of a still camera stays below half of it.
const MOVING: f32 = 0.012;

/// How long after the last movement somebody is taken to be there.
const PRESENT: Duration = Duration::from_millis(1500);

/// The mirror's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody and nothing in view.
    Idle,
    /// Something in view that is not recognised (yet).
    Looking,
    /// This label is in view.
    Recognised(LabelId),
}

/// Follows the frames.
#[derive(Debug, Default)]
pub struct Mirror {
    moved: Option<Instant>,
}

impl Mirror {
    /// The state after the frame of this moment.
    pub fn push(&mut self, at: Instant, consensus: &Recognition, motion: f32) -> State {
        if motion >= MOVING {
            self.moved = Some(at);
        }
        let present = self.moved.is_some_and(|moved| at.duration_since(moved) < PRESENT);
        match consensus.outcome {
            Outcome::Known(label) => State::Recognised(label),
            Outcome::Background(_) => State::Idle,
            Outcome::Unknown | Outcome::Untrained if present => State::Looking,
            Outcome::Unknown | Outcome::Untrained => State::Idle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(outcome: Outcome) -> Recognition {
        Recognition { outcome, ..Recognition::untrained() }
    }

    #[test]
    fn a_still_unknown_scene_is_idle_and_a_moving_one_is_looked_at() {
        let (mut mirror, start) = (Mirror::default(), Instant::now());
        let unknown = answer(Outcome::Unknown);
        let second = Duration::from_secs(1);
        assert_eq!(mirror.push(start, &unknown, 0.001), State::Idle);
        assert_eq!(mirror.push(start + second, &unknown, 0.1), State::Looking);
        assert_eq!(mirror.push(start + 2 * second, &unknown, 0.001), State::Looking);
        assert_eq!(mirror.push(start + 3 * second, &unknown, 0.001), State::Idle);
    }

    #[test]
    fn a_product_held_still_stays_recognised_and_background_is_idle() {
        let (mut mirror, start) = (Mirror::default(), Instant::now());
        let label = LabelId::new(7).unwrap();
        assert_eq!(mirror.push(start, &answer(Outcome::Known(label)), 0.0), State::Recognised(label));
        assert_eq!(mirror.push(start, &answer(Outcome::Background(label)), 0.5), State::Idle);
    }
}
