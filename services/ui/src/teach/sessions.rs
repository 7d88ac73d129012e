//! Who has known the PIN. A session is a random token in a cookie; only its digest
//! is kept, and in memory only: a restart ends all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::{Stream, StreamExt as _};
use mirror_ops::shutdown::Shutdown;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;
use warp::http::{HeaderMap, HeaderValue, header};

const COOKIE: &str = "mirror_session";
/// From the last use.
const LIFETIME: Duration = Duration::from_hours(8);
/// With one more, the one that was unused for longest ends.
const MAX_SESSIONS: usize = 64;

type Token = [u8; 32];

/// All sessions. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    open: Arc<Mutex<Vec<Entry>>>,
    shutdown: Shutdown,
}

#[derive(Debug)]
struct Entry {
    digest: [u8; 32],
    used: Instant,
    ended: Shutdown,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.ended.cancel();
    }
}

/// A session that is open.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    token: Token,
    ended: Shutdown,
}

impl Sessions {
    /// `shutdown` ends what goes on in them.
    pub(crate) fn new(shutdown: Shutdown) -> Self {
        Self { open: Arc::default(), shutdown }
    }

    /// A new one; the answer is the value of Set-Cookie.
    pub(super) fn begin(&self) -> Result<HeaderValue, getrandom::Error> {
        let mut token = Token::default();
        getrandom::fill(&mut token)?;
        let mut open = self.current();
        if open.len() == MAX_SESSIONS {
            // They are in the order of their last use.
            open.remove(0);
        }
        let ended = self.shutdown.child_token();
        open.push(Entry { digest: digest(&token), used: Instant::now(), ended });
        Ok(cookie(&token))
    }

    /// The one that a request belongs to; being asked for is being used.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Option<Session> {
        let token = token(headers)?;
        let digest = digest(&token);
        let mut open = self.current();
        let mut index = None;
        for (at, entry) in open.iter().enumerate() {
            if bool::from(entry.digest.ct_eq(&digest)) {
                index = Some(at);
            }
        }
        let mut entry = open.remove(index?);
        entry.used = Instant::now();
        let ended = entry.ended.clone();
        open.push(entry);
        Some(Session { token, ended })
    }

    pub(super) fn end(&self, session: &Session) {
        let digest = digest(&session.token);
        self.current().retain(|entry| !bool::from(entry.digest.ct_eq(&digest)));
    }

    pub(super) fn end_all(&self) {
        self.current().clear();
    }

    /// Those that haven't expired.
    fn current(&self) -> MutexGuard<'_, Vec<Entry>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|entry| entry.used.elapsed() < LIFETIME);
        open
    }
}

impl Session {
    /// Its Set-Cookie again, so that the browser keeps it for as long as it may be
    /// used.
    pub(super) fn cookie(&self) -> HeaderValue {
        cookie(&self.token)
    }

    /// Is over when the session is, or could be: what goes on without another
    /// request is no use.
    pub(super) fn over(&self) -> impl Future<Output = ()> + Send + use<> {
        let ended = self.ended.clone();
        async move {
            let _ = tokio::time::timeout(LIFETIME, ended.cancelled()).await;
        }
    }

    /// `stream` for as long as this isn't over; when that comes first, `last` tells it.
    pub(super) fn limit<S: Stream + Send>(
        &self,
        stream: S,
        last: S::Item,
    ) -> impl Stream<Item = S::Item> + Send + use<S>
    where
        S::Item: Send,
    {
        let state = (Box::pin(stream), Box::pin(self.over()), Some(last));
        futures::stream::unfold(state, async |(mut stream, mut over, mut last)| {
            // Told already: that was the end.
            last.as_ref()?;
            let item = tokio::select! {
                biased;
                () = &mut over => last.take(),
                item = stream.next() => item,
            };
            Some((item?, (stream, over, last)))
        })
    }
}

/// The Set-Cookie that takes a cookie away.
pub(super) fn no_cookie() -> HeaderValue {
    HeaderValue::from_static("mirror_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0")
}

