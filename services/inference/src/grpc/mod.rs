//! The gRPC face: validate, convert, delegate, convert back.

mod pace;
mod status;

use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use mirror_ops::process;
use mirror_ops::shutdown::Shutdown;
use mirror_proto::inference::v1 as pb;
use mirror_proto::inference::v1::inference_service_server::InferenceService;
use tokio::sync::{Semaphore, watch};
use tonic::{Request, Response, Status};

use crate::accelerator::{AcceleratorChoice, Twins};
use crate::camera::Capture;
use crate::camera::capture::State;
use crate::camera::discovery::Found;
use crate::config::CameraChoice;
use crate::embedder::{Accelerator, ChangeError, Embedded, EmbeddedFrame, Embedder, Serving};
use crate::{accelerator, model, picture};
use pace::Pace;

/// Previews open at once; each costs a JPEG encoding a frame.
const MAX_PREVIEWS: usize = 8;
/// Pictures decoded at once; each may take 96 MB.
const MAX_DECODERS: usize = 2;
/// Pictures of EmbedImage in here at once; each may have 16 MiB.
const MAX_PICTURES: usize = 16;

const PICTURE_SIZES: std::ops::RangeInclusive<u32> = 32..=1024;
const PREVIEW_WIDTHS: std::ops::RangeInclusive<u32> = 64..=1920;
const DEFAULT_PREVIEW_WIDTH: u32 = 640;

/// Which models can be selected: those in the folder of the first.
#[derive(Debug)]
pub struct Models {
    /// The one that the service was started with.
    pub started_with: PathBuf,
    /// What they are to be computed with.
    pub accelerator: AcceleratorChoice,
}

/// The service's implementation.
#[derive(Debug)]
pub struct Inference {
    embedder: Arc<Embedder>,
    capture: Capture,
    models: Models,
    previews: Arc<Semaphore>,
    decoders: Semaphore,
    pictures: Semaphore,
    shutdown: Shutdown,
}

impl Inference {
    /// Serves what `embedder` and `capture` deliver; streams end at `shutdown`.
    #[must_use]
    pub fn new(embedder: Embedder, capture: Capture, models: Models, shutdown: Shutdown) -> Self {
        Self {
            embedder: Arc::new(embedder),
            capture,
            models,
            previews: Arc::new(Semaphore::new(MAX_PREVIEWS)),
            decoders: Semaphore::new(MAX_DECODERS),
            pictures: Semaphore::new(MAX_PICTURES),
            shutdown,
        }
    }

    /// Each value of `channel` from now on, until the service stops; not the one it
    /// has, which may be from before the camera went away. Nothing is queued: while
    /// the subscriber doesn't read, newer values replace the one that waits.
    fn newest<T: Send + Sync + 'static>(
        &self,
        channel: &watch::Receiver<Option<Arc<T>>>,
    ) -> BoxStream<'static, Arc<T>> {
        let next = |mut channel: watch::Receiver<Option<Arc<T>>>| async move {
            channel.changed().await.ok()?;
            let value = channel.borrow_and_update().clone()?;
            Some((value, channel))
        };
        let mut channel = channel.clone();
        channel.mark_unchanged();
        futures::stream::unfold(channel, next).take_until(self.shutdown.clone().cancelled_owned()).boxed()
    }
}

#[tonic::async_trait]
impl InferenceService for Inference {
    async fn get_model(&self, _: Request<pb::GetModelRequest>) -> Result<Response<pb::Model>, Status> {
        Ok(Response::new(model_message(&self.embedder.serving())))
    }

    async fn list_models(
        &self,
        _: Request<pb::ListModelsRequest>,
    ) -> Result<Response<pb::ListModelsResponse>, Status> {
        let selected = &self.embedder.serving().model.id;
        let files = accelerator::selectable(&self.models.started_with);
        let selected = accelerator::listed_as(selected, &files);
        let models =
            files.keys().map(|id| pb::ModelFile { selected: id == selected, id: id.clone() }).collect();
        Ok(Response::new(pb::ListModelsResponse { models }))
    }

    async fn select_model(
        &self,
        request: Request<pb::SelectModelRequest>,
    ) -> Result<Response<pb::Model>, Status> {
        let id = request.into_inner().model_id;
        // Only what is listed: a client must not make the service read any
        // other file.
        let mut files = accelerator::selectable(&self.models.started_with);
        let file = files.remove(&id).ok_or_else(|| {
            Status::not_found(format!("model_id: there is no model '{id}'; see ListModels"))
        })?;
        let refuse = |error: &dyn std::error::Error| {
            tracing::warn!(%error, "Model not changed");
            Status::failed_precondition(format!("model_id: {error}; the model in use stays"))
        };
        let choice = self.models.accelerator;
        let twins = tokio::task::spawn_blocking(move || Twins::load(&file, choice)).await;
        let twins = twins.map_err(status::internal)?.map_err(|error| refuse(&error))?;
        let serving = self.embedder.change(twins).await.map_err(|error| match error {
            ChangeError::Model(error) => refuse(&error),
            ChangeError::Stopping => Status::unavailable(error.to_string()),
        })?;
        Ok(Response::new(model_message(&serving)))
    }

