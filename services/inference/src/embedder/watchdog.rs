//! Noticing that the network doesn't come back from a picture. A thread can't be
//! stopped from outside, so all that can be done about it is to end the process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{Engine, EngineError, InputSize};

/// Far longer than the slowest network takes on a busy Raspberry Pi.
const STUCK: Duration = Duration::from_secs(60);

/// Since when the network computes. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Beat(Arc<Mutex<Option<Instant>>>);

impl Beat {
    /// Whether it has been computing one picture for too long at `now`.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| now.saturating_duration_since(since) > STUCK)
    }

    fn set(&self, since: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

/// An engine whose work is watched.
#[derive(Debug)]
pub(super) struct Watched<E> {
    pub(super) engine: E,
    pub(super) beat: Beat,
}

impl<E: Engine> Engine for Watched<E> {
    fn input_size(&self) -> InputSize {
        self.engine.input_size()
    }

    fn dimensions(&self) -> usize {
        self.engine.dimensions()
    }

    fn embed(&mut self, rgb: &[u8]) -> Result<Vec<f32>, EngineError> {
        self.beat.set(Some(Instant::now()));
        let values = self.engine.embed(rgb);
        self.beat.set(None);
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks, from within a picture, whether it counts as stuck: now and much later.
    struct Asking(Beat);

    impl Engine for Asking {
        fn input_size(&self) -> InputSize {
            InputSize { width: 1, height: 1 }
        }
        fn dimensions(&self) -> usize {
            2
        }
        fn embed(&mut self, _: &[u8]) -> Result<Vec<f32>, EngineError> {
            let stuck = |passed| f32::from(u8::from(self.0.is_stuck(Instant::now() + passed)));
            Ok(vec![stuck(Duration::ZERO), stuck(2 * STUCK)])
        }
    }

    #[test]
    fn only_a_picture_that_takes_too_long_is_stuck() {
        let beat = Beat::default();
        let mut watched = Watched { engine: Asking(beat.clone()), beat: beat.clone() };
        assert_eq!(watched.embed(&[]).unwrap(), [0.0, 1.0]);
        assert!(!beat.is_stuck(Instant::now() + 2 * STUCK), "between pictures nothing is");
    }
}
