//! The inference service's models and cameras.

use mirror_proto::inference::v1 as pb;
use serde::{Deserialize, Serialize};
use warp::reply::Response;

use super::Desk;
use super::error::ApiError;
use super::request::Request;
use crate::json;
use crate::view::{Camera, Model, ModelFile, all};

#[derive(Serialize)]
struct Models {
    models: Vec<ModelFile>,
    model: Model,
}

#[derive(Serialize)]
struct Cameras {
    cameras: Vec<Camera>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChosenModel {
    model_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChosenCamera {
    camera_id: String,
}

pub(super) async fn models(desk: &Desk) -> Result<Response, ApiError> {
    let (mut files, mut model) = (desk.inference.clone(), desk.inference.clone());
    let (files, model) = tokio::try_join!(
        files.list_models(pb::ListModelsRequest {}),
        model.get_model(pb::GetModelRequest {})
    )?;
    Ok(json::ok(&Models { models: all(files.into_inner().models), model: model.into_inner().into() }))
}

pub(super) async fn select_model(desk: &Desk, request: Request) -> Result<Response, ApiError> {
    let ChosenModel { model_id } = request.json().await?;
    let model = desk.inference.clone().select_model(pb::SelectModelRequest { model_id }).await?;
    Ok(json::ok(&Model::from(model.into_inner())))
}

pub(super) async fn cameras(desk: &Desk) -> Result<Response, ApiError> {
    let found = desk.inference.clone().list_cameras(pb::ListCamerasRequest {}).await?.into_inner();
    Ok(json::ok(&Cameras { cameras: all(found.cameras) }))
}

pub(super) async fn select_camera(desk: &Desk, request: Request) -> Result<Response, ApiError> {
    let ChosenCamera { camera_id } = request.json().await?;
    let camera = desk.inference.clone().select_camera(pb::SelectCameraRequest { camera_id }).await?;
    Ok(json::ok(&Camera::from(camera.into_inner())))
}
