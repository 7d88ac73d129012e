//! How often the PIN may be guessed at: five times at once and then each 20
//! seconds from one address, thirty times at once and then each 5 seconds from
//! all of them. After twenty failures without a success between them it is once a
//! minute for all: by then somebody guesses who has more than one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock, Reference as _};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};

use crate::peer::network;

/// Addresses that are remembered at most.
const MAX_PEERS: usize = 1024;
/// Failures in a row from which on somebody is guessing.
const MANY_FAILURES: u32 = 20;
/// How often it is told that an address is refused.
const TELLING: Duration = Duration::from_secs(60);

type Peers<C> = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, C, NoOpMiddleware<<C as Clock>::Instant>>;
type All<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Counts attempts.
#[derive(Debug)]
pub(super) struct Attempts<C: Clock = DefaultClock> {
    peers: Peers<C>,
    all: All<C>,
    /// Instead of `all`, when somebody is guessing.
    guessing: All<C>,
    /// Since the last success.
    failures: AtomicU32,
    refused: Mutex<HashMap<IpAddr, Refused<C::Instant>>>,
    clock: C,
}

/// The refused attempts of an address.
#[derive(Debug)]
struct Refused<I> {
    told: I,
    /// Since then.
    untold: u64,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self::with_clock(DefaultClock::default())
    }
}

impl<C: Clock + Clone> Attempts<C> {
    fn with_clock(clock: C) -> Self {
        let quota = |burst: u32, seconds| {
            let burst = NonZeroU32::new(burst).expect("some are allowed");
            let quota = Quota::with_period(Duration::from_secs(seconds)).expect("it is some time");
            quota.allow_burst(burst)
        };
        Self {
            peers: RateLimiter::new(quota(5, 20), HashMapStateStore::default(), clock.clone()),
            all: RateLimiter::new(quota(30, 5), InMemoryState::default(), clock.clone()),
            guessing: RateLimiter::new(quota(1, 60), InMemoryState::default(), clock.clone()),
            failures: AtomicU32::new(0),
            refused: Mutex::default(),
            clock,
        }
    }

    /// Counts one more attempt of `peer`; the error is how many seconds it has to
    /// wait instead. One that is refused doesn't count for the others.
    pub(super) fn take(&self, peer: Option<SocketAddr>) -> Result<(), u64> {
        if self.peers.len() >= MAX_PEERS {
            self.peers.retain_recent();
        }
        // So many strangers at once are an attack, and nobody gets in meanwhile.
        if self.peers.len() >= MAX_PEERS {
            return Err(20);
        }
        self.peers.check_key(&network(peer)).map_err(|until| self.wait(&until))?;
        let many = self.failures.load(Ordering::Relaxed) >= MANY_FAILURES;
        let all = if many { &self.guessing } else { &self.all };
        all.check().map_err(|until| self.wait(&until))
    }

    /// An attempt that was right.
    pub(super) fn succeeded(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    /// An attempt that was wrong.
    pub(super) fn failed(&self) {
        let _ = self
            .failures
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |failures| failures.checked_add(1));
    }

    /// Counts one that [`Self::take`] has refused. The answer is how many of `peer`
    /// are to be told of: once a minute, so that guessing doesn't fill the log.
    pub(super) fn refused(&self, peer: Option<SocketAddr>) -> Option<u64> {
        let now = self.clock.now();
        let is_told = |refused: &Refused<C::Instant>| now.duration_since(refused.told) < TELLING.into();
        let mut all = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_PEERS {
            all.retain(|_, refused| is_told(refused));
        }
        // So many strangers count as one.
        let full = all.len() >= MAX_PEERS && !all.contains_key(&network(peer));
        let address = if full { Ipv6Addr::UNSPECIFIED.into() } else { network(peer) };
        let Some(refused) = all.get_mut(&address) else {
            all.insert(address, Refused { told: now, untold: 0 });
            return Some(1);
        };
        refused.untold += 1;
        if is_told(refused) {
            return None;
        }
        refused.told = now;
        Some(std::mem::take(&mut refused.untold))
    }

    #[cfg(test)]
    pub(super) fn failures(&self) -> u32 {
        self.failures.load(Ordering::Relaxed)
    }

    fn wait(&self, until: &NotUntil<C::Instant>) -> u64 {
        let wait = until.wait_time_from(self.clock.now());
        wait.as_secs() + u64::from(wait.subsec_nanos() > 0).max(u64::from(wait.is_zero()))
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn attempts() -> (Attempts<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Attempts::with_clock(clock.clone()), clock)
    }

