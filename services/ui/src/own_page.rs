//! Whether a request comes from the mirror's own page. Any page that is open in
//! a browser can send requests to the mirror, and none but the mirror's own
//! knows what a visitor saw.

use warp::host::Authority;
use warp::http::{HeaderMap, header};

/// False when the browser says that a page from elsewhere sent it. Programs say
/// nothing of the kind, and are no page.
pub(crate) fn may_send(headers: &HeaderMap, host: Option<&Authority>) -> bool {
    let site = headers.get("sec-fetch-site");
    // Browsers leave it out where the mirror is reached by plain HTTP from another device.
    let same_site = site.is_none_or(|site| site == "same-origin" || site == "none");
    let origin = headers.get(header::ORIGIN);
    let same_host = origin.is_none_or(|origin| {
        let address = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        address.is_some_and(|(_, authority)| host.is_some_and(|host| host == authority))
    });
    same_site && same_host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_to(host: Option<&'static str>, headers: &[(&'static str, &'static str)]) -> bool {
        let host = host.map(Authority::from_static);
        let headers = headers.iter().map(|&(name, value)| {
            (header::HeaderName::from_static(name), header::HeaderValue::from_static(value))
        });
        may_send(&headers.collect(), host.as_ref())
    }

    fn sent(headers: &[(&'static str, &'static str)]) -> bool {
        sent_to(Some("mirror:8080"), headers)
    }

    #[test]
    fn the_own_page_and_programs_may() {
        assert!(sent(&[]));
        assert!(sent(&[("origin", "http://mirror:8080"), ("sec-fetch-site", "same-origin")]));
        assert!(sent(&[("origin", "http://MIRROR:8080")]));
        assert!(sent(&[("sec-fetch-site", "none")]));
    }

    #[test]
    fn pages_from_elsewhere_may_not() {
        for site in ["cross-site", "same-site", ""] {
            assert!(!sent(&[("sec-fetch-site", site)]), "{site}");
            assert!(!sent(&[("origin", "http://mirror:8080"), ("sec-fetch-site", site)]), "{site}");
        }
        for origin in ["http://elsewhere:8080", "http://mirror:3000", "http://mirror", "null", ""] {
            assert!(!sent(&[("origin", origin)]), "{origin}");
        }
        assert!(!sent_to(None, &[("origin", "http://mirror:8080")]));
    }
}
