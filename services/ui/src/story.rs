//! How the mirror knows one of its products: a taught picture, its embedding, and
//! what comes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use mirror_proto::recommender::v1 as pb;
use mirror_proto::recommender::v1::recognition_service_client::RecognitionServiceClient;
use mirror_proto::recommender::v1::recommendation_service_client::RecommendationServiceClient;
use mirror_proto::recommender::v1::training_service_client::TrainingServiceClient;
use serde::Serialize;
use tokio::time::Instant;
use tonic::transport::Channel;
use tonic::{Code, Status};
use warp::http::StatusCode;
use warp::reply::{Reply as _, Response};

use crate::json;
use crate::view::Recommendations;

/// For all questions together.
const PATIENCE: Duration = Duration::from_secs(3);
/// Samples that are looked at for one with a picture.
const TRIES: usize = 8;
const CARDS: u32 = 4;

#[derive(Debug, Serialize)]
struct Story {
    sample_id: i64,
    label: Label,
    embedding: Vec<f64>,
    candidates: Vec<Candidate>,
    recommendations: Option<Recommendations>,
}

#[derive(Debug, Serialize)]
struct Label {
    id: i64,
    name: String,
}

#[derive(Debug, Serialize)]
struct Candidate {
    label_id: i64,
    label_name: String,
    score: f32,
}

/// Tells stories. Clones know which one was told last.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    recognition: RecognitionServiceClient<Channel>,
    recommendations: RecommendationServiceClient<Channel>,
    training: TrainingServiceClient<Channel>,
    last: Arc<AtomicI64>,
}

impl Teller {
    pub(crate) fn new(
        recognition: RecognitionServiceClient<Channel>,
        recommendations: RecommendationServiceClient<Channel>,
        training: TrainingServiceClient<Channel>,
    ) -> Self {
        Self { recognition, recommendations, training, last: Arc::default() }
    }

    /// One of them, with product cards in `language`.
    pub(crate) async fn tell(&self, language: String) -> Response {
        let until = Instant::now() + PATIENCE;
        match tokio::time::timeout_at(until, self.find(language, until)).await {
            Ok(Ok(Some(story))) => json::ok(&story),
            Ok(Ok(None)) => StatusCode::NO_CONTENT.into_response(),
            Ok(Err(error)) => {
                tracing::debug!(%error, "No story");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }

    async fn find(&self, language: String, until: Instant) -> Result<Option<Story>, Status> {
        let Some((label, sample, embedding)) = self.choose().await? else { return Ok(None) };
        let values = embedding.values.iter().map(|value| rounded(*value)).collect();
        let request =
            pb::ClassifyRequest { source: Some(pb::classify_request::Source::Embedding(embedding)) };
        let verdict = self.recognition.clone().classify(request).await?.into_inner();
        let candidates = verdict.candidates.into_iter().map(|candidate| Candidate {
            label_id: candidate.label_id,
            label_name: candidate.label_name,
            score: candidate.score,
        });
        let recommendations = self.recommended(label.id, language, until).await;
        self.last.store(sample.id, Ordering::Relaxed);
        Ok(Some(Story {
            sample_id: sample.id,
            label: Label { id: label.id, name: label.name },
            embedding: values,
            candidates: candidates.collect(),
            recommendations,
        }))
    }

    /// A product's sample that has a picture and counts, by chance; another one
    /// than before, if there is one.
    async fn choose(&self) -> Result<Option<Chosen>, Status> {
        let mut training = self.training.clone();
        let labels = training.list_labels(pb::ListLabelsRequest {}).await?.into_inner().labels;
        let products = |label: &pb::Label| label.kind() == pb::LabelKind::Product && label.sample_count > 0;
        let mut labels: Vec<_> = labels.into_iter().filter(products).collect();
        let last = self.last.load(Ordering::Relaxed);
        let (mut tries, mut told) = (TRIES, None);
        while let Some(label) = take(&mut labels) {
            let request = pb::ListSamplesRequest { label_id: label.id, page_size: 100, ..Default::default() };
            let mut samples = training.list_samples(request).await?.into_inner().samples;
            samples.retain(|sample| !sample.ignored);
            while let Some(sample) = take(&mut samples) {
                if sample.id == last {
                    told = Some((label.clone(), sample.id));
                    continue;
                }
                if tries == 0 {
                    return Ok(None);
                }
                tries -= 1;
                if let Some(chosen) = self.whole(label.clone(), sample.id).await? {
                    return Ok(Some(chosen));
                }
            }
        }
        let Some((label, sample_id)) = told else { return Ok(None) };
        self.whole(label, sample_id).await
    }

    /// The sample with all that a story needs; `None` when something is missing, or
    /// it has just been deleted.
    async fn whole(&self, label: pb::Label, sample_id: i64) -> Result<Option<Chosen>, Status> {
        let request = pb::GetSampleRequest { sample_id, with_thumbnail: true, with_embedding: true };
        match self.training.clone().get_sample(request).await {
            Ok(sample) => {
                let mut sample = sample.into_inner();
                let pictured = !sample.thumbnail.is_empty() && sample.label_id == label.id;
                let embedding = sample.embedding.take().filter(|_| pictured);
                Ok(embedding.map(|embedding| (label, sample, embedding)))
            }
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status),
        }
    }

    /// `None` when they don't come in time: the story is good without them.
    async fn recommended(&self, label_id: i64, language: String, until: Instant) -> Option<Recommendations> {
        let request = pb::GetRecommendationsRequest { label_id, limit: CARDS, language };
        let mut client = self.recommendations.clone();
        // The rest of the story has to be told in time, too.
        let until = until - PATIENCE / 10;
        let found = tokio::time::timeout_at(until, client.get_recommendations(request)).await.ok()?;
        found.ok().map(|found| found.into_inner().into())
    }
}

type Chosen = (pb::Label, pb::Sample, mirror_proto::inference::v1::Embedding);

/// Takes one of `items` out, by chance.
fn take<T>(items: &mut Vec<T>) -> Option<T> {
    if items.is_empty() {
        return None;
    }
    let chance = getrandom::u32().unwrap_or_default() as usize;
    Some(items.swap_remove(chance % items.len()))
}

/// To four decimals: what can be drawn, in a third of the bytes.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let text = serde_json::to_string(&[0.123_456_f32, -0.99999, 0.0].map(rounded)).unwrap();
        assert_eq!(text, "[0.1235,-1.0,0.0]");
    }

    #[test]
    fn everything_is_taken_once() {
        let mut items = Vec::from_iter(0..100);
        let mut taken: Vec<i32> = std::iter::from_fn(|| take(&mut items)).collect();
        taken.sort_unstable();
        assert_eq!(taken, Vec::from_iter(0..100));
    }
}
