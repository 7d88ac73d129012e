//! A request, with its body still unread.

use std::net::SocketAddr;

use mirror_ops::http;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use warp::Filter;
use warp::host::Authority;
use warp::http::{HeaderMap, Method, header};

use super::error::ApiError;
use crate::body::{self, Body};

/// The largest body is fifty ids.
const MAX_JSON: usize = 16 * 1024;

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
        .and(http::peer())
        .and(body::body())
        .map(|method, path: warp::path::Tail, query, headers, host, peer, body| Request {
            method,
            path: path.as_str().to_owned(),
            query,
            headers,
            host,
            peer,
            body,
        })
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
        parse(&body::whole(self.body, MAX_JSON).await?)
    }

    /// The same; the default where there is no body.
    pub(super) async fn json_if_any<T: DeserializeOwned + Default>(self) -> Result<T, ApiError> {
        let read = body::whole(self.body, MAX_JSON).await?;
        if read.is_empty() { Ok(T::default()) } else { parse(&read) }
    }

    /// The body, which has to be JSON with the texts `wanted`. What is there instead is
    /// not told: it may be a secret at the wrong place.
    pub(super) async fn secrets<T: DeserializeOwned>(self, wanted: &str) -> Result<T, ApiError> {
        let read = body::whole(self.body, MAX_JSON).await?;
        let needed = || format!("The body must be a JSON object with {wanted} as text, and nothing else.");
        serde_json::from_slice(&read).map_err(|_| ApiError::invalid(needed()))
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::invalid(format!("The body is not what is needed: {error}.")))
}
