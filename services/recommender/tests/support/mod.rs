//! Boots the real recommender on free ports with a fresh database, beside an
//! inference service that the test controls.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test file uses its part")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use mirror_ops::shutdown::Shutdown;
use mirror_proto::inference::v1 as inference;
use mirror_proto::inference::v1::inference_service_server::{InferenceService, InferenceServiceServer};
use mirror_proto::recommender::v1 as pb;
use mirror_recommender::config::Cli;
use mirror_recommender::{bind, run};
use pb::recognition_service_client::RecognitionServiceClient;
use pb::recommendation_service_client::RecommendationServiceClient;
use pb::training_service_client::TrainingServiceClient;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

/// How long any single thing may take before a test gives it up.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const FINGERPRINT: &str = "fake-model";
pub const RED: [f32; 4] = [1.0, 0.0, 0.0, 0.0];
pub const GREEN: [f32; 4] = [0.0, 1.0, 0.0, 0.0];
pub const BLUE: [f32; 4] = [0.0, 0.0, 1.0, 0.0];

/// An inference service with four dimensions: a picture is the name of a
/// colour or four numbers, and the camera sees what the test shows it.
pub struct FakeInference {
    pub addr: SocketAddr,
    camera: watch::Sender<Option<inference::EmbeddingEvent>>,
    /// The fingerprint of its model.
    model: watch::Sender<&'static str>,
    /// How it is with its Edge TPU.
    accelerator: watch::Sender<inference::Model>,
    /// Why the camera doesn't deliver; empty: it does.
    camera_problem: watch::Sender<&'static str>,
    shutdown: Shutdown,
    task: JoinHandle<anyhow::Result<()>>,
}

impl FakeInference {
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    pub async fn start_at(addr: SocketAddr) -> Self {
        let listener = TcpListener::bind(addr).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (camera, frames) = watch::channel(None);
        let (model, fingerprint) = watch::channel(FINGERPRINT);
        let (accelerator, accelerated) = watch::channel(inference::Model::default());
        let (camera_problem, problem) = watch::channel("the cable is out");
        let shutdown = Shutdown::new();
        let fake = Fake { frames, fingerprint, accelerated, problem, shutdown: shutdown.clone() };
        let routes = Routes::new(InferenceServiceServer::new(fake));
        let task = tokio::spawn(mirror_ops::grpc::run(listener, routes, &[], shutdown.clone()));
        Self { addr, camera, model, accelerator, camera_problem, shutdown, task }
    }

    /// The camera delivers, as far as the service knows.
    pub fn camera_delivers(&self) {
        self.camera_problem.send_replace("");
    }

    /// It is like this with its accelerator from now on.
    pub fn accelerator(&self, accelerator: inference::Accelerator, problem: &str) {
        self.accelerator.send_replace(inference::Model {
            accelerator: accelerator.into(),
            accelerator_problem: problem.to_owned(),
            accelerator_lost: !problem.is_empty(),
            ..Default::default()
        });
    }

    /// Computes with another model from now on.
    pub fn change_model(&self, fingerprint: &'static str) {
        self.model.send_replace(fingerprint);
    }

    /// The camera takes a frame of this colour, with this much motion.
    pub fn show(&self, colour: [f32; 4], motion: f32) {
        let fingerprint = *self.model.borrow();
        self.camera.send_modify(|frame| {
            let frame_id = frame.as_ref().map_or(0, |frame| frame.frame_id) + 1;
            *frame = Some(inference::EmbeddingEvent {
                frame_id,
                captured_at: Some(std::time::SystemTime::now().into()),
                embedding: Some(inference::Embedding {
                    model_fingerprint: fingerprint.to_owned(),
                    values: colour.to_vec(),
                }),
                motion,
                sharpness: 5.0,
                source: format!("fake:{frame_id}"),
                picture: small(colour.map(|value| value.to_string()).join(" ").as_bytes()).into(),
                ..Default::default()
            });
        });
    }

    /// Shows this colour at 50 frames a second for as long as `during` takes.
    pub async fn showing<T>(&self, colour: [f32; 4], during: impl Future<Output = T>) -> T {
        self.while_showing(during, || self.show(colour, 0.2)).await
    }

    /// The same, out of focus.
    pub async fn blurring<T>(&self, colour: [f32; 4], during: impl Future<Output = T>) -> T {
        let show = || {
            self.show(colour, 0.2);
            self.camera.send_modify(|frame| frame.as_mut().unwrap().sharpness = 0.1);
        };
        self.while_showing(during, show).await
    }

    async fn while_showing<T>(&self, during: impl Future<Output = T>, show: impl Fn()) -> T {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        let frames = async {
            loop {
                pace.tick().await;
                show();
            }
        };
        tokio::select! {
            result = tokio::time::timeout(PATIENCE, during) => result.expect("it happens in time"),
            () = frames => unreachable!("frames never end"),
        }
    }

    pub async fn stop(self) -> SocketAddr {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
        self.addr
    }
}

struct Fake {
    frames: watch::Receiver<Option<inference::EmbeddingEvent>>,
    fingerprint: watch::Receiver<&'static str>,
    accelerated: watch::Receiver<inference::Model>,
    problem: watch::Receiver<&'static str>,
    shutdown: Shutdown,
}

