//! Getting in and out: the PIN for a session.

use std::net::SocketAddr;
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

    /// What `trial` says, which is counted first: guessing has to be slow. It goes to
    /// its end also when the caller hangs up: a guess is counted then, too, and half of
    /// a change is none.
    async fn attempt<T: Send + 'static>(
        &self,
        peer: Option<SocketAddr>,
        trial: impl Future<Output = Result<T, PinError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        if let Err(seconds) = self.attempts.take(peer) {
            counted("refused");
            if let Some(attempts) = self.attempts.refused(peer) {
                tracing::warn!(peer = who(peer), attempts, "Too many attempts at the PIN");
            }
            return Err(ApiError::too_many_attempts(seconds));
        }
        let attempts = Arc::clone(&self.attempts);
        let tried = tokio::spawn(async move {
            let tried = trial.await;
            match &tried {
                Err(error @ (PinError::WrongPin | PinError::WrongCode)) => {
                    counted("wrong");
                    attempts.failed();
                    tracing::warn!(peer = who(peer), %error, "Wrong PIN or set-up code");
                }
                _ => {
                    counted("taken");
                    attempts.succeeded();
                }
            }
            tried
        });
        Ok(tried.await.expect("an attempt does not panic")?)
    }

    /// Begins a session, at the end of an attempt.
    fn begins(&self) -> impl FnOnce() -> Begun + Send + use<> {
        let sessions = self.sessions.clone();
        move || sessions.begin()
    }
}

/// The value of Set-Cookie of a new session.
type Begun = Result<HeaderValue, getrandom::Error>;

fn counted(outcome: &'static str) {
    metrics::counter!("mirror_pin_attempts_total", "outcome" => outcome).increment(1);
}

fn who(peer: Option<SocketAddr>) -> String {
    peer.map_or_else(|| "unknown".to_owned(), |peer| peer.ip().to_canonical().to_string())
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
    let Known { pin } = request.secrets("`pin`").await?;
    entry.pin.may_check()?;
    let (known, then) = (entry.pin.clone(), entry.begins());
    begun(entry.attempt(peer, async move { known.check(pin, then).await }).await?)
}

pub(super) fn close(entry: &Entry, session: Option<Session>) -> Response {
    if let Some(session) = session {
        entry.sessions.end(&session);
    }
    done(sessions::no_cookie())
}

pub(super) async fn set_up(entry: &Entry, request: Request) -> Result<Response, ApiError> {
    let peer = request.peer;
    let First { code, pin } = request.secrets("`code` and `pin`").await?;
    entry.pin.may_set_up(&pin)?;
    let (first, then) = (entry.pin.clone(), entry.begins());
    begun(entry.attempt(peer, async move { first.set_up(code, pin, then).await }).await?)
}

/// Who has known the PIN before has to know the new one.
pub(super) async fn change(entry: &Entry, request: Request) -> Result<Response, ApiError> {
    let peer = request.peer;
    let Another { pin, new_pin } = request.secrets("`pin` and `new_pin`").await?;
    entry.pin.may_change(&new_pin)?;
    let (known, sessions) = (entry.pin.clone(), entry.sessions.clone());
    let then = move || {
        sessions.end_all();
        sessions.begin()
    };
    let changed = entry.attempt(peer, async move { known.change(pin, new_pin, then).await }).await;
    begun(changed.map_err(ApiError::in_a_session)?)
}

