//! An answer while it can still be changed: JSON is kept as a value until it is
//! known which faults it has to carry.

use std::pin::Pin;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::Stream;
use serde_json::Value;
use warp::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use warp::http::{Response, StatusCode};
use warp::hyper::body::Bytes;
use warp::reply::Reply as _;

/// Tells everybody that this is not the real thing.
const MARK: (&str, &str) = ("x-simulated-by", "smart-mirror-sap-simulator");
/// Shorter bodies aren't worth compressing.
const GZIP_FROM: usize = 200;

pub(crate) type ByteStream = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send + Sync>>;

pub(crate) enum Content {
    None,
    Json(Value),
    Text(Bytes),
    /// Pictures are, by themselves.
    Compressed(Bytes),
    Stream(ByteStream),
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, media_type: &'static str, content: Content) -> Self {
        Self { status, headers: HeaderMap::new(), content }.with(CONTENT_TYPE, media_type)
    }

    pub(crate) fn json(status: StatusCode, value: Value) -> Self {
        Self::new(status, "application/json;charset=utf-8", Content::Json(value))
    }

    pub(crate) fn text(status: StatusCode, text: impl Into<Bytes>) -> Self {
        Self::new(status, "text/plain;charset=utf-8", Content::Text(text.into()))
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), content: Content::None }
    }

    /// With a header; one of that name is replaced.
    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// With one more header; a value that can't be one is left out.
    #[must_use]
    pub(crate) fn and(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// The body, unless it is a stream.
    pub(crate) fn bytes(&self) -> Option<Bytes> {
        match &self.content {
            Content::None => Some(Bytes::new()),
            Content::Json(value) => Some(value.to_string().into()),
            Content::Text(bytes) | Content::Compressed(bytes) => Some(bytes.clone()),
            Content::Stream(_) => None,
        }
    }

    /// With a compressed body where that makes sense; `short` ones too.
    #[must_use]
    pub(crate) fn compressed(mut self, short: bool) -> Self {
        let (Content::Json(_) | Content::Text(_)) = self.content else { return self };
        let bytes = self.bytes().unwrap_or_default();
        if bytes.len() <= GZIP_FROM && !short {
            return self;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let packed = std::io::Write::write_all(&mut encoder, &bytes).and_then(|()| encoder.finish());
        self.content = Content::Compressed(packed.expect("memory takes every write").into());
        self.with(CONTENT_ENCODING, "gzip")
    }

    pub(crate) fn into_response(self) -> warp::reply::Response {
        let mut response = match self.bytes() {
            Some(bytes) => Response::new(bytes).into_response(),
            None => match self.content {
                Content::Stream(stream) => warp::reply::stream(stream).into_response(),
                _ => unreachable!("everything else has bytes"),
            },
        };
        // A reply of bytes calls itself octets.
        response.headers_mut().remove(CONTENT_TYPE);
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        marked(response)
    }
}

/// Says who answered.
pub(crate) fn marked(mut response: warp::reply::Response) -> warp::reply::Response {
    response.headers_mut().insert(MARK.0, HeaderValue::from_static(MARK.1));
    response
}