/// The small picture of a picture: what every JPEG begins with, and the picture.
pub fn small(picture: &[u8]) -> Vec<u8> {
    let picture = picture.strip_prefix(&JPEG).unwrap_or(picture);
    [&JPEG, picture].concat()
}

const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

fn colour(picture: &[u8]) -> Option<[f32; 4]> {
    let text = std::str::from_utf8(picture.strip_prefix(&JPEG).unwrap_or(picture)).ok()?;
    match text {
        "red" => Some(RED),
        "green" => Some(GREEN),
        "blue" => Some(BLUE),
        numbers => {
            let values: Vec<f32> = numbers.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
            values.try_into().ok()
        }
    }
}

#[tonic::async_trait]
impl InferenceService for Fake {
    async fn get_model(
        &self,
        _: Request<inference::GetModelRequest>,
    ) -> Result<Response<inference::Model>, Status> {
        Ok(Response::new(inference::Model {
            id: "fake".to_owned(),
            fingerprint: (*self.fingerprint.borrow()).to_owned(),
            dimensions: 4,
            ..self.accelerated.borrow().clone()
        }))
    }

    async fn embed_image(
        &self,
        request: Request<inference::EmbedImageRequest>,
    ) -> Result<Response<inference::EmbedImageResponse>, Status> {
        let request = request.into_inner();
        if self.accelerated.borrow().accelerator_lost
            && self.accelerated.borrow().accelerator() == inference::Accelerator::Unspecified
        {
            return Err(Status::unavailable("the Edge TPU was lost"));
        }
        if &*request.image == b"huge" {
            return Err(Status::resource_exhausted("image: 10000 x 5000 pixels"));
        }
        let values = colour(&request.image).ok_or_else(|| Status::invalid_argument("image: not a JPEG"))?;
        let picture = if request.picture_size == 0 { Vec::new() } else { small(&request.image) };
        let model_fingerprint = (*self.fingerprint.borrow()).to_owned();
        let embedding = inference::Embedding { model_fingerprint, values: values.to_vec() };
        let views = if request.with_views { vec![embedding.clone()] } else { Vec::new() };
        let embedding = Some(embedding);
        Ok(Response::new(inference::EmbedImageResponse { embedding, picture: picture.into(), views }))
    }

    async fn embed_probes(
        &self,
        _: Request<inference::EmbedProbesRequest>,
    ) -> Result<Response<inference::EmbedProbesResponse>, Status> {
        let model_fingerprint = (*self.fingerprint.borrow()).to_owned();
        let probe = |values: [f32; 4]| inference::Embedding {
            model_fingerprint: model_fingerprint.clone(),
            values: values.to_vec(),
        };
        let probes = vec![probe([0.0, 0.0, 0.0, 1.0]), probe([0.6, 0.0, 0.0, 0.8])];
        Ok(Response::new(inference::EmbedProbesResponse { probes }))
    }

    async fn list_models(
        &self,
        _: Request<inference::ListModelsRequest>,
    ) -> Result<Response<inference::ListModelsResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn select_model(
        &self,
        _: Request<inference::SelectModelRequest>,
    ) -> Result<Response<inference::Model>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    type StreamEmbeddingsStream = BoxStream<'static, Result<inference::EmbeddingEvent, Status>>;

    async fn stream_embeddings(
        &self,
        _: Request<inference::StreamEmbeddingsRequest>,
    ) -> Result<Response<Self::StreamEmbeddingsStream>, Status> {
        let frames = tokio_stream::wrappers::WatchStream::from_changes(self.frames.clone());
        let events = frames
            .filter_map(async |frame| frame.map(Ok))
            .take_until(self.shutdown.clone().cancelled_owned());
        Ok(Response::new(events.boxed()))
    }

    type StreamPreviewStream = BoxStream<'static, Result<inference::PreviewFrame, Status>>;

    async fn stream_preview(
        &self,
        _: Request<inference::StreamPreviewRequest>,
    ) -> Result<Response<Self::StreamPreviewStream>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn list_cameras(
        &self,
        _: Request<inference::ListCamerasRequest>,
    ) -> Result<Response<inference::ListCamerasResponse>, Status> {
        let problem = *self.problem.borrow();
        let state = match problem {
            "" => inference::CameraState::Streaming,
            _ => inference::CameraState::Failed,
        };
        let camera = inference::Camera {
            selected: true,
            state: state.into(),
            problem: problem.to_owned(),
            ..Default::default()
        };
        Ok(Response::new(inference::ListCamerasResponse { cameras: vec![camera] }))
    }

    async fn select_camera(
        &self,
        _: Request<inference::SelectCameraRequest>,
    ) -> Result<Response<inference::Camera>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn get_status(
        &self,
        _: Request<inference::GetStatusRequest>,
    ) -> Result<Response<inference::InferenceStatus>, Status> {
        Err(Status::unimplemented("not needed"))
    }
}

pub fn embedding(values: &[f32]) -> inference::Embedding {
    inference::Embedding { model_fingerprint: FINGERPRINT.to_owned(), values: values.to_vec() }
}

