//! RecommendationService.

use mirror_proto::recommender::v1 as pb;
use pb::recommendation_service_server::RecommendationService;
use tonic::{Request, Response, Status};

use super::{Recommender, convert, status};
use crate::recommendations::feedback::{FeedbackError, Interaction};

pub(super) const DEFAULT_LIMIT: usize = 4;
const MAX_LIMIT: u32 = 50;
const MAX_SHOWN: usize = 50;

#[tonic::async_trait]
impl RecommendationService for Recommender {
    async fn get_recommendations(
        &self,
        request: Request<pb::GetRecommendationsRequest>,
    ) -> Result<Response<pb::Recommendations>, Status> {
        let request = request.into_inner();
        let limit = match request.limit {
            0 => DEFAULT_LIMIT,
            limit if limit <= MAX_LIMIT => limit as usize,
            limit => {
                return Err(Status::invalid_argument(format!(
                    "limit is {limit}; use 1 to {MAX_LIMIT}, or 0"
                )));
            }
        };
        let label = self.existing_label(convert::label_id(request.label_id)?).await?;
        let found = self.recommendations.get(&label.product, &request.language).await;
        Ok(Response::new(convert::recommendations(found, limit)))
    }

    async fn get_picture(
        &self,
        request: Request<pb::GetPictureRequest>,
    ) -> Result<Response<pb::Picture>, Status> {
        let id = request.into_inner().picture_id;
        let picture = self.recommendations.pictures.get(&id).await;
        let picture =
            picture.ok_or_else(|| Status::not_found(format!("picture_id: there is no picture '{id}'")))?;
        Ok(Response::new(pb::Picture {
            data: picture.data.into(),
            media_type: picture.kind.media_type().to_owned(),
        }))
    }

    async fn record_interaction(
        &self,
        request: Request<pb::RecordInteractionRequest>,
    ) -> Result<Response<pb::RecordInteractionResponse>, Status> {
        let request = request.into_inner();
        let ids = &request.product_ids;
        let interaction = match (request.kind(), ids.len()) {
            (pb::InteractionKind::Impression, 1..=MAX_SHOWN) => Interaction::Impression,
            (pb::InteractionKind::Click, 1) => Interaction::Click,
            (pb::InteractionKind::Unspecified, _) => {
                return Err(Status::invalid_argument("kind: it is missing; use IMPRESSION or CLICK"));
            }
            (pb::InteractionKind::Impression, count) => {
                let why = format!("product_ids: {count} of them; name the 1 to {MAX_SHOWN} that were shown");
                return Err(Status::invalid_argument(why));
            }
            (pb::InteractionKind::Click, count) => {
                let why = format!("product_ids: {count} of them; name the one that was touched");
                return Err(Status::invalid_argument(why));
            }
        };
        let label = self.existing_label(convert::label_id(request.label_id)?).await?;
        let noted = self.recommendations.feedback.note(interaction, &label.product, ids).await;
        noted.map_err(|error| match error {
            FeedbackError::Unknown => Status::invalid_argument(format!("product_ids: {error}")),
            FeedbackError::Store(error) => status::store(error),
        })?;
        Ok(Response::new(pb::RecordInteractionResponse {}))
    }
}
