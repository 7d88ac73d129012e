//! What a screen should show, from the consensus and whether anything moves.

use super::gallery::LabelId;
use super::verdict::Outcome;

/// The mirror's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody and nothing in view.
    Idle,
    /// Something in view that is not recognised (yet).
    Looking,
    /// This label is in view.
    Recognised(LabelId),
    /// Somebody is teaching; nothing is recommended.
    Teaching,
}

impl State {
    /// The state after a frame, from the consensus, the frame's own verdict and
    /// whether something moved a moment ago.
    #[must_use]
    pub fn of(consensus: Outcome, verdict: Outcome, moved: bool) -> Self {
        match (consensus, verdict) {
            (Outcome::Known(label), _) => Self::Recognised(label),
            // What moves there is background itself: a curtain, passers-by.
            (_, Outcome::Background(_)) => Self::Idle,
            _ if moved => Self::Looking,
            _ => Self::Idle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(id: i64) -> LabelId {
        LabelId::new(id).unwrap()
    }

    #[test]
    fn a_still_unknown_scene_is_idle_and_a_moving_one_is_looked_at() {
        assert_eq!(State::of(Outcome::Unknown, Outcome::Unknown, false), State::Idle);
        assert_eq!(State::of(Outcome::Unknown, Outcome::Unknown, true), State::Looking);
    }

    #[test]
    fn a_product_held_still_stays_recognised() {
        let state = State::of(Outcome::Known(label(7)), Outcome::Unknown, false);
        assert_eq!(state, State::Recognised(label(7)));
    }

    #[test]
    fn moving_background_is_idle_and_what_comes_before_it_is_looked_at() {
        let background = Outcome::Background(label(1));
        assert_eq!(State::of(background, background, true), State::Idle);
        assert_eq!(State::of(background, Outcome::Unknown, true), State::Looking);
        assert_eq!(State::of(background, Outcome::Known(label(2)), true), State::Looking);
    }
}