/// A running recommender.
pub struct Service {
    pub training: TrainingServiceClient<Channel>,
    pub recognition: RecognitionServiceClient<Channel>,
    pub recommendation: RecommendationServiceClient<Channel>,
    pub channel: Channel,
    pub http: SocketAddr,
    shutdown: Shutdown,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Service {
    /// With its database in `data`, and these flags beside.
    pub async fn boot(data: &Path, inference: SocketAddr, flags: &[&str]) -> Self {
        let inference = inference.to_string();
        let mut arguments =
            vec!["mirror-recommender", "--grpc-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0"];
        arguments.extend(["--inference-addr", &inference, "--data-dir", data.to_str().unwrap()]);
        arguments.extend(flags);
        let config = Cli::try_parse_from(arguments).unwrap().config;
        let listeners = bind(&config).await.unwrap();
        let (grpc, http) = (listeners.grpc.local_addr().unwrap(), listeners.http.local_addr().unwrap());
        let shutdown = Shutdown::new();
        let task = tokio::spawn(run(config, listeners, shutdown.clone()));
        let channel = mirror_ops::grpc::connect(&grpc.to_string()).unwrap();
        Self {
            training: TrainingServiceClient::new(channel.clone()),
            recognition: RecognitionServiceClient::new(channel.clone()),
            recommendation: RecommendationServiceClient::new(channel.clone()),
            channel,
            http,
            shutdown,
            task,
        }
    }

    /// Waits until the model is known, which is when embeddings are taken.
    pub async fn found_inference(&mut self) {
        let known = async {
            let request =
                || pb::ClassifyRequest { source: Some(pb::classify_request::Source::Image("red".into())) };
            while self.recognition.classify(request()).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, known).await.expect("inference is found");
    }

    pub async fn label(&mut self, name: &str, kind: pb::LabelKind, product_id: &str) -> pb::Label {
        let request = pb::CreateLabelRequest {
            name: name.to_owned(),
            kind: kind.into(),
            product_id: product_id.to_owned(),
            ..Default::default()
        };
        self.training.create_label(request).await.unwrap().into_inner()
    }

    pub async fn add(&mut self, samples: Vec<pb::AddSampleRequest>) -> Result<Vec<pb::Sample>, Status> {
        let answer = self.training.add_samples(futures::stream::iter(samples)).await?;
        Ok(answer.into_inner().samples)
    }

    pub async fn classify(&mut self, image: &'static str) -> Result<pb::Recognition, Status> {
        let request = pb::ClassifyRequest { source: Some(pb::classify_request::Source::Image(image.into())) };
        self.recognition.classify(request).await.map(Response::into_inner)
    }

    pub async fn mirror(&mut self, language: &str) -> Streaming<pb::MirrorEvent> {
        let request = pb::StreamMirrorRequest { language: language.to_owned() };
        self.recognition.stream_mirror(request).await.unwrap().into_inner()
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        self.ended().await
    }

    pub async fn ended(self) -> anyhow::Result<()> {
        tokio::time::timeout(PATIENCE, self.task).await.expect("the service ends").unwrap()
    }
}

pub fn image_sample(label_id: i64, image: &'static str) -> pb::AddSampleRequest {
    let source = pb::add_sample_request::Source::Image(image.into());
    pb::AddSampleRequest { label_id, source: Some(source), views: Vec::new() }
}

pub fn embedding_sample(label_id: i64, embedding: inference::Embedding) -> pb::AddSampleRequest {
    let source = pb::add_sample_request::Source::Embedding(embedding);
    pb::AddSampleRequest { label_id, source: Some(source), views: Vec::new() }
}

/// The next event of this state.
pub async fn until(events: &mut Streaming<pb::MirrorEvent>, state: pb::MirrorState) -> pb::MirrorEvent {
    let wanted = async {
        loop {
            let event = events.message().await.unwrap().expect("the stream goes on");
            if event.state() == state {
                return event;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wanted).await.unwrap_or_else(|_| panic!("{state:?} comes in time"))
}

/// A catalogue with one trigger product, T-RED.
pub fn catalogue() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalogue.json");
    let text = r#"{"currency": "EUR",
        "products": [{"product_id": "SCARF", "name": {"en": "Scarf", "de": "Schal"}, "picture": "scarf.webp", "price": "19.90"}],
        "recommendations": {"T-RED": ["SCARF"]}}"#;
    std::fs::write(&path, text).unwrap();
    std::fs::create_dir(folder.path().join("pictures")).unwrap();
    image::RgbImage::new(40, 30).save(folder.path().join("pictures/scarf.webp")).unwrap();
    (folder, path.to_str().unwrap().to_owned())
}

/// A started pair with an empty database.
pub async fn pair(flags: &[&str]) -> (tempfile::TempDir, Arc<FakeInference>, Service) {
    let data = tempfile::tempdir().unwrap();
    let inference = FakeInference::start().await;
    let mut service = Service::boot(data.path(), inference.addr, flags).await;
    service.found_inference().await;
    (data, Arc::new(inference), service)
}
