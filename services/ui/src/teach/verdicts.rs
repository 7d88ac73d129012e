//! Reviewing what the mirror recognises, and putting it right.

use futures::StreamExt as _;
use mirror_proto::recommender::v1 as pb;
use serde::{Deserialize, Serialize};
use warp::reply::Response;

use super::Desk;
use super::error::ApiError;
use super::request::Request;
use super::sessions::Session;
use crate::json;
use crate::streams::{Listener, named};
use crate::view::{Sample, all};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Right {
    verdict_ids: Vec<i64>,
    label_id: i64,
}

#[derive(Serialize)]
struct Samples {
    samples: Vec<Sample>,
}

/// Verdicts as server-sent events, until the session is over.
pub(super) fn teach(desk: &Desk, session: &Session) -> Result<Response, ApiError> {
    let verdicts = desk.feed.verdicts().map(|verdict| named("verdict", &verdict));
    let verdicts = verdicts.take_until(Box::pin(session.over()));
    let told = desk.streams.reply(Listener::InSession, verdicts);
    told.map_err(|full| ApiError::unavailable(full.to_string()))
}

pub(super) async fn add_samples(desk: &Desk, request: Request) -> Result<Response, ApiError> {
    let Right { verdict_ids, label_id } = request.json().await?;
    let request = pb::AddVerdictSamplesRequest { verdict_ids, label_id };
    let added = desk.training.clone().add_verdict_samples(request).await?.into_inner();
    Ok(json::ok(&Samples { samples: all(added.samples) }))
}
