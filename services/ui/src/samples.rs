//! The kept pictures of samples, for everybody: those of products alone. What a
//! BACKGROUND label was taught with may show a shop and who is in it.
//!
//! Of a product it is the whole frame that the camera saw when it was taught, small:
//! who held the product, and what was behind, is in it. So where the camera's picture is
//! not for everybody (MIRROR_PREVIEW=off), these need a session, too.

use mirror_proto::recommender::v1 as pb;
use mirror_proto::recommender::v1::training_service_client::TrainingServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Status};
use warp::http::StatusCode;
use warp::reply::{Reply as _, Response};

use crate::pictures;

/// The picture of the sample `id`, which the browser may keep as `caching` says.
pub(crate) async fn picture(
    training: TrainingServiceClient<Channel>,
    id: i64,
    caching: &'static str,
) -> Response {
    match of_product(training, id).await {
        Ok(Some(sample)) if !sample.thumbnail.is_empty() => pictures::of_sample(sample.thumbnail, caching),
        Ok(_) => StatusCode::NOT_FOUND.into_response(),
        Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
            StatusCode::NOT_FOUND.into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The sample `id`, if it is one of a product.
async fn of_product(
    mut training: TrainingServiceClient<Channel>,
    sample_id: i64,
) -> Result<Option<pb::Sample>, Status> {
    let request = pb::GetSampleRequest { sample_id, with_thumbnail: true, with_embedding: false };
    let sample = training.get_sample(request).await?.into_inner();
    let label = training.get_label(pb::GetLabelRequest { label_id: sample.label_id }).await?.into_inner();
    Ok((label.kind() == pb::LabelKind::Product).then_some(sample))
}
