//! How often the PIN may be guessed at: five times at once and then each 20
//! seconds from one address, thirty times at once and then each 5 seconds from
//! all of them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};

/// Addresses that are remembered at most.
const MAX_PEERS: usize = 1024;

type Peers<C> = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, C, NoOpMiddleware<<C as Clock>::Instant>>;
type All<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Counts attempts.
#[derive(Debug)]
pub(super) struct Attempts<C: Clock = DefaultClock> {
    peers: Peers<C>,
    all: All<C>,
    clock: C,
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
        self.peers.check_key(&address(peer)).map_err(|until| self.wait(&until))?;
        self.all.check().map_err(|until| self.wait(&until))
    }

    fn wait(&self, until: &NotUntil<C::Instant>) -> u64 {
        let wait = until.wait_time_from(self.clock.now());
        wait.as_secs() + u64::from(wait.subsec_nanos() > 0).max(u64::from(wait.is_zero()))
    }
}

/// Who asks. A host with IPv6 has a whole network of addresses to itself.
fn address(peer: Option<SocketAddr>) -> IpAddr {
    match peer.map(|peer| peer.ip().to_canonical()) {
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        Some(address) => address,
        None => Ipv6Addr::UNSPECIFIED.into(),
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
        let mapped: Ipv6Addr = "::ffff:10.0.0.1".parse().unwrap();
        assert_eq!(address(peer(mapped)), IpAddr::from([10, 0, 0, 1]));
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
