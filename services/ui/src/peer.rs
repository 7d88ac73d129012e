//! Whose requests count together.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The address of `peer`; of IPv6 the network, because a host has a whole one to
/// itself.
pub(crate) fn network(peer: Option<SocketAddr>) -> IpAddr {
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
    use super::*;

    #[test]
    fn a_host_is_one_whatever_address_it_takes() {
        let of = |text: &str| network(Some((text.parse::<IpAddr>().unwrap(), 1234).into()));
        assert_eq!(of("fd00::7:0:0:0:1"), of("fd00::7:0:0:0:2"));
        assert_ne!(of("fd00:0:0:7::1"), of("fd00:0:0:8::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
    }
}