fn cookie(token: &Token) -> HeaderValue {
    let value = URL_SAFE_NO_PAD.encode(token);
    let seconds = LIFETIME.as_secs();
    let cookie = format!("{COOKIE}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}");
    let mut cookie = HeaderValue::try_from(cookie).expect("base64 is plain text");
    cookie.set_sensitive(true);
    cookie
}

fn token(headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim() == COOKIE)?;
    URL_SAFE_NO_PAD.decode(value.trim()).ok()?.try_into().ok()
}

fn digest(token: &Token) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions() -> Sessions {
        Sessions::new(Shutdown::new())
    }

    /// The request headers of a browser that was sent `set_cookie`.
    fn browser(set_cookie: &HeaderValue) -> HeaderMap {
        let pair = set_cookie.to_str().unwrap().split(';').next().unwrap();
        let cookies = format!("theme=dark; {pair}; other=1");
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(cookies).unwrap())])
    }

    #[tokio::test]
    async fn the_cookie_is_for_this_server_and_no_script() {
        let cookie = sessions().begin().unwrap();
        let parts: Vec<_> = cookie.to_str().unwrap().split("; ").collect();
        assert_eq!(parts[1..], ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"]);
        assert_eq!(parts[0].len(), "mirror_session=".len() + 43);
    }

    #[tokio::test]
    async fn only_what_was_given_out_is_a_session() {
        let sessions = sessions();
        let headers = browser(&sessions.begin().unwrap());
        assert!(sessions.of(&headers).is_some());
        let other = browser(&self::sessions().begin().unwrap());
        assert!(sessions.of(&other).is_none());
        for cookies in ["", "mirror_session", "mirror_session=", "mirror_session=abc", "session=x"] {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookies))]);
            assert!(sessions.of(&headers).is_none(), "{cookies}");
        }
        assert!(sessions.of(&HeaderMap::new()).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_ends_eight_hours_after_its_last_use() {
        let sessions = sessions();
        let headers = browser(&sessions.begin().unwrap());
        for _ in 0..3 {
            tokio::time::advance(LIFETIME - Duration::from_secs(1)).await;
            assert!(sessions.of(&headers).is_some());
        }
        tokio::time::advance(LIFETIME).await;
        assert!(sessions.of(&headers).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_on_in_a_session_ends_with_it() {
        let sessions = sessions();
        let headers = browser(&sessions.begin().unwrap());
        let session = sessions.of(&headers).unwrap();
        let start = Instant::now();
        session.over().await;
        assert_eq!(start.elapsed(), LIFETIME);

        let session = sessions.of(&browser(&sessions.begin().unwrap())).unwrap();
        sessions.end(&session);
        let start = Instant::now();
        session.over().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_stream_that_ends_with_the_session_says_so() {
        let sessions = sessions();
        let session = sessions.of(&browser(&sessions.begin().unwrap())).unwrap();
        let whole = session.limit(futures::stream::iter([1, 2]), 0);
        assert_eq!(whole.collect::<Vec<_>>().await, [1, 2]);
        let held = futures::stream::iter([1, 2]).chain(futures::stream::pending());
        let mut held = Box::pin(session.limit(held, 0));
        assert_eq!((held.next().await, held.next().await), (Some(1), Some(2)));
        sessions.end(&session);
        assert_eq!((held.next().await, held.next().await), (Some(0), None));
    }

    #[tokio::test]
    async fn with_one_too_many_the_longest_unused_ends() {
        let sessions = sessions();
        let all: Vec<_> = (0..MAX_SESSIONS).map(|_| browser(&sessions.begin().unwrap())).collect();
        assert!(sessions.of(&all[0]).is_some());
        let newest = browser(&sessions.begin().unwrap());
        assert!(sessions.of(&all[1]).is_none());
        assert!(sessions.of(&all[0]).is_some() && sessions.of(&newest).is_some());
        assert_eq!(sessions.current().len(), MAX_SESSIONS);
        sessions.end_all();
        assert!(sessions.of(&newest).is_none());
    }
}
