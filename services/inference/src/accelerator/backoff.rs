//! How often a lost Edge TPU is tried again: at once, then after longer and longer
//! waits. One that keeps coming and going is tried as rarely as one that is away.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// After this long at work what was before is forgotten.
const STABLE: Duration = Duration::from_secs(600);

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    serving_since: Option<Instant>,
}

impl Backoff {
    /// It works, since `now`.
    pub(crate) fn works(&mut self, now: Instant) {
        self.serving_since = Some(now);
    }

    /// It failed, or another try did: how long to wait before the next.
    pub(crate) fn failed(&mut self, now: Instant) -> Duration {
        let served = self.serving_since.take().map(|since| now.saturating_duration_since(since));
        if served.is_some_and(|served| served >= STABLE) {
            self.failures = 0;
        }
        self.failures += 1;
        match self.failures {
            1 => Duration::ZERO,
            failures => FIRST.saturating_mul(1 << (failures - 2).min(10)).min(LONGEST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_try_is_at_once_and_the_waits_grow_to_a_minute() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        let waits: Vec<_> = (0..9).map(|_| backoff.failed(now).as_secs()).collect();
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn only_long_service_is_a_new_start() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        backoff.failed(now);
        backoff.works(now);
        assert_eq!(backoff.failed(now + STABLE / 2), FIRST);
        backoff.works(now);
        assert_eq!(backoff.failed(now + STABLE), Duration::ZERO);
    }
}
