//! Whether there is something before the mirror to be recognised: what nobody
//! moved is furniture, and in a blur there is nothing to see.

use std::time::{Duration, Instant};

/// When something counts as there.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The mean change of brightness, 0 to 1, from which something moves. The noise
    /// of a still camera stays below half of it.
    pub moving_from: f32,
    /// How long after the last movement it is still there.
    pub stays: Duration,
    /// The least sharpness, in grey levels, of a frame in which something can be
    /// recognised.
    pub sharp_from: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { moving_from: 0.012, stays: Duration::from_millis(1500), sharp_from: 0.5 }
    }
}

/// What a frame says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Something moved a moment ago.
    pub moved: bool,
    /// A product in this frame may be the answer from now on: something moved, and
    /// the frame is sharp.
    pub may_enter: bool,
}

/// Follows the frames.
#[derive(Debug)]
pub struct PresenceGate {
    settings: Settings,
    moved: Option<Instant>,
    /// The first frames have nothing to move against.
    first: Option<Instant>,
}

impl PresenceGate {
    /// Before the first frame.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, moved: None, first: None }
    }

    /// What the frame of this moment says, from its motion and sharpness.
    pub fn push(&mut self, at: Instant, motion: f32, sharpness: f32) -> Presence {
        let first = *self.first.get_or_insert(at);
        if motion >= self.settings.moving_from {
            self.moved = Some(at);
        }
        let lately = |since: Instant| at.duration_since(since) < self.settings.stays;
        let moved = self.moved.is_some_and(lately);
        Presence { moved, may_enter: (moved || lately(first)) && sharpness >= self.settings.sharp_from }
    }

    /// The frames that follow are of another place.
    pub fn reset(&mut self) {
        (self.moved, self.first) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_moved_a_moment_ago_is_there_and_furniture_is_not() {
        let (mut gate, start) = (PresenceGate::new(Settings::default()), Instant::now());
        assert!(gate.push(start, 0.0, 5.0).may_enter, "what stands there at the start is seen");
        assert!(!gate.push(start + 2 * SECOND, 0.001, 5.0).may_enter);
        assert!(gate.push(start + 3 * SECOND, 0.1, 5.0).may_enter);
        assert_eq!(gate.push(start + 4 * SECOND, 0.0, 5.0), Presence { moved: true, may_enter: true });
        assert_eq!(gate.push(start + 5 * SECOND, 0.0, 5.0), Presence { moved: false, may_enter: false });
    }

    #[test]
    fn nothing_is_recognised_in_a_blur() {
        let mut gate = PresenceGate::new(Settings::default());
        assert_eq!(gate.push(Instant::now(), 0.5, 0.1), Presence { moved: true, may_enter: false });
    }
}
