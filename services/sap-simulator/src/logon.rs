//! Who may use the OData services: a communication user with Basic, or the
//! session that one opened.

use warp::http::StatusCode;
use warp::http::header::HeaderName;

use crate::Simulator;
use crate::answer::Answer;
use crate::odata::{Refusal, logon_failed};
use crate::request::Request;
use crate::session::{Session, Visit};

const TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// Lets a reading request in, by password or by session.
pub(crate) fn reader(simulator: &Simulator, request: &Request) -> Result<Option<Session>, Refusal> {
    check_client(simulator, request)?;
    let visit = simulator.sessions().visit(&request.headers);
    match (basic(simulator, request), visit) {
        (Some(false), _) | (None, Visit::Unknown | Visit::Over) => Err(logon_failed()),
        (_, Visit::Open(session, _)) => Ok(Some(session)),
        (Some(true), _) => Ok(None),
    }
}

/// Lets a writing request in: only with a session and its token.
pub(crate) fn writer(simulator: &Simulator, request: &Request) -> Result<(), Refusal> {
    check_client(simulator, request)?;
    if basic(simulator, request) == Some(false) {
        return Err(logon_failed());
    }
    match simulator.sessions().visit(&request.headers) {
        Visit::Over => Err(logon_failed()),
        Visit::Open(session, true) if request.header(TOKEN.as_str()) == Some(&session.token) => Ok(()),
        Visit::Open(..) | Visit::Unknown => Err(Refusal::Plain(Box::new(token_refused()))),
    }
}

/// Adds token and cookies when `request` fetches them.
pub(crate) fn with_token(
    simulator: &Simulator,
    request: &Request,
    session: Option<Session>,
    mut answer: Answer,
) -> Answer {
    if !fetches_token(request) {
        return answer;
    }
    let session = session.unwrap_or_else(|| simulator.sessions().open(simulator.settings().session_life));
    for cookie in session.cookies() {
        answer = answer.and(warp::http::header::SET_COOKIE, &cookie);
    }
    answer.and(TOKEN, &session.token)
}

pub(crate) fn fetches_token(request: &Request) -> bool {
    request.header(TOKEN.as_str()).is_some_and(|value| value.eq_ignore_ascii_case("fetch"))
}

/// What a gateway says to a missing, wrong or old token.
pub(crate) fn token_refused() -> Answer {
    Answer::text(StatusCode::FORBIDDEN, "CSRF token validation failed").with(TOKEN, "Required")
}

fn check_client(simulator: &Simulator, request: &Request) -> Result<(), Refusal> {
    let wanted = &simulator.settings().client;
    let other = request.param("sap-client").is_some_and(|client| client != *wanted);
    if other && !wanted.is_empty() { Err(logon_failed()) } else { Ok(()) }
}

/// Whether user and password are right; `None` when none are given.
fn basic(simulator: &Simulator, request: &Request) -> Option<bool> {
    let given = request.header("authorization")?;
    let settings = simulator.settings();
    let right = base64(format!("{}:{}", settings.user, settings.password).as_bytes());
    Some(
        given
            .split_once(' ')
            .is_some_and(|(scheme, value)| scheme.eq_ignore_ascii_case("basic") && value.trim() == right),
    )
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_every_length() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("MIRROR:x?", "TUlSUk9SOng/")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
