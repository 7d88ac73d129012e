//! How all services are doing, for operators. What isn't named here doesn't get
//! out: no picture, no label's name, no secret.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mirror_ops::{process, telemetry};
use mirror_proto::inference::v1 as inference;
use mirror_proto::inference::v1::inference_service_client::InferenceServiceClient;
use mirror_proto::recommender::v1 as pb;
use mirror_proto::recommender::v1::recognition_service_client::RecognitionServiceClient;
use mirror_proto::recommender::v1::training_service_client::TrainingServiceClient;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tonic::transport::Channel;
use tonic::{Response, Status};
use warp::http::{HeaderValue, header};

use crate::json;
use crate::streams::Streams;
use crate::view::{Camera, Gallery, InferenceStatus, Model, RecommenderStatus, all, rfc3339};

/// A service that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a report is told again: however many ask, the services are asked as often.
const FRESH: Duration = Duration::from_secs(1);

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
struct Diagnostics<'a> {
    #[serde(flatten)]
    report: &'a Report,
    /// As `/metrics` has them.
    metrics: String,
}

/// The newest report, and when it was there.
type Newest = (Instant, Arc<Report>);

/// Asks the services. Clones ask the same ones, one after another.
#[derive(Clone, Debug)]
pub(crate) struct Reporter {
    recognition: RecognitionServiceClient<Channel>,
    training: TrainingServiceClient<Channel>,
    inference: InferenceServiceClient<Channel>,
    streams: Streams,
    newest: Arc<Mutex<Option<Newest>>>,
}

impl Reporter {
    pub(crate) fn new(
        recognition: RecognitionServiceClient<Channel>,
        training: TrainingServiceClient<Channel>,
        inference: InferenceServiceClient<Channel>,
        streams: Streams,
    ) -> Self {
        Self { recognition, training, inference, streams, newest: Arc::default() }
    }

    /// Answers `GET /report`.
    pub(crate) async fn report(self) -> warp::reply::Response {
        json::ok(self.newest().await.as_ref())
    }

    /// Answers `GET /diagnostics`.
    pub(crate) async fn diagnostics(self) -> warp::reply::Response {
        let report = self.newest().await;
        let mut answer = json::ok(&Diagnostics { report: &report, metrics: telemetry::metrics().render() });
        let name = HeaderValue::from_static("attachment; filename=\"smart-mirror-diagnostics.json\"");
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        answer
    }

    /// Who comes while one is gathered waits for it.
    async fn newest(&self) -> Arc<Report> {
        let mut newest = self.newest.lock().await;
        if let Some((_, report)) = newest.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return Arc::clone(report);
        }
        let report = Arc::new(self.gather().await);
        *newest = Some((Instant::now(), Arc::clone(&report)));
        report
    }

    async fn gather(&self) -> Report {
        let (mut recognition, mut training) = (self.recognition.clone(), self.training.clone());
        let mut inference = self.inference.clone();
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
                streams: self.streams.open(),
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

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use mirror_ops::shutdown::Shutdown;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_report_is_told_again_for_a_second() {
        let nobody = mirror_ops::grpc::connect("127.0.0.1:1").unwrap();
        let reporter = Reporter::new(
            RecognitionServiceClient::new(nobody.clone()),
            TrainingServiceClient::new(nobody.clone()),
            InferenceServiceClient::new(nobody),
            Streams::new(Shutdown::new()),
        );
        let first = reporter.newest().await;
        let again = tokio::join!(reporter.newest(), reporter.newest());
        assert!(Arc::ptr_eq(&first, &again.0) && Arc::ptr_eq(&first, &again.1));
        let file = reporter.clone().diagnostics().await.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&file).contains(&first.at));
        tokio::time::advance(FRESH).await;
        assert!(!Arc::ptr_eq(&first, &reporter.newest().await));
    }
}
