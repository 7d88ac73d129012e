//! Whether an open camera does its work: one that hangs tells nobody.

use std::time::{Duration, Instant};

use super::CameraError;
use crate::frame::Health;

/// Without a picture for so long a camera counts as failed. The slowest rate is
/// one in a second.
const SILENCE: Duration = Duration::from_secs(3);

/// The same for the first picture; some cameras take their time to wake up.
const FIRST: Duration = Duration::from_secs(5);

/// Broken pictures in a row until the camera counts as failed: cameras send
/// some when they start, and now and then over a bad cable.
const MAX_BROKEN: u32 = 10;

/// Watches over one camera from its opening on. It has no clock of its own.
#[derive(Debug)]
pub struct Watchdog {
    device: String,
    health: Health,
    /// When the last picture came, or the camera was opened.
    last: Instant,
    patience: Duration,
}

impl Watchdog {
    /// Over the camera `device`, just opened.
    #[must_use]
    pub fn new(device: String, health: Health, now: Instant) -> Self {
        Self { device, health, last: now, patience: FIRST }
    }

    /// A picture came that looks good.
    pub fn good(&mut self, now: Instant) {
        (self.last, self.patience) = (now, SILENCE);
    }

    /// Fails when the camera has.
    ///
    /// # Errors
    /// When nothing came for too long, or nothing that can be used.
    pub fn check(&self, now: Instant) -> Result<(), CameraError> {
        let trouble = self.health.trouble();
        let (count, last) = (trouble.in_a_row(), trouble.last);
        let silent = now.saturating_duration_since(self.last) >= self.patience;
        let device = self.device.clone();
        if count >= MAX_BROKEN || (silent && count > 0) {
            return Err(CameraError::Broken { device, count, last });
        }
        if silent {
            return Err(CameraError::Silent { device, seconds: self.patience.as_secs() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Broken;

    fn watchdog() -> (Watchdog, Health, Instant) {
        let (health, start) = (Health::default(), Instant::now());
        (Watchdog::new("/dev/video0".to_owned(), health.clone(), start), health, start)
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_camera_that_never_begins_or_stops_without_a_word_has_failed() {
        let (mut watchdog, _, start) = watchdog();
        watchdog.check(start + 4 * SECOND).unwrap();
        let error = watchdog.check(start + 5 * SECOND).unwrap_err().to_string();
        assert!(error.contains("/dev/video0 delivers no pictures") && error.contains('5'), "{error}");
        watchdog.good(start + 4 * SECOND);
        watchdog.check(start + 6 * SECOND).unwrap();
        let error = watchdog.check(start + 7 * SECOND).unwrap_err().to_string();
        assert!(error.contains("none for 3 seconds"), "{error}");
    }

    #[test]
    fn one_that_sends_only_broken_pictures_has_failed_too() {
        let (mut watchdog, health, start) = watchdog();
        watchdog.good(start);
        for _ in 0..9 {
            health.damaged(&Broken::NotAJpeg);
            watchdog.check(start).unwrap();
        }
        health.arrived();
        watchdog.check(start).unwrap();
        for _ in 0..10 {
            health.damaged(&Broken::NotAJpeg);
        }
        let error = watchdog.check(start).unwrap_err().to_string();
        assert!(error.contains("10 in a row") && error.contains("not a whole JPEG"), "{error}");
    }

    #[test]
    fn few_and_broken_is_told_as_broken() {
        let (watchdog, health, start) = watchdog();
        health.damaged(&Broken::Marked);
        watchdog.check(start).unwrap();
        assert!(matches!(watchdog.check(start + 5 * SECOND), Err(CameraError::Broken { count: 1, .. })));
    }
}
