//! What a screen should show, from the consensus and whether anything moves.

use std::time::{Duration, Instant};

use super::gallery::LabelId;
use super::verdict::Outcome;

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
    /// The state after the frame of this moment, from the consensus, the
    /// frame's own verdict and its motion.
    pub fn push(&mut self, at: Instant, consensus: Outcome, verdict: Outcome, motion: f32) -> State {
        if motion >= MOVING {
            self.moved = Some(at);
        }
        let present = self.moved.is_some_and(|moved| at.duration_since(moved) < PRESENT);
        match (consensus, verdict) {
            (Outcome::Known(label), _) => State::Recognised(label),
            // What moves there is background itself: a curtain, passers-by.
            (_, Outcome::Background(_)) => State::Idle,
            _ if present => State::Looking,
            _ => State::Idle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_still_unknown_scene_is_idle_and_a_moving_one_is_looked_at() {
        let (mut mirror, start) = (Mirror::default(), Instant::now());
        let mut unknown = |at, motion| mirror.push(at, Outcome::Unknown, Outcome::Unknown, motion);
        assert_eq!(unknown(start, 0.001), State::Idle);
        assert_eq!(unknown(start + SECOND, 0.1), State::Looking);
        assert_eq!(unknown(start + 2 * SECOND, 0.001), State::Looking);
        assert_eq!(unknown(start + 3 * SECOND, 0.001), State::Idle);
    }

    #[test]
    fn a_product_held_still_stays_recognised() {
        let label = LabelId::new(7).unwrap();
        let state = Mirror::default().push(Instant::now(), Outcome::Known(label), Outcome::Unknown, 0.0);
        assert_eq!(state, State::Recognised(label));
    }

    #[test]
    fn moving_background_is_idle_and_what_comes_before_it_is_looked_at() {
        let (mut mirror, start) = (Mirror::default(), Instant::now());
        let background = Outcome::Background(LabelId::new(1).unwrap());
        assert_eq!(mirror.push(start, background, background, 0.5), State::Idle);
        assert_eq!(mirror.push(start, background, Outcome::Unknown, 0.5), State::Looking);
        let product = Outcome::Known(LabelId::new(2).unwrap());
        assert_eq!(mirror.push(start + SECOND, background, product, 0.0), State::Looking);
    }
}
