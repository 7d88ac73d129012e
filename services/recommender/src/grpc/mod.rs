//! The gRPC face, one module a service: validate, convert, delegate, convert
//! back; what takes a stream has a module of its own. [`status`] maps errors to codes, [`convert`] our types to the
//! contract's.

mod capture;
mod convert;
mod dataset;
mod recognition;
mod recommendation;
mod report;
mod review;
mod screen;
mod space;
pub(crate) mod status;
mod training;

use std::path::PathBuf;
use std::sync::Arc;

use mirror_ops::shutdown::Shutdown;
use mirror_proto::MAX_MESSAGE_BYTES;
use mirror_proto::recommender::v1 as pb;
use pb::recognition_service_server as recognition_server;
use pb::recommendation_service_server as recommendation_server;
use pb::training_service_server as training_server;
use tokio::sync::Semaphore;
use tonic::Status;
use tonic::codegen::Bytes;
use tonic::service::Routes;

use crate::gallery::Galleries;
use crate::inference_link::{EmbeddedSample, InferenceLink};
use crate::live::Live;
use crate::recognition::Embedding;
use crate::recommendations::desk::Desk;
use crate::spaces::Spaces;
use crate::teaching::Teaching;

/// What health answers for.
pub const SERVICES: [&str; 3] =
    [recognition_server::SERVICE_NAME, recommendation_server::SERVICE_NAME, training_server::SERVICE_NAME];

/// Pixels of the longer side of the picture that is kept with a sample: enough
/// for every network in use here (224) to embed it anew.
pub const PICTURE_SIZE: u32 = 320;

/// What the calls are answered from.
#[derive(Clone, Debug)]
pub struct Recommender {
    /// What was taught.
    pub galleries: Arc<Galleries>,
    /// The inference service.
    pub link: InferenceLink,
    /// What is in view.
    pub live: Live,
    /// Who is teaching, and what is kept for them.
    pub teaching: Teaching,
    /// The map of the embedding space.
    pub spaces: Arc<Spaces>,
    /// What goes with a product.
    pub recommendations: Desk,
    /// Whether a small picture is kept with a sample.
    pub keep_pictures: bool,
    /// Where archives lie while they are read or written.
    pub data_dir: PathBuf,
    /// Held by the export that is under way: each holds a connection to the
    /// database.
    pub exporting: Arc<Semaphore>,
    /// Ends the streams.
    pub shutdown: Shutdown,
}

impl Recommender {
    /// The three services.
    #[must_use]
    pub fn routes(self) -> Routes {
        let service = Arc::new(self);
        let training = training_server::TrainingServiceServer::from_arc(Arc::clone(&service))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES);
        let recognition = recognition_server::RecognitionServiceServer::from_arc(Arc::clone(&service))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES);
        Routes::new(training)
            .add_service(recognition)
            .add_service(recommendation_server::RecommendationServiceServer::from_arc(service))
    }

    /// The embedding of an image, checked.
    async fn embed(&self, image: Bytes) -> Result<(String, Embedding), Status> {
        not_empty(&image)?;
        convert::embedding(self.link.embed_image(image).await?)
    }

    /// The same with its views, and the picture to keep if pictures are kept.
    async fn embed_sample(&self, image: Bytes) -> Result<EmbeddedSample, Status> {
        not_empty(&image)?;
        self.link.embed_sample(image, if self.keep_pictures { PICTURE_SIZE } else { 0 }).await
    }
}

fn not_empty(image: &Bytes) -> Result<(), Status> {
    if image.is_empty() {
        return Err(Status::invalid_argument(
            "image: it is empty; send the bytes of a JPEG, PNG, WebP or BMP file",
        ));
    }
    Ok(())
}
