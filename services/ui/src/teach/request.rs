//! A request, with its body still unread.

use std::net::SocketAddr;
use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use warp::host::Authority;
use warp::http::{HeaderMap, Method, header};
use warp::hyper::body::Bytes;
use warp::{Buf, Filter};

use super::error::ApiError;

/// The largest body is fifty ids.
const MAX_JSON: usize = 16 * 1024;

pub(super) type Body = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send>>;

/// What may follow the question mark.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    pub(super) lang: String,
    #[serde(default)]
    pub(super) page_token: String,
}

/// See the module's text.
pub(super) struct Request {
    pub(super) method: Method,
    /// Below `/api/`.
    pub(super) path: String,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    pub(super) host: Option<Authority>,
    pub(super) peer: Option<SocketAddr>,
    pub(super) body: Body,
}

/// Requests to what is below `/api/`.
pub(super) fn requests() -> impl Filter<Extract = (Request,), Error = warp::Rejection> + Clone {
    let query = warp::query().or(warp::any().map(Query::default)).unify();
    warp::path("api")
        .and(warp::method())
        .and(warp::path::tail())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::host::optional())
        .and(warp::addr::remote())
        .and(warp::body::stream())
        .map(|method, path: warp::path::Tail, query, headers, host, peer, body| Request {
            method,
            path: path.as_str().to_owned(),
            query,
            headers,
            host,
            peer,
            body: read(body),
        })
}

fn read(body: impl Stream<Item = Result<impl Buf, warp::Error>> + Send + 'static) -> Body {
    body.map(|data| data.map(|mut data| data.copy_to_bytes(data.remaining()))).boxed()
}

impl Request {
    /// What content-type says, without parameters.
    pub(super) fn media_type(&self) -> Option<&str> {
        let value = self.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        value.split(';').next().map(str::trim)
    }

    /// What content-length says.
    pub(super) fn length(&self) -> Option<u64> {
        self.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }

    /// The body, which has to be JSON.
    pub(super) async fn json<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        let mut body = self.body;
        let mut read = Vec::new();
        while let Some(data) = body.next().await {
            let data = data.map_err(|_| ApiError::invalid("The body did not come whole."))?;
            if read.len() + data.len() > MAX_JSON {
                return Err(ApiError::too_large(format!("The body has more than {MAX_JSON} bytes.")));
            }
            read.extend_from_slice(&data);
        }
        serde_json::from_slice(&read)
            .map_err(|error| ApiError::invalid(format!("The body is not what is needed: {error}.")))
    }
}
