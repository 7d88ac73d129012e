//! Sessions of the OData services: a token and two cookies that go together.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;
use warp::http::{HeaderMap, header};

/// Sessions kept; a client that throws them away pushes out the oldest.
const KEPT: usize = 1000;
/// The names carry system and client, so nobody can rely on them.
const COOKIES: [&str; 2] = ["SAP_SESSIONID_SIM_100", "sap-XSRF_SIM_100"];

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) token: String,
    cookies: [String; 2],
    until: Instant,
}

impl Session {
    /// For `set-cookie`.
    pub(crate) fn cookies(&self) -> impl Iterator<Item = String> {
        let pairs = COOKIES.iter().zip(&self.cookies);
        pairs.map(|(name, value)| format!("{name}={value}; path=/; HttpOnly"))
    }
}

/// What the cookies of a request say.
#[derive(Debug)]
pub(crate) enum Visit {
    /// There are none.
    Unknown,
    /// They are of a session that is over, or never was.
    Over,
    /// They are of this one; whether the second fits too.
    Open(Session, bool),
}

#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: VecDeque<Session>,
}

impl Sessions {
    pub(crate) fn open(&mut self, life: Duration) -> Session {
        let cookies = [Uuid::new_v4().simple().to_string(), Uuid::new_v4().simple().to_string()];
        let token = format!("{}==", Uuid::new_v4().simple());
        let session = Session { token, cookies, until: Instant::now() + life };
        if self.open.len() == KEPT {
            self.open.pop_front();
        }
        self.open.push_back(session.clone());
        session
    }

    pub(crate) fn visit(&mut self, headers: &HeaderMap) -> Visit {
        let Some(first) = cookie(headers, COOKIES[0]) else { return Visit::Unknown };
        let now = Instant::now();
        self.open.retain(|session| session.until > now);
        let session = self.open.iter().find(|session| session.cookies[0] == first);
        session.map_or(Visit::Over, |session| {
            let fits = cookie(headers, COOKIES[1]) == Some(&session.cookies[1]);
            Visit::Open(session.clone(), fits)
        })
    }

    pub(crate) fn expire(&mut self) {
        self.open.clear();
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_back(session: &Session) -> HeaderMap {
        let pairs: Vec<_> =
            session.cookies().map(|cookie| cookie.split(';').next().unwrap().to_owned()).collect();
        HeaderMap::from_iter([(header::COOKIE, pairs.join("; ").parse().unwrap())])
    }

    #[test]
    fn a_session_is_known_by_its_cookies_until_it_ends() {
        let mut sessions = Sessions::default();
        let session = sessions.open(Duration::from_secs(60));
        let headers = sent_back(&session);
        assert!(matches!(sessions.visit(&headers), Visit::Open(open, true) if open.token == session.token));
        sessions.expire();
        assert!(matches!(sessions.visit(&headers), Visit::Over));
        assert!(matches!(sessions.visit(&HeaderMap::new()), Visit::Unknown));
        let short = sessions.open(Duration::ZERO);
        assert!(matches!(sessions.visit(&sent_back(&short)), Visit::Over));
    }
}
