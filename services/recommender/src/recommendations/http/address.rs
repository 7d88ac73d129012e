//! Which addresses a server's answer may make the mirror ask.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

/// Scheme, host and port of a URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    scheme: String,
    pub(super) host: String,
    port: u16,
}

impl Origin {
    pub(super) fn of(url: &Url) -> Option<Self> {
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }
}

/// Resolves names as the system does, and hides addresses that are not public
/// unless the name is one of the shop's settings. Judging the address that is
/// then used leaves no gap between the check and the connection.
#[derive(Debug)]
pub(super) struct Resolver {
    trusted: HashSet<String>,
}

impl Resolver {
    pub(super) fn new(trusted: HashSet<String>) -> Self {
        Self { trusted }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let trusted = self.trusted.contains(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let usable: Vec<SocketAddr> = found.filter(|found| trusted || is_public(found.ip())).collect();
            if usable.is_empty() {
                let why = format!("{} has no public address", name.as_str());
                return Err(std::io::Error::other(why).into());
            }
            Ok(Box::new(usable.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is on the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// All but what the IANA's registry of special addresses lists.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Ways to write an IPv4 address: mapped, compatible, through a translator.
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = Ipv4Addr::from((u32::from(g) << 16) | u32::from(h));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0 | 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => return is_public_v4(embedded),
        (0x2002, ..) => return is_public_v4(Ipv4Addr::from((u32::from(b) << 16) | u32::from(c))),
        _ => {}
    }
    // Global unicast, without what documents and local translators use.
    a & 0xe000 == 0x2000 && !(a == 0x2001 && (b == 0xdb8 || b < 0x200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.53",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
        for public in
            ["1.1.1.1", "100.63.0.1", "172.32.0.1", "2606:4700::1", "::ffff:1.1.1.1", "2001:4860::8"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
