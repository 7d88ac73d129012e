//! Teaching, for who knows the PIN: everything below `/api/`.
//!
//! [`routes`] says what there is and who may ask; a file for each subject asks the
//! services and answers. [`pin`] has the PIN, [`pin_file`] its hash on disk,
//! [`attempts`] how often it may be guessed at, [`sessions`] who has known it, and
//! [`entry`] brings them together.

mod attempts;
mod capture;
mod changes;
mod dataset;
mod devices;
mod entry;
mod error;
mod labels;
mod pin;
mod pin_file;
mod request;
mod routes;
mod samples;
mod sessions;
mod verdicts;

use mirror_proto::inference::v1::inference_service_client::InferenceServiceClient;
use mirror_proto::recommender::v1::recommendation_service_client::RecommendationServiceClient;
use mirror_proto::recommender::v1::training_service_client::TrainingServiceClient;
use tonic::transport::Channel;

use crate::feed::Feed;
use crate::streams::Streams;

pub(crate) use entry::Entry;
pub(crate) use pin::Pin;
pub use pin_file::hash_pin;
pub(crate) use routes::route;
pub(crate) use sessions::Sessions;

/// What requests are answered from. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    pub(crate) feed: Feed,
    pub(crate) training: TrainingServiceClient<Channel>,
    pub(crate) recommendations: RecommendationServiceClient<Channel>,
    pub(crate) inference: InferenceServiceClient<Channel>,
    pub(crate) streams: Streams,
    pub(crate) entry: Entry,
}
