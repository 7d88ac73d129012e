//! An inference service without a camera or a network.

use std::sync::{Arc, Mutex};

use futures::StreamExt as _;
use futures::stream::BoxStream;
use mirror_proto::inference::v1 as pb;
use pb::inference_service_server::{InferenceService, InferenceServiceServer};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

pub(crate) const PREVIEW: &str = "JPEG of the shop as it is now";

/// Remembers what was selected.
#[derive(Clone, Default)]
pub(crate) struct Inference {
    pub(crate) selected: Arc<Mutex<Vec<String>>>,
}

impl Inference {
    pub(crate) fn routes(&self) -> Routes {
        Routes::new(InferenceServiceServer::new(self.clone()))
    }
}

type Answer<T> = Result<Response<T>, Status>;

fn model(id: &str) -> pb::Model {
    pb::Model {
        id: id.to_owned(),
        fingerprint: "f00d".to_owned(),
        dimensions: 4,
        accelerator: pb::Accelerator::Cpu.into(),
        accelerator_problem: "it was unplugged".to_owned(),
        ..Default::default()
    }
}

fn camera(id: &str) -> pb::Camera {
    pb::Camera {
        id: id.to_owned(),
        name: "Lens".to_owned(),
        selected: true,
        state: pb::CameraState::Streaming.into(),
        mode: "640x480 YUYV, 30 fps".to_owned(),
        ..Default::default()
    }
}

#[tonic::async_trait]
impl InferenceService for Inference {
    async fn get_model(&self, _: Request<pb::GetModelRequest>) -> Answer<pb::Model> {
        Ok(Response::new(model("lite0")))
    }

    async fn list_models(&self, _: Request<pb::ListModelsRequest>) -> Answer<pb::ListModelsResponse> {
        let models = vec![
            pb::ModelFile { id: "lite0".to_owned(), selected: true },
            pb::ModelFile { id: "mobilenet".to_owned(), selected: false },
        ];
        Ok(Response::new(pb::ListModelsResponse { models }))
    }

    async fn select_model(&self, request: Request<pb::SelectModelRequest>) -> Answer<pb::Model> {
        let id = request.into_inner().model_id;
        if id == "broken" {
            return Err(Status::failed_precondition("broken: the self-test failed; lite0 stays."));
        }
        self.selected.lock().unwrap().push(id.clone());
        Ok(Response::new(model(&id)))
    }

    async fn embed_probes(&self, _: Request<pb::EmbedProbesRequest>) -> Answer<pb::EmbedProbesResponse> {
        Err(Status::unimplemented("not needed"))
    }

    async fn embed_image(&self, _: Request<pb::EmbedImageRequest>) -> Answer<pb::EmbedImageResponse> {
        Err(Status::unimplemented("not needed"))
    }

    type StreamEmbeddingsStream = BoxStream<'static, Result<pb::EmbeddingEvent, Status>>;

    async fn stream_embeddings(
        &self,
        _: Request<pb::StreamEmbeddingsRequest>,
    ) -> Answer<Self::StreamEmbeddingsStream> {
        Err(Status::unimplemented("not needed"))
    }

    type StreamPreviewStream = BoxStream<'static, Result<pb::PreviewFrame, Status>>;

    async fn stream_preview(
        &self,
        _: Request<pb::StreamPreviewRequest>,
    ) -> Answer<Self::StreamPreviewStream> {
        let frame = pb::PreviewFrame { frame_id: 42, jpeg: PREVIEW.into() };
        Ok(Response::new(futures::stream::iter([Ok(frame)]).chain(futures::stream::pending()).boxed()))
    }

    async fn list_cameras(&self, _: Request<pb::ListCamerasRequest>) -> Answer<pb::ListCamerasResponse> {
        Ok(Response::new(pb::ListCamerasResponse { cameras: vec![camera("/dev/video0")] }))
    }

    async fn select_camera(&self, request: Request<pb::SelectCameraRequest>) -> Answer<pb::Camera> {
        let id = request.into_inner().camera_id;
        self.selected.lock().unwrap().push(id.clone());
        Ok(Response::new(camera(&id)))
    }

    async fn get_status(&self, _: Request<pb::GetStatusRequest>) -> Answer<pb::InferenceStatus> {
        let status = pb::InferenceStatus {
            version: "1.2.3".to_owned(),
            frames_captured: 1000,
            frames_dropped: 3,
            ..Default::default()
        };
        Ok(Response::new(status))
    }
}