    async fn embed_probes(
        &self,
        _: Request<pb::EmbedProbesRequest>,
    ) -> Result<Response<pb::EmbedProbesResponse>, Status> {
        let model = self.embedder.serving().model;
        let of_model = |vector| embedding(&Embedded { vector, model: Arc::clone(&model) });
        let probes = model.probes.iter().cloned().map(of_model).collect();
        Ok(Response::new(pb::EmbedProbesResponse { probes }))
    }

    async fn embed_image(
        &self,
        request: Request<pb::EmbedImageRequest>,
    ) -> Result<Response<pb::EmbedImageResponse>, Status> {
        let request = request.into_inner();
        let size = picture_size(request.picture_size)?;
        let _place = self.pictures.try_acquire().map_err(|_| {
            Status::resource_exhausted(format!("{MAX_PICTURES} pictures are waiting already; try again"))
        })?;
        let decoding = self.decoders.acquire().await.expect("never closed");
        let decoded = tokio::task::spawn_blocking(move || {
            let image = picture::decode(&request.image)?;
            let small = size.map(|size| picture::small_jpeg(&image, size));
            let closer = if request.with_views { picture::closer(&image) } else { Vec::new() };
            Ok::<_, picture::PictureError>((image, small, closer))
        });
        let (image, small, closer) = decoded.await.map_err(status::internal)?.map_err(status::picture)?;
        let embedded = self.embedder.embed(image).await.map_err(status::embed)?;
        let mut views = Vec::with_capacity(closer.len());
        for view in closer {
            views.push(embedding(&self.embedder.embed(view).await.map_err(status::embed)?));
        }
        // Held until here: a decoded picture takes up to 96 MB, its views as much.
        drop(decoding);
        let embedding = embedding(&embedded);
        if views.iter().any(|view| view.model_fingerprint != embedding.model_fingerprint) {
            return Err(Status::aborted("the model changed during the call; call again"));
        }
        let picture = small.unwrap_or_default().into();
        Ok(Response::new(pb::EmbedImageResponse { embedding: Some(embedding), picture, views }))
    }

    type StreamEmbeddingsStream = BoxStream<'static, Result<pb::EmbeddingEvent, Status>>;

    async fn stream_embeddings(
        &self,
        request: Request<pb::StreamEmbeddingsRequest>,
    ) -> Result<Response<Self::StreamEmbeddingsStream>, Status> {
        let request = request.into_inner();
        let size = picture_size(request.picture_size)?;
        let mut pace = Pace::new(request.max_rate_hz)?;
        let mut before = None;
        let mut dropped = 0;
        let events = self.newest(&self.embedder.newest).filter_map(move |embedded| {
            let event = pace.admits(embedded.frame.captured).then(|| {
                let id = embedded.frame.id;
                dropped += (id - 1).saturating_sub(before.unwrap_or(id - 1));
                before = Some(id);
                (event(&embedded, dropped), embedded)
            });
            futures::future::ready(event)
        });
        let events = events.then(move |(event, embedded)| async move {
            let Some(size) = size else { return Ok(event) };
            let encode = move || {
                let small = embedded.frame.upright(|sides| picture::fit_side(sides, size));
                small.map(|small| picture::encode_jpeg(&small)).unwrap_or_default()
            };
            let picture = tokio::task::spawn_blocking(encode).await.map_err(status::internal)?.into();
            Ok(pb::EmbeddingEvent { picture, ..event })
        });
        Ok(Response::new(events.boxed()))
    }

    type StreamPreviewStream = BoxStream<'static, Result<pb::PreviewFrame, Status>>;

    async fn stream_preview(
        &self,
        request: Request<pb::StreamPreviewRequest>,
    ) -> Result<Response<Self::StreamPreviewStream>, Status> {
        let request = request.into_inner();
        let width = if request.width == 0 { DEFAULT_PREVIEW_WIDTH } else { request.width };
        if !PREVIEW_WIDTHS.contains(&width) {
            return Err(status::out_of_range("width", width, &PREVIEW_WIDTHS));
        }
        let mut pace = Pace::new(request.max_rate_hz)?;
        let place = Arc::clone(&self.previews).try_acquire_owned().map_err(|_| {
            Status::resource_exhausted(format!("{MAX_PREVIEWS} previews are open already; close one"))
        })?;
        let frames = self
            .newest(&self.capture.newest)
            .filter(move |frame| futures::future::ready(pace.admits(frame.captured)));
        let previews = frames.filter_map(move |frame| {
            // Held as long as the stream lives.
            let _place = &place;
            async move {
                let encode = move || {
                    let small = frame.upright(|sides| picture::fit_width(sides, width))?;
                    let jpeg = picture::encode_jpeg(&small).into();
                    Some(pb::PreviewFrame { frame_id: frame.id, jpeg })
                };
                // One that is broken is left out.
                tokio::task::spawn_blocking(encode).await.map_err(status::internal).transpose()
            }
        });
        Ok(Response::new(previews.boxed()))
    }

