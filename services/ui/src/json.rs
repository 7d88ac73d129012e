//! Answers in JSON.

use serde::Serialize;
use warp::http::{Response, StatusCode, header};
use warp::hyper::body::Bytes;
use warp::reply::Reply as _;

/// `value`, told once and not kept.
pub(crate) fn answer(status: StatusCode, value: &impl Serialize) -> warp::reply::Response {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(bytes(value));
    response.expect("the headers are constants").into_response()
}

/// As [`answer`], with status 200.
pub(crate) fn ok(value: &impl Serialize) -> warp::reply::Response {
    answer(StatusCode::OK, value)
}

/// `value`, and a line break: a line of a stream.
pub(crate) fn line(value: &impl Serialize) -> Bytes {
    let mut line = serde_json::to_vec(value).expect("plain data becomes JSON");
    line.push(b'\n');
    line.into()
}

fn bytes(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value).expect("plain data becomes JSON").into()
}
