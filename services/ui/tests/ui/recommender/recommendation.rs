use mirror_proto::recommender::v1 as pb;
use pb::recommendation_service_server::RecommendationService;
use tonic::{Request, Status};

use super::{Answer, Recommender, answer};

#[tonic::async_trait]
impl RecommendationService for Recommender {
    async fn get_recommendations(
        &self,
        request: Request<pb::GetRecommendationsRequest>,
    ) -> Answer<pb::Recommendations> {
        let language = self.note(request).language;
        let card = pb::ProductCard { name: format!("Scarf in {language}"), ..Default::default() };
        let freshness = pb::Freshness::Fresh.into();
        answer(pb::Recommendations { items: vec![card], freshness, ..Default::default() })
    }

    async fn get_picture(&self, request: Request<pb::GetPictureRequest>) -> Answer<pb::Picture> {
        let media_type = match request.into_inner().picture_id.as_str() {
            "hat.webp" => "image/webp",
            "hat.svg" => "image/svg+xml",
            _ => return Err(Status::not_found("There is no such picture.")),
        };
        answer(pb::Picture { data: "a hat".into(), media_type: media_type.to_owned() })
    }

    async fn record_interaction(
        &self,
        request: Request<pb::RecordInteractionRequest>,
    ) -> Answer<pb::RecordInteractionResponse> {
        let request = request.into_inner();
        if request.label_id != super::PRODUCT {
            return Err(Status::not_found("There is no label 8."));
        }
        self.interactions.lock().unwrap().push(request);
        answer(pb::RecordInteractionResponse {})
    }
}
