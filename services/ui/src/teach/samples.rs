//! A label's samples.

use mirror_proto::recommender::v1 as pb;
use serde::{Deserialize, Serialize};
use warp::http::StatusCode;
use warp::reply::{Reply as _, Response};

use super::Desk;
use super::error::ApiError;
use super::request::{Query, Request};
use crate::view::{Sample, all};
use crate::{json, pictures};

/// Rows of six, of five, of four, of three, of two.
const PAGE: u32 = 60;

#[derive(Serialize)]
struct Samples {
    samples: Vec<Sample>,
    next_page_token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    label_id: i64,
}

pub(super) async fn list(desk: &Desk, label_id: i64, query: Query) -> Result<Response, ApiError> {
    let request = pb::ListSamplesRequest {
        label_id,
        with_thumbnails: false,
        page_size: PAGE,
        page_token: query.page_token,
    };
    let found = desk.training.clone().list_samples(request).await?.into_inner();
    Ok(json::ok(&Samples { samples: all(found.samples), next_page_token: found.next_page_token }))
}

pub(super) async fn picture(desk: &Desk, sample_id: i64) -> Result<Response, ApiError> {
    let request = pb::GetSampleRequest { sample_id, with_thumbnail: true, with_embedding: false };
    let sample = desk.training.clone().get_sample(request).await?.into_inner();
    if sample.thumbnail.is_empty() {
        return Err(ApiError::not_found(format!("Sample {sample_id} has no picture.")));
    }
    Ok(pictures::of_sample(sample.thumbnail, "no-store"))
}

pub(super) async fn r#move(desk: &Desk, sample_id: i64, request: Request) -> Result<Response, ApiError> {
    let Move { label_id } = request.json().await?;
    let request = pb::MoveSampleRequest { sample_id, label_id };
    let sample = desk.training.clone().move_sample(request).await?.into_inner();
    Ok(json::ok(&Sample::from(sample)))
}

pub(super) async fn delete(desk: &Desk, sample_id: i64) -> Result<Response, ApiError> {
    desk.training.clone().delete_sample(pb::DeleteSampleRequest { sample_id }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
