//! The files of the page, compiled in.

use rust_embed::RustEmbed;
use warp::http::{Response, StatusCode, header};
use warp::hyper::body::Bytes;
use warp::reply::Reply as _;

#[derive(RustEmbed)]
#[folder = "page/dist"]
struct Files;

/// Nothing from elsewhere, nothing inline.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page itself: asked for anew each time, so that a new version shows.
pub(crate) fn index() -> warp::reply::Response {
    file("index.html", "no-cache")
}

/// A file below `/assets/`. Its name changes with its content.
pub(crate) fn asset(name: &str) -> warp::reply::Response {
    file(&format!("assets/{name}"), "public, max-age=31536000, immutable")
}

fn file(path: &str, caching: &str) -> warp::reply::Response {
    let Some(file) = Files::get(path) else { return StatusCode::NOT_FOUND.into_response() };
    let response = Response::builder()
        .header(header::CONTENT_TYPE, file.metadata.mimetype())
        .header(header::CACHE_CONTROL, caching)
        .header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
        .body(Bytes::from(file.data.into_owned()));
    response.expect("the headers are constants").into_response()
}
