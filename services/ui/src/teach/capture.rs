//! Samples from the live camera, told one by one.

use futures::StreamExt as _;
use mirror_proto::recommender::v1 as pb;
use serde::Deserialize;
use sync_wrapper::SyncStream;
use warp::http::{HeaderValue, header};
use warp::reply::{Reply as _, Response};

use super::Desk;
use super::error::ApiError;
use super::request::Request;
use super::sessions::Session;
use crate::json;
use crate::view::CaptureProgress;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Capture {
    #[serde(default)]
    count: u32,
}

/// A line for each frame. The call to the recommender lives as long as the answer:
/// whoever hangs up ends it.
pub(super) async fn capture(
    desk: &Desk,
    label_id: i64,
    session: Session,
    request: Request,
) -> Result<Response, ApiError> {
    let Capture { count } = request.json().await?;
    let request = pb::CaptureSamplesRequest { label_id, count };
    let progress = desk.training.clone().capture_samples(request).await?.into_inner();
    let lines = progress.map(|progress| {
        Ok::<_, std::convert::Infallible>(match progress {
            Ok(progress) => json::line(&CaptureProgress::from(progress)),
            Err(status) => json::line(&ApiError::from(status)),
        })
    });
    let last = Ok(json::line(&ApiError::session_over()));
    let lines = SyncStream::new(session.limit(lines, last));
    let mut answer = warp::reply::stream(lines).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}
