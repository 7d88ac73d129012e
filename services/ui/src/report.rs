//! How all services are doing, for operators. What isn't named here doesn't get
//! out: no picture, no label's name, no secret.

use std::time::{Duration, SystemTime};

use mirror_ops::{process, telemetry};
use mirror_proto::inference::v1 as inference;
use mirror_proto::inference::v1::inference_service_client::InferenceServiceClient;
use mirror_proto::recommender::v1 as pb;
use mirror_proto::recommender::v1::recognition_service_client::RecognitionServiceClient;
use mirror_proto::recommender::v1::training_service_client::TrainingServiceClient;
use serde::Serialize;
use tonic::transport::Channel;
use tonic::{Response, Status};
use warp::http::{HeaderValue, header};

use crate::json;
use crate::streams::Streams;
use crate::view::{Camera, Gallery, InferenceStatus, Model, RecommenderStatus, all, rfc3339};

/// A service that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Serialize)]
struct Report {
    at: String,
    ui: UiStatus,
    recommender: Option<RecommenderStatus>,
    gallery: Option<Gallery>,
    inference: Option<InferenceStatus>,
    model: Option<Model>,
    cameras: Vec<Camera>,
}

#[derive(Debug, Serialize)]
struct UiStatus {
    version: &'static str,
    started_at: String,
    resident_bytes: u64,
    streams: usize,
}

/// A report to be sent to whoever helps.
#[derive(Debug, Serialize)]
struct Diagnostics {
    #[serde(flatten)]
    report: Report,
    /// As `/metrics` has them.
    metrics: String,
}

/// Asks the services. Clones ask the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Reporter {
    pub(crate) recognition: RecognitionServiceClient<Channel>,
    pub(crate) training: TrainingServiceClient<Channel>,
    pub(crate) inference: InferenceServiceClient<Channel>,
    pub(crate) streams: Streams,
}

impl Reporter {
    /// Answers `GET /report`.
    pub(crate) async fn report(self) -> warp::reply::Response {
        json::ok(&self.gather().await)
    }

    /// Answers `GET /diagnostics`.
    pub(crate) async fn diagnostics(self) -> warp::reply::Response {
        let report = self.gather().await;
        let mut answer = json::ok(&Diagnostics { report, metrics: telemetry::metrics().render() });
        let name = HeaderValue::from_static("attachment; filename=\"smart-mirror-diagnostics.json\"");
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        answer
    }

    async fn gather(self) -> Report {
        let Self { mut recognition, mut training, mut inference, streams } = self;
        let (mut models, mut cameras) = (inference.clone(), inference.clone());
        let (recommender, gallery, inference, model, cameras) = tokio::join!(
            heard(recognition.get_status(pb::GetStatusRequest {})),
            heard(training.get_gallery(pb::GetGalleryRequest {})),
            heard(inference.get_status(inference::GetStatusRequest {})),
            heard(models.get_model(inference::GetModelRequest {})),
            heard(cameras.list_cameras(inference::ListCamerasRequest {})),
        );
        Report {
            at: rfc3339(SystemTime::now().into()),
            ui: UiStatus {
                version: env!("CARGO_PKG_VERSION"),
                started_at: rfc3339(process::started_at().into()),
                resident_bytes: process::resident_bytes(),
                streams: streams.open(),
            },
            recommender: recommender.map(Into::into),
            gallery: gallery.map(Into::into),
            inference: inference.map(Into::into),
            model: model.map(Into::into),
            cameras: cameras.map(|found| all(found.cameras)).unwrap_or_default(),
        }
    }
}

/// The answer, if one comes.
async fn heard<T>(answer: impl Future<Output = Result<Response<T>, Status>>) -> Option<T> {
    let answer = tokio::time::timeout(PATIENCE, answer).await.ok()?;
    answer.inspect_err(|error| tracing::debug!(%error, "No status")).ok().map(Response::into_inner)
}
