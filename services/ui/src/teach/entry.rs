//! Getting in and out: the PIN for a session.

use std::sync::Arc;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use warp::http::{HeaderValue, StatusCode, header};
use warp::reply::{Reply as _, Response};

use super::attempts::Attempts;
use super::error::ApiError;
use super::pin::{Pin, PinError};
use super::request::Request;
use super::sessions::{self, Session, Sessions};
use crate::json;

/// What getting in takes. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) sessions: Sessions,
    pin: Pin,
    attempts: Arc<Attempts>,
}

#[derive(Serialize)]
struct State {
    state: &'static str,
    managed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    pin: SecretString,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    code: SecretString,
    pin: SecretString,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Another {
    pin: SecretString,
    new_pin: SecretString,
}

impl Entry {
    pub(crate) fn new(pin: Pin, sessions: Sessions) -> Self {
        Self { sessions, pin, attempts: Arc::new(Attempts::new()) }
    }

    /// What `trial` says, which is counted first: guessing has to be slow.
    async fn attempt(
        &self,
        peer: Option<std::net::SocketAddr>,
        trial: impl Future<Output = Result<(), PinError>>,
    ) -> Result<(), ApiError> {
        let counted = |outcome| metrics::counter!("mirror_pin_attempts_total", "outcome" => outcome);
        if let Err(seconds) = self.attempts.take(peer) {
            counted("refused").increment(1);
            tracing::warn!(?peer, "Too many attempts at the PIN");
            return Err(ApiError::too_many_attempts(seconds));
        }
        let tried = trial.await;
        counted(if tried.is_ok() { "taken" } else { "wrong" }).increment(1);
        Ok(tried?)
    }

    fn begin(&self) -> Result<Response, ApiError> {
        let cookie = self.sessions.begin();
        let cookie = cookie.map_err(|error| ApiError::internal(format!("No session: {error}.")))?;
        Ok(done(cookie))
    }
}

pub(super) fn state(entry: &Entry, session: Option<Session>) -> Response {
    let state = match &session {
        Some(_) => "OPEN",
        None if entry.pin.is_set() => "LOCKED",
        None => "SETUP",
    };
    let mut answer = json::ok(&State { state, managed: entry.pin.is_managed() });
    if let Some(session) = session {
        answer.headers_mut().insert(header::SET_COOKIE, session.cookie());
    }
    answer
}

pub(super) async fn open(entry: &Entry, request: Request) -> Result<Response, ApiError> {
    let peer = request.peer;
    let Known { pin } = request.json().await?;
    entry.attempt(peer, entry.pin.check(pin)).await?;
    entry.begin()
}

pub(super) fn close(entry: &Entry, session: Option<Session>) -> Response {
    if let Some(session) = session {
        entry.sessions.end(&session);
    }
    done(sessions::no_cookie())
}

pub(super) async fn set_up(entry: &Entry, request: Request) -> Result<Response, ApiError> {
    let peer = request.peer;
    let First { code, pin } = request.json().await?;
    entry.attempt(peer, entry.pin.set_up(code, pin)).await?;
    entry.begin()
}

/// Who has known the PIN before has to know the new one.
pub(super) async fn change(entry: &Entry, request: Request) -> Result<Response, ApiError> {
    let peer = request.peer;
    let Another { pin, new_pin } = request.json().await?;
    let changed = entry.attempt(peer, entry.pin.change(pin, new_pin)).await;
    changed.map_err(|error| error.in_a_session())?;
    entry.sessions.end_all();
    entry.begin()
}

fn done(cookie: HeaderValue) -> Response {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    answer.headers_mut().insert(header::SET_COOKIE, cookie);
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

impl From<PinError> for ApiError {
    fn from(error: PinError) -> Self {
        let text = error.to_string();
        match error {
            PinError::WrongCode | PinError::WrongPin => Self::unauthenticated(text),
            PinError::Unfit => Self::invalid(text),
            PinError::NotSet | PinError::Set | PinError::Managed | PinError::NotKept { .. } => {
                Self::precondition(text)
            }
        }
    }
}
