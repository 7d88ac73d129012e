//! How often a lost neighbour is tried again.

use std::time::Duration;

pub use backon::ExponentialBackoff as Waits;
use backon::{BackoffBuilder as _, ExponentialBuilder};

/// Waits from 100 ms, doubling, with jitter, to at most 3 s, without end: a
/// neighbour that comes back is noticed within seconds, and one that is away
/// for a night costs next to nothing.
#[must_use]
pub fn reconnect_waits() -> Waits {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(3))
        .with_jitter()
        .without_max_times()
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_never_end() {
        let waits: Vec<_> = reconnect_waits().take(100).collect();
        assert_eq!(waits.len(), 100);
        assert!(waits[0] < Duration::from_millis(250));
        // Jitter adds at most one more of the capped wait.
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(6)));
        assert!(waits[99] >= Duration::from_secs(3));
    }
}
