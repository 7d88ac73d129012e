//! Labels.

use mirror_proto::recommender::v1 as pb;
use serde::{Deserialize, Serialize};
use warp::reply::Response;

use super::Desk;
use super::error::ApiError;
use super::request::{Query, Request};
use crate::view::{Label, Recommendations, all};
use crate::{json, language};

#[derive(Serialize)]
struct Labels {
    labels: Vec<Label>,
}

#[derive(Serialize)]
struct Deleted {
    deleted_samples: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Kind {
    Product,
    Background,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    kind: Option<Kind>,
    #[serde(default)]
    product_id: String,
    #[serde(default)]
    product_origin: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    name: Option<String>,
    kind: Option<Kind>,
    product_id: Option<String>,
    product_origin: Option<String>,
}

pub(super) async fn list(desk: &Desk) -> Result<Response, ApiError> {
    let found = desk.training.clone().list_labels(pb::ListLabelsRequest {}).await?.into_inner();
    Ok(json::ok(&Labels { labels: all(found.labels) }))
}

pub(super) async fn create(desk: &Desk, request: Request) -> Result<Response, ApiError> {
    let New { name, kind, product_id, product_origin } = request.json().await?;
    let request = pb::CreateLabelRequest { name, kind: number(kind), product_id, product_origin };
    let label = desk.training.clone().create_label(request).await?.into_inner();
    Ok(json::ok(&Label::from(label)))
}

pub(super) async fn update(desk: &Desk, label_id: i64, request: Request) -> Result<Response, ApiError> {
    let Changed { name, kind, product_id, product_origin } = request.json().await?;
    let request = pb::UpdateLabelRequest { label_id, name, kind: number(kind), product_id, product_origin };
    let label = desk.training.clone().update_label(request).await?.into_inner();
    Ok(json::ok(&Label::from(label)))
}

pub(super) async fn delete(desk: &Desk, label_id: i64) -> Result<Response, ApiError> {
    let request = pb::DeleteLabelRequest { label_id };
    let deleted = desk.training.clone().delete_label(request).await?.into_inner();
    Ok(json::ok(&Deleted { deleted_samples: deleted.deleted_samples }))
}

pub(super) async fn recommendations(desk: &Desk, label_id: i64, query: Query) -> Result<Response, ApiError> {
    let language = language::tag(&query.lang);
    let request = pb::GetRecommendationsRequest { label_id, limit: 0, language };
    let found = desk.recommendations.clone().get_recommendations(request).await?.into_inner();
    Ok(json::ok(&Recommendations::from(found)))
}

fn number(kind: Option<Kind>) -> i32 {
    let kind = match kind {
        None => pb::LabelKind::Unspecified,
        Some(Kind::Product) => pb::LabelKind::Product,
        Some(Kind::Background) => pb::LabelKind::Background,
    };
    kind.into()
}