fn begun(cookie: Begun) -> Result<Response, ApiError> {
    cookie.map(done).map_err(|error| ApiError::internal(format!("No session: {error}.")))
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
            PinError::Unfit | PinError::Plain => Self::invalid(text),
            PinError::NotSet | PinError::Set | PinError::Managed => Self::precondition(text),
            PinError::NotKept { .. } => Self::internal(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;
    use std::time::Duration;

    use futures::FutureExt as _;
    use mirror_ops::shutdown::Shutdown;
    use serde_json::{Value, json};
    use warp::http::{HeaderMap, Method};

    use super::*;
    use crate::teach::hash_pin;

    const OLD: &str = "161803";
    const NEW: &str = "271828";

    /// With the PIN [`OLD`].
    fn entry(dir: &tempfile::TempDir) -> Entry {
        std::fs::write(dir.path().join("pin"), hash_pin(OLD).unwrap()).unwrap();
        Entry::new(Pin::load(dir.path(), None).unwrap(), Sessions::new(Shutdown::new()))
    }

    fn request(body: &Value) -> Request {
        let body = body.to_string();
        Request {
            method: Method::POST,
            path: String::new(),
            query: Default::default(),
            headers: HeaderMap::new(),
            host: None,
            peer: Some(([10, 0, 0, 1], 1234).into()),
            body: Box::pin(futures::stream::iter([Ok(body.into())])),
        }
    }

    fn change_request() -> Request {
        request(&json!({"pin": OLD, "new_pin": NEW}))
    }

    /// What has to come, on a machine that is busy.
    async fn soon(what: impl Future<Output = ()>) {
        tokio::time::timeout(Duration::from_secs(60), what).await.unwrap();
    }

    /// Whether what was answered is a session.
    fn is_open(entry: &Entry, answer: &Response) -> bool {
        let cookie = answer.headers()[header::SET_COOKIE].clone();
        entry.sessions.of(&HeaderMap::from_iter([(header::COOKIE, cookie)])).is_some()
    }

    #[tokio::test]
    async fn a_change_whose_caller_hangs_up_ends_the_sessions_too() {
        let dir = tempfile::tempdir().unwrap();
        let entry = entry(&dir);
        let inside = open(&entry, request(&json!({"pin": OLD}))).await.unwrap();
        assert!(is_open(&entry, &inside));
        let mut changing = Box::pin(change(&entry, change_request()));
        assert!(changing.as_mut().now_or_never().is_none());
        drop(changing);
        soon(async { while entry.pin.check(NEW.into(), || ()).await.is_err() {} }).await;
        assert!(!is_open(&entry, &inside));
    }

    #[tokio::test]
    async fn who_has_come_in_with_the_pin_before_is_out_after_the_change() {
        let dir = tempfile::tempdir().unwrap();
        let entry = entry(&dir);
        let mut entering = Box::pin(open(&entry, request(&json!({"pin": OLD}))));
        assert!(entering.as_mut().now_or_never().is_none());
        let changed = change(&entry, change_request()).await.unwrap();
        assert!(!is_open(&entry, &entering.await.unwrap()));
        assert!(is_open(&entry, &changed));
    }

    #[tokio::test]
    async fn only_what_is_compared_is_an_attempt() {
        let dir = tempfile::tempdir().unwrap();
        let entry = entry(&dir);
        for _ in 0..10 {
            for unfit in ["1", "111111", "654321"] {
                let body = json!({"pin": OLD, "new_pin": unfit});
                assert_eq!(change(&entry, request(&body)).await.unwrap_err().reply().status(), 400);
            }
            let set = set_up(&entry, request(&json!({"code": "AAAAAAAA", "pin": NEW}))).await;
            assert_eq!(set.unwrap_err().reply().status(), 409);
        }
        open(&entry, request(&json!({"pin": OLD}))).await.unwrap();
    }

    #[tokio::test]
    async fn what_was_sent_is_not_told() {
        let dir = tempfile::tempdir().unwrap();
        let entry = entry(&dir);
        for body in [json!(OLD), json!({"pin": [OLD]}), json!({OLD: ""}), json!({"pin": OLD, NEW: 1})] {
            for refused in [
                open(&entry, request(&body)).await,
                set_up(&entry, request(&body)).await,
                change(&entry, request(&body)).await,
            ] {
                let error = refused.unwrap_err();
                let text = format!("{error:?}");
                assert!(error.reply().status() == 400 && text.contains("`pin`"), "{text}");
                assert!(!text.contains(OLD) && !text.contains(NEW), "{text}");
            }
        }
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(text)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn guesses_are_logged_with_who_guesses_and_not_what() {
        let (log, dir) = (Log::default(), tempfile::tempdir().unwrap());
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let _logging = tracing::subscriber::set_default(subscriber);
        // With a second one, tracing doesn't take the thread that comes first, which may be
        // another test's without a log, for all of them.
        let _second = tracing::Dispatch::new(tracing_subscriber::fmt().finish());
        let entry = entry(&dir);
        for _ in 0..9 {
            open(&entry, request(&json!({"pin": "guessed"}))).await.unwrap_err();
        }
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let lines = |part: &str| log.lines().filter(|line| line.contains(part)).count();
        assert_eq!((lines("Wrong PIN"), lines("Too many attempts"), lines("10.0.0.1")), (5, 1, 6), "{log}");
        assert_eq!((lines("WARN"), lines("guessed")), (6, 0), "{log}");
    }

    #[tokio::test]
    async fn a_guess_counts_also_when_its_caller_hangs_up() {
        let dir = tempfile::tempdir().unwrap();
        let entry = entry(&dir);
        for last in 0..25 {
            let mut guess = request(&json!({"pin": "guessed"}));
            guess.peer = Some(([10, 0, 1, last], 1234).into());
            assert!(open(&entry, guess).now_or_never().is_none());
        }
        // Those wait their turn; this one after them.
        let counted = async {
            while entry.attempts.failures() < 25 {
                tokio::task::yield_now().await;
            }
        };
        soon(counted).await;
        open(&entry, request(&json!({"pin": OLD}))).await.unwrap();
    }
}
