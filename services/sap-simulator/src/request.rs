//! A request, read whole.

use futures::{Stream, StreamExt as _};
use percent_encoding::percent_decode_str;
use warp::Buf;
use warp::http::{HeaderMap, Method};
use warp::hyper::body::Bytes;

/// The longest body that is read.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// As it came, percent-encoded.
    pub(crate) path: String,
    /// As it came, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A query parameter, decoded.
    pub(crate) fn param(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (_, value) = pairs.find(|(key, _)| decoded(key) == name)?;
        Some(decoded(&value.replace('+', " ")))
    }

    /// Where the caller sees this server, for addresses in answers.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.header("host").unwrap_or("127.0.0.1:8090"))
    }

    /// Reading includes asking for the headers alone.
    pub(crate) fn reads(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}

/// Percent-decoded.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The body, or `None` when it is too long or breaks off.
pub(crate) async fn bounded<B: Buf, E>(body: impl Stream<Item = Result<B, E>>) -> Option<Bytes> {
    let mut body = std::pin::pin!(body);
    let mut all = Vec::new();
    while let Some(part) = body.next().await {
        let mut part = part.ok()?;
        if all.len() + part.remaining() > MAX_BODY {
            return None;
        }
        all.extend_from_slice(&part.copy_to_bytes(part.remaining()));
    }
    Some(all.into())
}
