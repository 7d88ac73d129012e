//! How the services are doing.

use mirror_proto::inference::v1 as inference;
use mirror_proto::recommender::v1 as pb;
use serde::Serialize;

use super::{Degradation, all, rfc3339, short};

#[derive(Debug, Serialize)]
pub(crate) struct RecommenderStatus {
    version: String,
    started_at: Option<String>,
    resident_bytes: u64,
    database_bytes: u64,
    recommendations_bytes: u64,
    disk_free_bytes: u64,
    state: &'static str,
    degradations: Vec<Degradation>,
    provider: String,
    queued_interactions: u32,
    teaching: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct InferenceStatus {
    version: String,
    started_at: Option<String>,
    resident_bytes: u64,
    frames_captured: u64,
    frames_dropped: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Model {
    id: String,
    fingerprint: String,
    dimensions: u32,
    input_width: u32,
    input_height: u32,
    accelerator: &'static str,
    accelerator_detail: String,
    accelerator_problem: String,
    runtime_version: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct ModelFile {
    id: String,
    selected: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Camera {
    id: String,
    name: String,
    selected: bool,
    state: &'static str,
    problem: String,
    mode: String,
    note: String,
}

impl From<pb::RecommenderStatus> for RecommenderStatus {
    fn from(status: pb::RecommenderStatus) -> Self {
        Self {
            state: short(status.state().as_str_name(), "MIRROR_STATE_"),
            version: status.version,
            started_at: status.started_at.map(rfc3339),
            resident_bytes: status.resident_bytes,
            database_bytes: status.database_bytes,
            recommendations_bytes: status.recommendations_bytes,
            disk_free_bytes: status.disk_free_bytes,
            degradations: all(status.degradations),
            provider: status.provider,
            queued_interactions: status.queued_interactions,
            teaching: status.teaching,
        }
    }
}

impl From<inference::InferenceStatus> for InferenceStatus {
    fn from(status: inference::InferenceStatus) -> Self {
        Self {
            version: status.version,
            started_at: status.started_at.map(rfc3339),
            resident_bytes: status.resident_bytes,
            frames_captured: status.frames_captured,
            frames_dropped: status.frames_dropped,
        }
    }
}

impl From<inference::Model> for Model {
    fn from(model: inference::Model) -> Self {
        Self {
            accelerator: short(model.accelerator().as_str_name(), "ACCELERATOR_"),
            id: model.id,
            fingerprint: model.fingerprint,
            dimensions: model.dimensions,
            input_width: model.input_width,
            input_height: model.input_height,
            accelerator_detail: model.accelerator_detail,
            accelerator_problem: model.accelerator_problem,
            runtime_version: model.runtime_version,
        }
    }
}

impl From<inference::ModelFile> for ModelFile {
    fn from(file: inference::ModelFile) -> Self {
        Self { id: file.id, selected: file.selected }
    }
}

impl From<inference::Camera> for Camera {
    fn from(camera: inference::Camera) -> Self {
        Self {
            state: short(camera.state().as_str_name(), "CAMERA_STATE_"),
            id: camera.id,
            name: camera.name,
            selected: camera.selected,
            problem: camera.problem,
            mode: camera.mode,
            note: camera.note,
        }
    }
}
