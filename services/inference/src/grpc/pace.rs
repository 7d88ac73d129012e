//! Thinning a stream out to a rate.

use std::time::{Duration, Instant};

use tonic::Status;

/// Lets at most so many items a second through, and spreads them evenly.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    due: Option<Instant>,
}

impl Pace {
    /// 0 lets everything through.
    pub(super) fn new(max_rate_hz: f32) -> Result<Self, Status> {
        let interval = match max_rate_hz {
            0.0 => Duration::ZERO,
            rate if (0.01..=1000.0).contains(&rate) => Duration::from_secs_f32(rate.recip()),
            rate => {
                return Err(Status::invalid_argument(format!(
                    "max_rate_hz is {rate}; use 0 for every frame, or 0.01 to 1000"
                )));
            }
        };
        Ok(Self { interval, due: None })
    }

    /// Whether an item of this moment goes through.
    pub(super) fn admits(&mut self, moment: Instant) -> bool {
        // A camera's frames come a little early or late.
        let grace = self.interval / 10;
        match self.due {
            Some(due) if moment + grace < due => false,
            due => {
                // Keeps the rhythm, unless the source paused.
                let paused = |due: &Instant| moment.saturating_duration_since(*due) > self.interval;
                let rhythm = due.filter(|due| !paused(due)).unwrap_or(moment);
                self.due = Some(rhythm + self.interval);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(rate: f32, camera_fps: u32, seconds: u32) -> usize {
        let mut pace = Pace::new(rate).unwrap();
        let start = Instant::now();
        let frames = (0..camera_fps * seconds).map(|i| start + Duration::from_secs(1) * i / camera_fps);
        frames.filter(|moment| pace.admits(*moment)).count()
    }

    #[test]
    fn the_rate_is_kept_on_average() {
        assert_eq!(admitted(0.0, 30, 10), 300);
        assert_eq!(admitted(30.0, 30, 10), 300);
        assert!((99..=101).contains(&admitted(10.0, 30, 10)));
        assert!((68..=72).contains(&admitted(7.0, 30, 10)));
        assert_eq!(admitted(1000.0, 30, 10), 300);
    }

    #[test]
    fn after_a_pause_nothing_is_made_up_for() {
        let mut pace = Pace::new(10.0).unwrap();
        let start = Instant::now();
        assert!(pace.admits(start));
        let later = start + Duration::from_secs(60);
        assert!(pace.admits(later));
        assert!(!pace.admits(later + Duration::from_millis(10)));
    }

    #[test]
    fn rates_that_make_no_sense_are_refused() {
        for rate in [-1.0, f32::NAN, f32::INFINITY, 0.000_1] {
            assert_eq!(Pace::new(rate).unwrap_err().code(), tonic::Code::InvalidArgument);
        }
    }
}