    fn peer(address: impl Into<IpAddr>) -> Option<SocketAddr> {
        Some((address.into(), 1234).into())
    }

    #[test]
    fn an_address_has_five_at_once_and_then_one_each_20_seconds() {
        let (attempts, clock) = attempts();
        let guesser = peer([10, 0, 0, 1]);
        assert_eq!(
            [(); 7].map(|()| attempts.take(guesser)).map(|taken| taken.is_ok()),
            [true, true, true, true, true, false, false]
        );
        assert_eq!(attempts.take(guesser), Err(20));
        clock.advance(Duration::from_millis(19_500));
        assert_eq!(attempts.take(guesser), Err(1));
        clock.advance(Duration::from_millis(500));
        assert_eq!((attempts.take(guesser), attempts.take(guesser)), (Ok(()), Err(20)));
        attempts.take(peer([10, 0, 0, 2])).unwrap();
    }

    #[test]
    fn all_addresses_have_thirty_at_once_and_then_one_each_5_seconds() {
        let (attempts, clock) = attempts();
        for last in 0..30 {
            attempts.take(peer([10, 0, 0, last])).unwrap();
        }
        assert_eq!(attempts.take(peer([10, 0, 0, 30])), Err(5));
        clock.advance(Duration::from_secs(5));
        attempts.take(peer([10, 0, 0, 31])).unwrap();
        assert_eq!(attempts.take(peer([10, 0, 0, 32])), Err(5));
    }

    #[test]
    fn one_who_is_refused_takes_nothing_from_the_others() {
        let (attempts, _) = attempts();
        for _ in 0..100 {
            let _ = attempts.take(peer([10, 0, 0, 1]));
        }
        for last in 2..27 {
            attempts.take(peer([10, 0, 0, last])).unwrap();
        }
    }

    #[test]
    fn a_host_does_not_get_more_by_having_more_addresses() {
        let (attempts, _) = attempts();
        let taken = (0..6).map(|last| attempts.take(peer([0xfd00, 0, 0, 7, 0, 0, 0, last])).is_ok());
        assert_eq!(taken.filter(|taken| *taken).count(), 5);
    }

    #[test]
    fn after_many_failures_all_have_one_a_minute_until_a_success() {
        let (attempts, clock) = attempts();
        for last in 0..MANY_FAILURES {
            attempts.take(peer([10, 0, 0, u8::try_from(last).unwrap()])).unwrap();
            attempts.failed();
        }
        attempts.take(peer([10, 0, 1, 1])).unwrap();
        assert_eq!(attempts.take(peer([10, 0, 1, 2])), Err(60));
        attempts.failed();
        clock.advance(Duration::from_secs(59));
        assert_eq!(attempts.take(peer([10, 0, 1, 3])), Err(1));
        clock.advance(Duration::from_secs(1));
        attempts.take(peer([10, 0, 1, 4])).unwrap();
        attempts.succeeded();
        for last in 0..MANY_FAILURES {
            attempts.take(peer([10, 0, 2, u8::try_from(last).unwrap()])).unwrap();
        }
    }

    #[test]
    fn refused_attempts_are_told_once_a_minute() {
        let (attempts, clock) = attempts();
        let (one, other) = (peer([10, 0, 0, 1]), peer([10, 0, 0, 2]));
        assert_eq!([(); 3].map(|()| attempts.refused(one)), [Some(1), None, None]);
        assert_eq!(attempts.refused(other), Some(1));
        clock.advance(Duration::from_secs(60));
        assert_eq!((attempts.refused(one), attempts.refused(one)), (Some(3), None));
        for index in 0..5000_u32 {
            let _ = attempts.refused(peer(index.to_be_bytes()));
        }
        assert!(attempts.refused.lock().unwrap().len() <= MAX_PEERS + 1);
    }

    #[test]
    fn the_memory_is_bounded() {
        let (attempts, clock) = attempts();
        for index in 0..5000_u32 {
            let _ = attempts.take(peer(index.to_be_bytes()));
            assert!(attempts.peers.len() <= MAX_PEERS);
        }
        assert_eq!(attempts.take(peer([99, 0, 0, 1])), Err(20));
        clock.advance(Duration::from_secs(3600));
        attempts.take(peer([99, 0, 0, 1])).unwrap();
        assert_eq!(attempts.peers.len(), 1);
    }
}
