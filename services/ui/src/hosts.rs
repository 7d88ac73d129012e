//! By which names the mirror is asked. A page from elsewhere can have its own name
//! lead here (DNS rebinding): to a browser it is then the mirror's own page, and may
//! read what the mirror answers. So only such names are answered as nobody can own in
//! the public DNS, and those that the operator has named.

use std::future::ready;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::filters::path::FullPath;
use warp::host::Authority;
use warp::http::StatusCode;
use warp::reply::{Reply as _, Response};

/// Of names that end so, a shop's own network says what they mean.
const LOCAL: [&str; 4] = [".local", ".lan", ".home.arpa", ".internal"];
/// What health checks ask for, by whatever name or none.
const HEALTH: [&str; 2] = ["/livez", "/readyz"];
const REFUSAL: &str =
    "The mirror isn't known by this name. Ask it by its address, or name it in MIRROR_UI_HOSTS.\n";

/// Names that the mirror has beside those that need no setting. Clones share them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hosts(Arc<[String]>);

impl Hosts {
    /// Those in `text`, between commas.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let named = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let hosts: Result<Vec<_>, _> = named.map(host).collect();
        Ok(Self(hosts?.into()))
    }

    fn know(&self, authority: &Authority) -> bool {
        let host = authority.host().to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        // The part before an @ is no host.
        let plain = !host.is_empty() && !authority.as_str().contains('@');
        plain && (is_address(host) || is_local(host) || self.0.iter().any(|known| known == host))
    }
}

fn host(name: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
    if name.chars().all(fits) {
        Ok(name.trim_end_matches('.').to_ascii_lowercase())
    } else {
        Err(format!("'{name}' is no host; use names such as mirror.example.com, with commas between them"))
    }
}

fn is_address(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    bare.map_or_else(|| host.parse::<IpAddr>().is_ok(), |bare| bare.parse::<Ipv6Addr>().is_ok())
}

fn is_local(host: &str) -> bool {
    !host.contains(['.', ':', '[']) || LOCAL.iter().any(|ending| host.ends_with(ending))
}

/// `routes`, for who asks the mirror by one of its names.
pub(crate) fn guarded(hosts: Hosts, routes: BoxedFilter<(Response,)>) -> BoxedFilter<(Response,)> {
    // What is no name counts as none.
    let asked = warp::host::optional().or(warp::any().map(|| None)).unify();
    let refused = warp::path::full().and(asked).and_then(move |path: FullPath, name: Option<Authority>| {
        let known = HEALTH.contains(&path.as_str()) || name.is_some_and(|name| hosts.know(&name));
        ready(if known { Err(warp::reject()) } else { Ok(refusal()) })
    });
    refused.or(routes).unify().boxed()
}

fn refusal() -> Response {
    warp::reply::with_status(REFUSAL, StatusCode::MISDIRECTED_REQUEST).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(hosts: &str, authority: &str) -> bool {
        authority.parse().is_ok_and(|authority| Hosts::parse(hosts).unwrap().know(&authority))
    }

    #[test]
    fn names_that_nobody_can_own_are_known() {
        for authority in [
            "127.0.0.1:8080",
            "192.168.1.20",
            "[::1]:8080",
            "[fd00::7]",
            "localhost:8080",
            "LOCALHOST",
            "mirror",
            "ui:8080",
            "Mirror.local",
            "mirror.local.:8080",
            "mirror.shop.lan",
            "mirror.home.arpa",
            "mirror.internal",
        ] {
            assert!(knows("", authority), "{authority}");
        }
    }

    #[test]
    fn others_are_known_when_they_are_named() {
        for authority in ["mirror.example.com", "MIRROR.example.com.:443", "shop.example"] {
            assert!(!knows("", authority), "{authority}");
            assert!(knows(" mirror.example.com, Shop.Example. ,", authority), "{authority}");
        }
        for authority in [
            "evil.example",
            "more.mirror.example.com",
            "127.0.0.1.nip.io",
            "127.0.0.1.evil.example:8080",
            "evil.notlocal",
            "local.evil.example",
            "user@mirror",
            "127.1",
            ":8080",
            "[v7.a]",
        ] {
            assert!(!knows("mirror.example.com", authority), "{authority}");
        }
    }

    #[test]
    fn a_setting_that_is_no_name_is_told() {
        for text in ["http://mirror", "mirror:8080", "mirror example", "*.example.com", "ok,ä"] {
            let error = Hosts::parse(text).unwrap_err();
            assert!(error.contains("is no host"), "{error}");
        }
        assert_eq!(Hosts::parse("").unwrap(), Hosts::default());
    }

    #[tokio::test]
    async fn who_asks_by_another_name_is_told_of_the_setting() {
        let routes = warp::any().map(|| "answered".into_response()).boxed();
        let routes = guarded(Hosts::default(), routes);
        for host in [None, Some("evil.example"), Some(""), Some("a b")] {
            let request = warp::test::request().path("/report");
            let request = host.into_iter().fold(request, |request, host| request.header("host", host));
            let refused = request.reply(&routes).await;
            let text = String::from_utf8_lossy(refused.body()).into_owned();
            assert!(refused.status() == 421 && text.contains("MIRROR_UI_HOSTS"), "{host:?}: {text}");
            for path in HEALTH {
                assert_eq!(warp::test::request().path(path).reply(&routes).await.status(), 200);
            }
        }
        let known = warp::test::request().header("host", "mirror").reply(&routes).await;
        assert_eq!(known.body(), "answered");
    }
}
