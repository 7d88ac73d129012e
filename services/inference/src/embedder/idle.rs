//! Rest while nothing moves: the network runs on few frames then, and the others
//! are only looked at. A device that nobody stands before stays cool.

use std::time::{Duration, Instant};

use crate::camera::settings::IdleSettings;

/// The mean change of brightness, 0 to 1, that ends the rest. The recommender
/// takes 0.012 for movement, and a still camera's noise stays below half of it.
const MOVING: f32 = 0.008;

/// How often a frame is looked at during the rest.
const LOOK: Duration = Duration::from_millis(100);

/// What to do with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Through the network.
    Run,
    /// Only through the network if it moves.
    Look,
    /// Nothing.
    Skip,
}

/// Follows the frames. It has no clock: time is when frames were taken.
#[derive(Debug)]
pub(super) struct Idle {
    settings: IdleSettings,
    moved: Option<Instant>,
    run: Rhythm,
    look: Rhythm,
}

impl Idle {
    /// Awake.
    pub(super) fn new(settings: IdleSettings) -> Self {
        let interval = Duration::from_secs(1).checked_div(settings.fps).unwrap_or(Duration::ZERO);
        Self { settings, moved: None, run: Rhythm::new(interval), look: Rhythm::new(LOOK) }
    }

    /// What to do with the frame of this moment. The first one counts as moving.
    pub(super) fn plan(&mut self, at: Instant) -> Plan {
        self.moved.get_or_insert(at);
        // During the rest a frame that runs was looked at as well.
        let (run, look) = (self.run.admits(at), self.look.admits(at));
        if !self.resting(at) || run {
            Plan::Run
        } else if look {
            Plan::Look
        } else {
            Plan::Skip
        }
    }

    /// Takes the motion of that frame against the last one that ran; whether it
    /// moves.
    pub(super) fn moves(&mut self, at: Instant, motion: f32) -> bool {
        let moves = motion >= MOVING;
        if moves {
            self.moved = Some(at);
        }
        moves
    }

    /// Whether the network rests at this moment.
    pub(super) fn resting(&self, at: Instant) -> bool {
        let still = |moved| at.saturating_duration_since(moved) >= self.settings.after;
        self.settings.fps > 0 && self.moved.is_some_and(still)
    }
}

/// At most one each interval, and on average one each.
#[derive(Debug)]
struct Rhythm {
    interval: Duration,
    due: Option<Instant>,
}

impl Rhythm {
    fn new(interval: Duration) -> Self {
        Self { interval, due: None }
    }

    fn admits(&mut self, at: Instant) -> bool {
        // Frames come a little early or late.
        let grace = self.interval / 10;
        let due = self.due.unwrap_or(at);
        if at + grace < due {
            return false;
        }
        // After a pause from now on, not to be made up for.
        let late = at.saturating_duration_since(due) > self.interval;
        self.due = Some(if late { at } else { due } + self.interval);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// What is done with the frames of so many seconds, in which `motion` says what
    /// moves at which second.
    fn play(
        fps: u32,
        seconds: u32,
        idle: &mut Idle,
        start: Instant,
        motion: impl Fn(f32) -> f32,
    ) -> Vec<Plan> {
        let frames = (0..fps * seconds).map(|i| start + SECOND * i / fps);
        let mut plan = |at: Instant| {
            let plan = idle.plan(at);
            let moves = plan != Plan::Skip && idle.moves(at, motion((at - start).as_secs_f32()));
            if moves { Plan::Run } else { plan }
        };
        frames.map(&mut plan).collect()
    }

    fn runs(plans: &[Plan]) -> usize {
        plans.iter().filter(|plan| **plan == Plan::Run).count()
    }

    fn idle(fps: u32) -> Idle {
        Idle::new(IdleSettings { fps, after: 30 * SECOND })
    }

    #[test]
    fn a_still_scene_is_computed_rarely_and_looked_at_often() {
        for fps in [10, 15, 24, 30, 60] {
            let frames = fps as usize;
            let plans = play(fps, 60, &mut idle(5), Instant::now(), |_| 0.002);
            assert_eq!(runs(&plans[..30 * frames]), 30 * frames, "awake at first");
            let rest = &plans[30 * frames..];
            assert!((145..=155).contains(&runs(rest)), "{} runs at {fps} fps", runs(rest));
            for tenth in rest.chunks(frames.div_ceil(6)) {
                assert!(tenth.iter().any(|plan| *plan != Plan::Skip), "blind for {} frames", tenth.len());
            }
        }
    }

    #[test]
    fn the_first_frame_that_moves_runs_and_all_after_it() {
        let moving = |second| if second >= 50.0 { 0.05 } else { 0.001 };
        let plans = play(30, 60, &mut idle(5), Instant::now(), moving);
        let after = &plans[50 * 30..];
        let first = after.iter().position(|plan| *plan == Plan::Run).unwrap();
        assert!(first <= 3, "woke up after {first} frames of 33 ms");
        assert_eq!(runs(&after[first..]), after.len() - first);
    }

    #[test]
    fn it_rests_again_as_long_after_the_last_movement() {
        let moving = |second: f32| if (40.0..41.0).contains(&second) { 0.05 } else { 0.001 };
        let mut idle = idle(5);
        let start = Instant::now();
        play(30, 80, &mut idle, start, moving);
        assert!(!idle.resting(start + 70 * SECOND) && idle.resting(start + 72 * SECOND));
    }

    #[test]
    fn zero_never_rests() {
        let plans = play(30, 100, &mut idle(0), Instant::now(), |_| 0.0);
        assert_eq!(runs(&plans), plans.len());
    }

    #[test]
    fn a_camera_that_was_away_is_no_movement_and_makes_up_for_nothing() {
        let (mut idle, start) = (idle(5), Instant::now());
        play(30, 40, &mut idle, start, |_| 0.001);
        let later = start + 3600 * SECOND;
        assert_eq!(idle.plan(later), Plan::Run);
        assert_eq!(idle.plan(later + SECOND / 30), Plan::Skip);
    }
}
