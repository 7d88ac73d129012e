//! How the mirror knows one of its products: a taught picture, its embedding, and
//! what comes of it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mirror_proto::recommender::v1 as pb;
use mirror_proto::recommender::v1::recognition_service_client::RecognitionServiceClient;
use mirror_proto::recommender::v1::recommendation_service_client::RecommendationServiceClient;
use mirror_proto::recommender::v1::training_service_client::TrainingServiceClient;
use serde::Serialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use tonic::transport::Channel;
use tonic::{Code, Status};
use warp::http::StatusCode;
use warp::reply::{Reply as _, Response};

use crate::json;
use crate::view::Recommendations;

/// For all questions together.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a story is told again to those who come while another one is sought.
const FRESH: Duration = Duration::from_secs(2);
/// Samples of a label that are drawn for one with a picture, before the next label.
const DRAWS: usize = 3;
/// Calls of ListSamples for one story; what isn't found by then isn't told.
const LISTS: usize = 32;
/// Samples a call.
const PAGE: u32 = 100;
/// Samples a call when each comes with its picture.
const PICTURED_PAGE: u32 = 50;
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

/// A story; `None`: there is none to be told.
type Told = Arc<Option<Story>>;

/// Tells stories, one at a time. Clones know which one was told last.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    recognition: RecognitionServiceClient<Channel>,
    recommendations: RecommendationServiceClient<Channel>,
    training: TrainingServiceClient<Channel>,
    last: Arc<AtomicI64>,
    seeking: Arc<Semaphore>,
    /// What was told last, by language, and when.
    newest: Arc<Mutex<HashMap<&'static str, (Instant, Told)>>>,
}

impl Teller {
    pub(crate) fn new(
        recognition: RecognitionServiceClient<Channel>,
        recommendations: RecommendationServiceClient<Channel>,
        training: TrainingServiceClient<Channel>,
    ) -> Self {
        Self {
            recognition,
            recommendations,
            training,
            last: Arc::default(),
            seeking: Arc::new(Semaphore::new(1)),
            newest: Arc::default(),
        }
    }

    /// One of them, with product cards in `language`, which is one of the pages'.
    pub(crate) async fn tell(&self, language: &'static str) -> Response {
        let until = Instant::now() + PATIENCE;
        match tokio::time::timeout_at(until, self.told(language, until)).await {
            Ok(Ok(told)) => match told.as_ref() {
                Some(story) => json::ok(story),
                None => StatusCode::NO_CONTENT.into_response(),
            },
            Ok(Err(error)) => {
                tracing::debug!(%error, "No story");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }

    /// Another one; who comes while one is sought gets the newest.
    async fn told(&self, language: &'static str, until: Instant) -> Result<Told, Status> {
        let _seeking = match self.seeking.try_acquire() {
            Ok(place) => place,
            Err(_) => match self.newest_or_turn(language).await {
                Ok(told) => return Ok(told),
                Err(place) => place,
            },
        };
        let told = Arc::new(self.find(language, until).await?);
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.insert(language, (Instant::now(), Arc::clone(&told)));
        Ok(told)
    }

    async fn newest_or_turn(&self, language: &'static str) -> Result<Told, SemaphorePermit<'_>> {
        if let Some(told) = self.newest(language) {
            return Ok(told);
        }
        let place = self.seeking.acquire().await.expect("it is never closed");
        self.newest(language).ok_or(place)
    }

    fn newest(&self, language: &'static str) -> Option<Told> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, told) = newest.get(language)?;
        (at.elapsed() < FRESH).then(|| Arc::clone(told))
    }

    async fn find(&self, language: &str, until: Instant) -> Result<Option<Story>, Status> {
        let labels = self.training.clone().list_labels(pb::ListLabelsRequest {}).await?.into_inner().labels;
        let (products, others): (Vec<_>, Vec<_>) =
            labels.into_iter().partition(|label| label.kind() == pb::LabelKind::Product);
        let others: HashSet<_> = others.into_iter().map(|label| label.id).collect();
        let Some((label, sample, embedding)) = self.choose(products).await? else { return Ok(None) };
        let values = embedding.values.iter().map(|value| rounded(*value)).collect();
        let request =
            pb::ClassifyRequest { source: Some(pb::classify_request::Source::Embedding(embedding)) };
        let verdict = self.recognition.clone().classify(request).await?.into_inner();
        // What is background is never shown.
        let shown = verdict.candidates.into_iter().filter(|candidate| !others.contains(&candidate.label_id));
        let candidates = shown.map(|candidate| Candidate {
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

    /// A sample of one of `products` that has a picture and counts, by chance; another one
    /// than before, if one is found by drawing. `None` only when there is none.
    async fn choose(&self, products: Vec<pb::Label>) -> Result<Option<Chosen>, Status> {
        let mut labels: Vec<_> = products.into_iter().filter(|label| label.sample_count > 0).collect();
        let last = self.last.load(Ordering::Relaxed);
        let mut lists = LISTS;
        let (mut told, mut unlucky) = (None, Vec::new());
        while let Some(label) = take(&mut labels) {
            // What was told before is better than nothing for now.
            if lists == 0 && told.is_some() {
                break;
            }
            let page = self.samples(&label, String::new(), false, &mut lists).await?;
            let (mut samples, mut draws) = (page.samples, DRAWS);
            samples.retain(|sample| !sample.ignored);
            if let Some(at) = samples.iter().position(|sample| sample.id == last) {
                samples.swap_remove(at);
                told = Some(label.clone());
            }
            while draws > 0
                && let Some(sample) = take(&mut samples)
            {
                if let Some(chosen) = self.whole(label.clone(), sample.id).await? {
                    return Ok(Some(chosen));
                }
                draws -= 1;
            }
            if !samples.is_empty() || !page.next_page_token.is_empty() {
                unlucky.push(label);
            }
        }
        if let Some(label) = told
            && let Some(chosen) = self.whole(label, last).await?
        {
            return Ok(Some(chosen));
        }
        self.search(unlucky, &mut lists).await
    }

    /// The first sample of `labels` that will do, all of them looked through.
    async fn search(&self, labels: Vec<pb::Label>, lists: &mut usize) -> Result<Option<Chosen>, Status> {
        for label in labels {
            let mut token = String::new();
            loop {
                let page = self.samples(&label, token, true, lists).await?;
                let pictured = |sample: &pb::Sample| !sample.ignored && !sample.thumbnail.is_empty();
                for sample in page.samples.iter().filter(|sample| pictured(sample)) {
                    if let Some(chosen) = self.whole(label.clone(), sample.id).await? {
                        return Ok(Some(chosen));
                    }
                }
                token = page.next_page_token;
                if token.is_empty() {
                    break;
                }
            }
        }
        Ok(None)
    }

    /// A page of the samples of `label`; one of the calls that `left` counts.
    async fn samples(
        &self,
        label: &pb::Label,
        page_token: String,
        with_thumbnails: bool,
        left: &mut usize,
    ) -> Result<pb::ListSamplesResponse, Status> {
        let fewer = left.checked_sub(1);
        *left = fewer.ok_or_else(|| Status::deadline_exceeded("no picture among the samples so far"))?;
        let page_size = if with_thumbnails { PICTURED_PAGE } else { PAGE };
        let request = pb::ListSamplesRequest { label_id: label.id, with_thumbnails, page_size, page_token };
        Ok(self.training.clone().list_samples(request).await?.into_inner())
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
    async fn recommended(&self, label_id: i64, language: &str, until: Instant) -> Option<Recommendations> {
        let language = language.to_owned();
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