    async fn list_cameras(
        &self,
        _: Request<pb::ListCamerasRequest>,
    ) -> Result<Response<pb::ListCamerasResponse>, Status> {
        Ok(Response::new(pb::ListCamerasResponse { cameras: self.cameras() }))
    }

    async fn select_camera(
        &self,
        request: Request<pb::SelectCameraRequest>,
    ) -> Result<Response<pb::Camera>, Status> {
        let id = request.into_inner().camera_id;
        let choice: CameraChoice =
            id.parse().map_err(|error| Status::not_found(format!("camera_id: {error}")))?;
        // Only what is listed: a client must not make the service read any
        // other folder.
        let found = self.capture.list().into_iter().find(|camera| camera.is(&id));
        let name = match (found, &choice) {
            (Some(camera), _) => camera.name,
            (None, CameraChoice::Auto) => "The first camera that opens".to_owned(),
            (None, _) => {
                return Err(Status::not_found(format!(
                    "camera_id: there is no camera '{id}'; see ListCameras"
                )));
            }
        };
        self.capture
            .select(choice)
            .map_err(|_| Status::resource_exhausted("other cameras are being selected; try again"))?;
        let state = pb::CameraState::Opening.into();
        Ok(Response::new(pb::Camera { id, name, selected: true, state, ..Default::default() }))
    }

    async fn get_status(
        &self,
        _: Request<pb::GetStatusRequest>,
    ) -> Result<Response<pb::InferenceStatus>, Status> {
        let counts = self.embedder.counts();
        Ok(Response::new(pb::InferenceStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: Some(process::started_at().into()),
            resident_bytes: process::resident_bytes(),
            frames_captured: counts.frames,
            frames_dropped: counts.replaced,
        }))
    }
}

impl Inference {
    fn cameras(&self) -> Vec<pb::Camera> {
        let status = self.capture.status();
        let message = |found: Found| {
            let selected = found.is(&status.id);
            let state = pb::CameraState::Available.into();
            pb::Camera { id: found.id, name: found.name, selected, state, ..Default::default() }
        };
        let mut cameras: Vec<_> = self.capture.list().into_iter().map(message).collect();
        // One that was unplugged, or "auto" that found none, is shown as well.
        if !cameras.iter().any(|camera| camera.selected) {
            let (id, name) = (status.id.clone(), "The selected camera".to_owned());
            cameras.push(pb::Camera { id, name, selected: true, ..Default::default() });
        }
        for camera in cameras.iter_mut().filter(|camera| camera.selected) {
            let (state, problem) = match &status.state {
                State::Opening => (pb::CameraState::Opening, String::new()),
                State::Streaming => (pb::CameraState::Streaming, String::new()),
                State::Failed(problem) => (pb::CameraState::Failed, problem.clone()),
            };
            camera.state = state.into();
            camera.problem = problem;
            camera.mode.clone_from(&status.mode);
            camera.note.clone_from(&status.note);
        }
        cameras
    }
}

fn model_message(serving: &Serving) -> pb::Model {
    let model = &serving.model;
    let accelerator = match model.accelerator {
        _ if !serving.works => pb::Accelerator::Unspecified,
        Accelerator::Cpu => pb::Accelerator::Cpu,
        Accelerator::EdgeTpu => pb::Accelerator::EdgeTpu,
    };
    pb::Model {
        id: model.id.clone(),
        fingerprint: model.fingerprint.clone(),
        dimensions: u32::try_from(model.dimensions).expect("at most 8192"),
        input_width: model.input_size.width,
        input_height: model.input_size.height,
        accelerator: accelerator.into(),
        accelerator_detail: model.accelerator_detail.clone(),
        runtime_version: model::runtime_version().to_owned(),
        accelerator_problem: serving.problem.clone().unwrap_or_default(),
        accelerator_lost: serving.lost,
    }
}

/// `None` for no picture.
fn picture_size(size: u32) -> Result<Option<u32>, Status> {
    match size {
        0 => Ok(None),
        size if PICTURE_SIZES.contains(&size) => Ok(Some(size)),
        size => Err(status::out_of_range("picture_size", size, &PICTURE_SIZES)),
    }
}

fn embedding(embedded: &Embedded) -> pb::Embedding {
    pb::Embedding {
        model_fingerprint: embedded.model.fingerprint.clone(),
        values: embedded.vector.values().to_vec(),
    }
}

fn event(embedded: &EmbeddedFrame, frames_dropped: u64) -> pb::EmbeddingEvent {
    let micros = |time: std::time::Duration| u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
    pb::EmbeddingEvent {
        frame_id: embedded.frame.id,
        captured_at: Some(embedded.frame.captured_at.into()),
        embedding: Some(embedding(&embedded.embedded)),
        timings: Some(pb::StageTimings {
            decode_us: micros(embedded.decode),
            wait_us: micros(embedded.wait),
            resize_us: micros(embedded.resize),
            embed_us: micros(embedded.embed),
        }),
        frames_dropped,
        sharpness: embedded.sharpness,
        motion: embedded.motion,
        source: embedded.frame.source.clone(),
        picture: Default::default(),
    }
}
