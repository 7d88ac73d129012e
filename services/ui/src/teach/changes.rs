//! What was changed, and taking it back.

use mirror_proto::recommender::v1 as pb;
use serde::{Deserialize, Serialize};
use warp::reply::Response;

use super::Desk;
use super::error::ApiError;
use super::request::Request;
use crate::json;
use crate::view::{Change, Purged, all};

const NEWEST: u32 = 50;

#[derive(Serialize)]
struct Changes {
    changes: Vec<Change>,
}

pub(super) async fn list(desk: &Desk) -> Result<Response, ApiError> {
    let request = pb::ListChangesRequest { page_size: NEWEST, page_token: String::new() };
    let found = desk.training.clone().list_changes(request).await?.into_inner();
    Ok(json::ok(&Changes { changes: all(found.changes) }))
}

/// What is to be taken back; absent: the newest, whatever it is.
#[derive(Default, Deserialize)]
struct Meant {
    #[serde(default)]
    change_id: i64,
}

pub(super) async fn undo(desk: &Desk, request: Request) -> Result<Response, ApiError> {
    let Meant { change_id } = request.json_if_any().await?;
    let request = pb::UndoLastChangeRequest { change_id };
    let undo = desk.training.clone().undo_last_change(request).await?.into_inner();
    Ok(json::ok(&Change::from(undo)))
}

pub(super) async fn purge(desk: &Desk) -> Result<Response, ApiError> {
    let purged = desk.training.clone().purge_deleted(pb::PurgeDeletedRequest {}).await?.into_inner();
    Ok(json::ok(&Purged::from(purged)))
}
