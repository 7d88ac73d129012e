//! RecommendationService.

use std::sync::Arc;

use mirror_proto::recommender::v1 as pb;
use pb::recommendation_service_server::RecommendationService;
use tonic::{Request, Response, Status};

use super::{Recommender, convert, status};
use crate::recommendations;

pub(super) const DEFAULT_LIMIT: usize = 4;
const MAX_LIMIT: u32 = 50;

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
        let provider = Arc::clone(&self.provider);
        let name = provider.name();
        let found = recommendations::for_trigger(provider, label.product_id, limit, request.language).await;
        Ok(Response::new(convert::recommendations(found, name)))
    }

    async fn get_picture(
        &self,
        request: Request<pb::GetPictureRequest>,
    ) -> Result<Response<pb::Picture>, Status> {
        let id = request.into_inner().picture_id;
        let picture = self.provider.picture(&id).await.map_err(status::provider)?;
        let picture =
            picture.ok_or_else(|| Status::not_found(format!("picture_id: there is no picture '{id}'")))?;
        Ok(Response::new(pb::Picture {
            data: picture.data.into(),
            media_type: picture.media_type.to_owned(),
        }))
    }

    async fn record_interaction(
        &self,
        _: Request<pb::RecordInteractionRequest>,
    ) -> Result<Response<pb::RecordInteractionResponse>, Status> {
        Err(status::not_built("RecordInteraction"))
    }
}
