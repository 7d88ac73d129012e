//! A recommender that was taught three labels: a product with pictures, an empty
//! shop, and a product that has no sample yet.

mod recognition;
mod recommendation;
pub(crate) mod training;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use mirror_proto::recommender::v1 as pb;
use pb::recognition_service_server::RecognitionServiceServer;
use pb::recommendation_service_server::RecommendationServiceServer;
use pb::training_service_server::TrainingServiceServer;
use tokio::sync::{Semaphore, watch};
use tonic::service::Routes;
use tonic::{Response, Status};

pub(crate) const PRODUCT: i64 = 7;
pub(crate) const BACKGROUND: i64 = 8;
pub(crate) const UNTAUGHT: i64 = 9;
/// What they are called: for people alone.
pub(crate) const NAMES: [&str; 3] = ["Sun hat", "Shop before nine", "Winter hat"];
pub(crate) const HAT: &str = "JPEG of the hat";
pub(crate) const SHOP: &str = "JPEG of the shop";
/// In Teach.
pub(crate) const FRAME: &str = "JPEG of a visitor";

/// How an import ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Import {
    Whole(Vec<u8>),
    BrokenOff,
}

/// Remembers what it was asked. Clones share it.
#[derive(Clone)]
pub(crate) struct Recommender {
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
    pub(crate) interactions: Arc<Mutex<Vec<pb::RecordInteractionRequest>>>,
    /// Streams of CaptureSamples, Teach and ExportDataset that are open.
    pub(crate) open: Arc<watch::Sender<usize>>,
    pub(crate) imports: Arc<watch::Sender<Option<Import>>>,
    /// Without a permit, the check of an archive takes for ever.
    pub(crate) checking: Arc<Semaphore>,
    /// Without a permit, Classify takes for ever.
    pub(crate) classifying: Arc<Semaphore>,
    /// Whether ExportDataset stops after its first chunk, and doesn't end.
    pub(crate) export_stops: Arc<AtomicBool>,
    /// What ExportDataset answers after its first chunk.
    pub(crate) export: Arc<Mutex<Option<Status>>>,
    /// What ListLabels and GetSample know.
    pub(crate) samples: Arc<Mutex<Vec<pb::Sample>>>,
}

impl Default for Recommender {
    fn default() -> Self {
        let embedding = || mirror_proto::inference::v1::Embedding {
            model_fingerprint: "f00d".to_owned(),
            values: vec![0.123_456, -0.5, 0.25, 0.0],
        };
        let sample = |id, label_id, picture: &'static str| pb::Sample {
            id,
            label_id,
            thumbnail: picture.into(),
            embedding: Some(embedding()),
            ..Default::default()
        };
        let samples = vec![sample(71, PRODUCT, HAT), sample(72, PRODUCT, ""), sample(81, BACKGROUND, SHOP)];
        Self {
            requests: Arc::default(),
            interactions: Arc::default(),
            open: Arc::new(watch::Sender::new(0)),
            imports: Arc::new(watch::Sender::new(None)),
            checking: Arc::new(Semaphore::new(1)),
            classifying: Arc::new(Semaphore::new(1)),
            export_stops: Arc::default(),
            export: Arc::default(),
            samples: Arc::new(Mutex::new(samples)),
        }
    }
}

impl Recommender {
    pub(crate) fn routes(&self) -> Routes {
        Routes::new(RecognitionServiceServer::new(self.clone()))
            .add_service(RecommendationServiceServer::new(self.clone()))
            .add_service(TrainingServiceServer::new(self.clone()))
    }

    /// Whether something like it was asked.
    pub(crate) fn was_asked(&self, request: &impl std::fmt::Debug) -> bool {
        self.requests.lock().unwrap().contains(&format!("{request:?}"))
    }

    /// How often a request of this type came.
    pub(crate) fn times_asked(&self, name: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|request| request.starts_with(name)).count()
    }

    fn note<T: std::fmt::Debug>(&self, request: tonic::Request<T>) -> T {
        let request = request.into_inner();
        self.requests.lock().unwrap().push(format!("{request:?}"));
        request
    }

    fn opened(&self) -> Open {
        self.open.send_modify(|open| *open += 1);
        Open(Arc::clone(&self.open))
    }
}

/// An open stream.
struct Open(Arc<watch::Sender<usize>>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

type Answer<T> = Result<Response<T>, Status>;

fn answer<T>(message: T) -> Answer<T> {
    Ok(Response::new(message))
}
