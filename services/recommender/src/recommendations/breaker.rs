//! A circuit breaker: a provider that fails is left alone for a while, and then
//! asked once before everybody asks again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Fault, ProviderError};

/// So many failures in a row open it.
const FAILURES: u32 = 3;
/// What a provider may ask for at most.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(15 * 60);

/// See the module's text.
#[derive(Debug)]
pub struct Breaker {
    state: Mutex<State>,
    /// Why the provider is left alone.
    problem: watch::Sender<Option<String>>,
}

#[derive(Debug)]
struct State {
    failures: u32,
    /// Open until then.
    until: Option<Instant>,
    /// Somebody is asking whether it is back.
    probing: bool,
    /// For a provider that is down.
    waits: ExponentialBackoff,
    /// For one that refuses this mirror.
    refusals: ExponentialBackoff,
}

/// Leave to ask. Given back unused when dropped.
#[derive(Debug)]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    probe: bool,
}

impl Default for Breaker {
    fn default() -> Self {
        let state = State { failures: 0, until: None, probing: false, waits: waits(), refusals: refusals() };
        Self { state: Mutex::new(state), problem: watch::Sender::new(None) }
    }
}

/// 5 s, doubling, to a minute or, with jitter, two: what comes back is noticed
/// within that.
fn waits() -> ExponentialBackoff {
    backoff(Duration::from_secs(5), Duration::from_secs(60))
}

/// Five minutes, doubling, to an hour or, with jitter, two: a wrong password must not lock the user.
fn refusals() -> ExponentialBackoff {
    backoff(Duration::from_secs(5 * 60), Duration::from_secs(60 * 60))
}

fn backoff(from: Duration, to: Duration) -> ExponentialBackoff {
    let builder = ExponentialBuilder::new().with_min_delay(from).with_max_delay(to);
    // Jitter adds up to one more of the wait: mirrors of one shop don't ask in step.
    builder.with_jitter().without_max_times().build()
}

impl Breaker {
    /// Why the provider is left alone, `None` while it isn't.
    #[must_use]
    pub fn problem(&self) -> watch::Receiver<Option<String>> {
        self.problem.subscribe()
    }

    /// Leave to ask now.
    ///
    /// # Errors
    /// With the time from which on it is worth asking for leave again.
    pub fn permit(&self) -> Result<Permit<'_>, Instant> {
        let now = Instant::now();
        let mut state = self.lock();
        match state.until {
            None => Ok(Permit { breaker: self, probe: false }),
            Some(until) if now < until => Err(until),
            // The one who asks will take some time.
            Some(_) if state.probing => Err(now + Duration::from_secs(1)),
            Some(_) => {
                state.probing = true;
                Ok(Permit { breaker: self, probe: true })
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Open until then.
    #[must_use]
    pub fn until(&self) -> Option<Instant> {
        self.lock().until.filter(|until| Instant::now() < *until)
    }

    fn close(&self) {
        let mut state = self.lock();
        *state = State { failures: 0, until: None, probing: false, waits: waits(), refusals: refusals() };
        self.problem.send_if_modified(|problem| {
            if problem.is_some() {
                tracing::info!("The provider answers again");
            }
            problem.take().is_some()
        });
    }

    fn count(&self, error: &ProviderError) {
        let mut state = self.lock();
        // Those that were on their way when it opened don't make it longer.
        if state.until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        state.failures += 1;
        let wait = match error.fault {
            Fault::Rejected | Fault::Missing => None,
            Fault::Busy { retry_after: Some(wait) } => Some(wait.min(LONGEST_RETRY_AFTER)),
            Fault::Busy { retry_after: None } => state.waits.next(),
            Fault::Refused => state.refusals.next(),
            Fault::Unreachable | Fault::Malformed if state.failures >= FAILURES => state.waits.next(),
            Fault::Unreachable | Fault::Malformed => None,
        };
        let Some(wait) = wait else { return };
        state.until = Some(Instant::now() + wait);
        tracing::warn!(%error, for_seconds = wait.as_secs(), "The provider is left alone");
        self.problem.send_replace(Some(error.to_string()));
    }
}

impl Permit<'_> {
    /// Whether it is to find out if the provider is back.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.probe
    }

    /// It answered.
    pub fn succeeded(self) {
        self.breaker.close();
    }

    /// It didn't.
    pub fn failed(self, error: &ProviderError) {
        if error.fault.is_of_the_question() {
            // It is there, and takes what it is asked seriously.
            self.breaker.close();
        } else {
            self.breaker.count(error);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.probe {
            self.breaker.lock().probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(fault: Fault) -> ProviderError {
        ProviderError::new("test", fault, "it is away")
    }

    #[tokio::test(start_paused = true)]
    async fn three_failures_open_it_and_one_success_closes_it() {
        let breaker = Breaker::default();
        for _ in 0..FAILURES {
            breaker.permit().unwrap().failed(&error(Fault::Unreachable));
        }
        let until = breaker.permit().unwrap_err();
        assert!(until > Instant::now());
        assert!(breaker.problem().borrow().as_deref().unwrap().contains("it is away"));
        tokio::time::advance(until - Instant::now()).await;
        let probe = breaker.permit().unwrap();
        assert!(probe.is_probe());
        assert!(breaker.permit().is_err(), "one is enough to find out");
        probe.succeeded();
        assert!(!breaker.permit().unwrap().is_probe());
        assert!(breaker.problem().borrow().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_in_between_starts_the_count_anew() {
        let breaker = Breaker::default();
        for _ in 0..10 {
            breaker.permit().unwrap().failed(&error(Fault::Unreachable));
            breaker.permit().unwrap().failed(&error(Fault::Malformed));
            breaker.permit().unwrap().succeeded();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_day_of_outage_costs_few_calls() {
        let breaker = Breaker::default();
        let start = Instant::now();
        let mut calls = 0;
        while start.elapsed() < Duration::from_secs(24 * 60 * 60) {
            match breaker.permit() {
                Ok(permit) => {
                    calls += 1;
                    permit.failed(&error(Fault::Unreachable));
                }
                Err(until) => tokio::time::advance(until - Instant::now()).await,
            }
        }
        assert!(calls < 24 * 60 + 10, "{calls}");
        assert!(calls > 24 * 30 / 2, "{calls}: it has to notice a comeback");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wish_to_be_left_alone_is_granted_within_reason() {
        for (asked, given) in [(7, 7), (1_000_000, LONGEST_RETRY_AFTER.as_secs())] {
            let breaker = Breaker::default();
            let retry_after = Some(Duration::from_secs(asked));
            breaker.permit().unwrap().failed(&error(Fault::Busy { retry_after }));
            let wait = breaker.permit().unwrap_err() - Instant::now();
            assert_eq!(wait.as_secs(), given);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_holds_long_and_a_rejected_question_not_at_all() {
        let breaker = Breaker::default();
        for _ in 0..10 {
            breaker.permit().unwrap().failed(&error(Fault::Rejected));
        }
        breaker.permit().unwrap().failed(&error(Fault::Refused));
        assert!(breaker.permit().unwrap_err() - Instant::now() >= Duration::from_secs(300));
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_doesn_t_block_the_next() {
        let breaker = Breaker::default();
        breaker.permit().unwrap().failed(&error(Fault::Busy { retry_after: Some(Duration::from_secs(1)) }));
        tokio::time::advance(Duration::from_secs(2)).await;
        drop(breaker.permit().unwrap());
        assert!(breaker.permit().unwrap().is_probe());
    }
}
