//! TrainingService.

use std::collections::HashMap;

use futures::stream::BoxStream;
use mirror_proto::inference::v1::Embedding;
use mirror_proto::recommender::v1 as pb;
use pb::add_sample_request::Source;
use pb::training_service_server::TrainingService;
use tonic::{Request, Response, Status, Streaming};

use super::{Recommender, capture, convert, dataset, review, status};
use crate::recognition::evaluation::Evaluation;
use crate::recognition::{Label, LabelId, LabelKind, SampleId, TriggerProduct, Views};
use crate::store::labels::LabelChange;
use crate::store::samples::NewSample;

const MAX_NAME: usize = 80;
const MAX_PRODUCT_ID: usize = 120;
const MAX_PRODUCT_ORIGIN: usize = 30;
const MAX_SAMPLES_A_CALL: usize = 1000;
const MAX_VIEWS: usize = 15;
const MAX_PAGE: u32 = 500;
/// A thumbnail may have 256 kB, a message 32 MB.
const MAX_PAGE_OF_THUMBNAILS: u32 = 100;
const DEFAULT_PAGE: u32 = 100;

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl TrainingService for Recommender {
    async fn create_label(&self, request: Request<pb::CreateLabelRequest>) -> Answer<pb::Label> {
        let request = request.into_inner();
        let kind = label_kind(request.kind)?.unwrap_or(LabelKind::Product);
        let product = TriggerProduct {
            origin: product_origin(&request.product_origin)?.to_owned(),
            id: product_id(&request.product_id)?.to_owned(),
        };
        let name = label_name(&request.name)?.to_owned();
        let label = self.galleries.create_label(name, kind, product).await.map_err(status::store)?;
        Ok(Response::new(convert::label(label, 0, None, 0)))
    }

    async fn list_labels(&self, _: Request<pb::ListLabelsRequest>) -> Answer<pb::ListLabelsResponse> {
        let labels = self.galleries.labels().await.map_err(status::store)?;
        let ignored = self.galleries.ignored_counts().await.map_err(status::store)?;
        let labels = labels.into_iter().map(|label| self.with_standing(label, &ignored)).collect();
        Ok(Response::new(pb::ListLabelsResponse { labels }))
    }

    async fn get_label(&self, request: Request<pb::GetLabelRequest>) -> Answer<pb::Label> {
        let id = convert::label_id(request.into_inner().label_id)?;
        let label = self.existing_label(id).await?;
        self.label_message(label).await
    }

    async fn update_label(&self, request: Request<pb::UpdateLabelRequest>) -> Answer<pb::Label> {
        let request = request.into_inner();
        let change = LabelChange {
            name: request.name.as_deref().map(label_name).transpose()?.map(str::to_owned),
            kind: label_kind(request.kind)?,
            product_id: request.product_id.as_deref().map(product_id).transpose()?.map(str::to_owned),
            product_origin: request
                .product_origin
                .as_deref()
                .map(product_origin)
                .transpose()?
                .map(str::to_owned),
        };
        let id = convert::label_id(request.label_id)?;
        let label = self.galleries.update_label(id, change).await.map_err(status::store)?;
        self.label_message(label).await
    }

    async fn delete_label(
        &self,
        request: Request<pb::DeleteLabelRequest>,
    ) -> Answer<pb::DeleteLabelResponse> {
        let id = convert::label_id(request.into_inner().label_id)?;
        let deleted_samples = self.galleries.delete_label(id).await.map_err(status::store)?;
        Ok(Response::new(pb::DeleteLabelResponse { deleted_samples }))
    }

    async fn add_samples(
        &self,
        request: Request<Streaming<pb::AddSampleRequest>>,
    ) -> Answer<pb::AddSamplesResponse> {
        let mut requests = request.into_inner();
        let mut model: Option<String> = None;
        let mut samples = Vec::new();
        while let Some(request) = requests.message().await? {
            if samples.len() == MAX_SAMPLES_A_CALL {
                return Err(Status::resource_exhausted(format!(
                    "at most {MAX_SAMPLES_A_CALL} samples a call"
                )));
            }
            let number = samples.len() + 1;
            let (fingerprint, sample) =
                self.new_sample(request).await.map_err(|status| nth(number, status))?;
            // The model may change between two pictures of one call.
            if *model.get_or_insert_with(|| fingerprint.clone()) != fingerprint {
                return Err(status::model_changed());
            }
            samples.push(sample);
        }
        // A caller that hung up looks like one that has said all: tonic ends the stream
        // alike. Only, this call then ends at the next pause.
        tokio::task::yield_now().await;
        let Some(model) = model else {
            return Err(Status::invalid_argument("no samples; send at least one"));
        };
        let added = self.galleries.add_samples(model, samples, None).await.map_err(status::add)?;
        Ok(Response::new(pb::AddSamplesResponse {
            samples: added.samples.into_iter().map(convert::sample).collect(),
        }))
    }

    async fn list_samples(
        &self,
        request: Request<pb::ListSamplesRequest>,
    ) -> Answer<pb::ListSamplesResponse> {
        let request = request.into_inner();
        let label = match request.label_id {
            0 => None,
            id => Some(self.existing_label(convert::label_id(id)?).await?.id),
        };
        let mut page = Page::new(request.page_size, &request.page_token)?;
        if request.with_thumbnails {
            page.limit = page.limit.min(MAX_PAGE_OF_THUMBNAILS);
        }
        let before = page.before.and_then(SampleId::new);
        let samples = self.galleries.samples(label, before, page.limit, request.with_thumbnails).await;
        let samples = samples.map_err(status::store)?;
        Ok(Response::new(pb::ListSamplesResponse {
            next_page_token: page.next(samples.iter().map(|sample| sample.id.get())),
            samples: samples.into_iter().map(convert::sample).collect(),
        }))
    }

    async fn get_sample(&self, request: Request<pb::GetSampleRequest>) -> Answer<pb::Sample> {
        let request = request.into_inner();
        let id = convert::sample_id(request.sample_id)?;
        let sample = self.galleries.sample(id, request.with_thumbnail).await.map_err(status::store)?;
        let embedding = request.with_embedding.then(|| self.galleries.embedding_of(id)).flatten();
        let embedding =
            embedding.map(|(model, values)| Embedding { model_fingerprint: model.fingerprint, values });
        Ok(Response::new(pb::Sample { embedding, ..convert::sample(sample) }))
    }

    async fn delete_sample(
        &self,
        request: Request<pb::DeleteSampleRequest>,
    ) -> Answer<pb::DeleteSampleResponse> {
        let id = convert::sample_id(request.into_inner().sample_id)?;
        self.galleries.delete_sample(id).await.map_err(status::store)?;
        Ok(Response::new(pb::DeleteSampleResponse {}))
    }

    type CaptureSamplesStream = BoxStream<'static, Result<pb::CaptureProgress, Status>>;

    async fn capture_samples(
        &self,
        request: Request<pb::CaptureSamplesRequest>,
    ) -> Answer<Self::CaptureSamplesStream> {
        Ok(Response::new(capture::samples(self, request.into_inner()).await?))
    }

    async fn move_sample(&self, request: Request<pb::MoveSampleRequest>) -> Answer<pb::Sample> {
        let request = request.into_inner();
        let (sample, label) = (convert::sample_id(request.sample_id)?, convert::label_id(request.label_id)?);
        let moved = self.galleries.move_sample(sample, label).await.map_err(status::store)?;
        Ok(Response::new(convert::sample(moved)))
    }

    async fn undo_last_change(&self, request: Request<pb::UndoLastChangeRequest>) -> Answer<pb::Change> {
        let only = Some(request.into_inner().change_id).filter(|id| *id != 0);
        let change = self.galleries.undo_last(only).await.map_err(status::store)?;
        Ok(Response::new(convert::change(change)))
    }

    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Answer<pb::ListChangesResponse> {
        let request = request.into_inner();
        let page = Page::new(request.page_size, &request.page_token)?;
        let changes = self.galleries.changes(page.before, page.limit).await.map_err(status::store)?;
        Ok(Response::new(pb::ListChangesResponse {
            next_page_token: page.next(changes.iter().map(|change| change.id)),
            changes: changes.into_iter().map(convert::change).collect(),
        }))
    }

    async fn purge_deleted(&self, _: Request<pb::PurgeDeletedRequest>) -> Answer<pb::PurgeDeletedResponse> {
        let purged = self.galleries.purge_deleted().await.map_err(status::store)?;
        let count = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Response::new(pb::PurgeDeletedResponse {
            purged_labels: count(purged.labels),
            purged_samples: count(purged.samples),
        }))
    }

    type ExportDatasetStream = BoxStream<'static, Result<pb::ExportDatasetChunk, Status>>;

    async fn export_dataset(
        &self,
        _: Request<pb::ExportDatasetRequest>,
    ) -> Answer<Self::ExportDatasetStream> {
        Ok(Response::new(dataset::export(self)?))
    }

    async fn import_dataset(
        &self,
        request: Request<Streaming<pb::ImportDatasetChunk>>,
    ) -> Answer<pb::ImportDatasetResponse> {
        Ok(Response::new(dataset::import(self, request.into_inner()).await?))
    }

    async fn evaluate_dataset(
        &self,
        _: Request<pb::EvaluateDatasetRequest>,
    ) -> Answer<pb::EvaluateDatasetResponse> {
        let evaluation = self.galleries.evaluation().await;
        let threshold = self.galleries.figures().map_or(0.0, |figures| figures.threshold as f32);
        Ok(Response::new(self.evaluation_message(&evaluation, threshold)))
    }

    async fn get_gallery(&self, _: Request<pb::GetGalleryRequest>) -> Answer<pb::Gallery> {
        let Some(figures) = self.galleries.figures() else {
            return Ok(Response::new(pb::Gallery { metric_current: true, ..Default::default() }));
        };
        let ignored = self.galleries.ignored_counts().await.map_err(status::store)?;
        let pending = self.galleries.pending(&figures.model).await.map_err(status::store)?;
        Ok(Response::new(pb::Gallery {
            model_id: figures.model_id,
            model_fingerprint: figures.model.fingerprint,
            dimensions: convert::count(figures.model.dimensions),
            labels: convert::count(figures.labels),
            samples: convert::count(figures.samples),
            ignored_samples: ignored.values().sum(),
            pending_samples: convert::count(pending.len()),
            metric_current: figures.current,
        }))
    }

    type TeachStream = BoxStream<'static, Result<pb::Verdict, Status>>;

    async fn teach(&self, _: Request<pb::TeachRequest>) -> Answer<Self::TeachStream> {
        Ok(Response::new(review::teach(self)))
    }

    async fn list_verdicts(
        &self,
        request: Request<pb::ListVerdictsRequest>,
    ) -> Answer<pb::ListVerdictsResponse> {
        Ok(Response::new(review::list(self, request.into_inner())?))
    }

    async fn add_verdict_samples(
        &self,
        request: Request<pb::AddVerdictSamplesRequest>,
    ) -> Answer<pb::AddSamplesResponse> {
        Ok(Response::new(review::add_samples(self, request.into_inner()).await?))
    }
}

/// A page of a list whose items have falling numbers.
struct Page {
    before: Option<i64>,
    limit: u32,
}

impl Page {
    fn new(size: u32, token: &str) -> Result<Self, Status> {
        let limit = match size {
            0 => DEFAULT_PAGE,
            size if size <= MAX_PAGE => size,
            size => {
                return Err(Status::invalid_argument(format!(
                    "page_size is {size}; use 1 to {MAX_PAGE}, or 0"
                )));
            }
        };
        let before = match token {
            "" => None,
            token => Some(token.parse().ok().filter(|id| *id > 0).ok_or_else(|| {
                Status::invalid_argument("page_token: use the next_page_token of an answer")
            })?),
        };
        Ok(Self { before, limit })
    }

    /// The token for what follows after these; a page that is not full is the last.
    fn next(&self, ids: impl ExactSizeIterator<Item = i64>) -> String {
        let full = ids.len() == self.limit as usize;
        ids.last().filter(|_| full).map_or_else(String::new, |id| id.to_string())
    }
}

impl Recommender {
    /// A request's sample with the fingerprint of its model.
    async fn new_sample(
        &self,
        request: pb::AddSampleRequest,
    ) -> Result<(String, (NewSample, Views)), Status> {
        let label = self.existing_label(convert::label_id(request.label_id)?).await?.id;
        match request.source {
            Some(Source::Image(image)) => {
                let embedded = self.embed_sample(image).await?;
                let picture = Some(embedded.picture.to_vec()).filter(|picture| !picture.is_empty());
                Ok((embedded.fingerprint, (NewSample { label, picture }, embedded.views)))
            }
            Some(Source::Embedding(embedding)) => {
                if request.views.len() > MAX_VIEWS {
                    return Err(Status::resource_exhausted(format!("views: at most {MAX_VIEWS} are taken")));
                }
                self.check_model(&embedding)?;
                let (fingerprint, whole) = convert::embedding(embedding)?;
                let mut closer = Vec::with_capacity(request.views.len());
                for view in request.views {
                    self.check_model(&view)?;
                    closer.push(convert::embedding(view)?.1);
                }
                Ok((fingerprint, (NewSample { label, picture: None }, Views { whole, closer })))
            }
            None => Err(Status::invalid_argument("source: set image or embedding")),
        }
    }

    /// Before the values are looked at: "of another model" says more than
    /// "not of unit length".
    pub(super) fn check_model(&self, embedding: &Embedding) -> Result<(), Status> {
        self.galleries.check(&embedding.model_fingerprint, embedding.values.len()).map_err(status::foreign)
    }

    pub(super) async fn existing_label(&self, id: LabelId) -> Result<Label, Status> {
        if let Some(label) = self.galleries.label(id) {
            return Ok(label);
        }
        // Before the first model is known, labels are in the database alone.
        let labels = self.galleries.labels().await.map_err(status::store)?;
        let label = labels.into_iter().find(|label| label.id == id);
        label.ok_or_else(|| Status::not_found(format!("label_id: there is no label {}", id.get())))
    }

    async fn label_message(&self, label: Label) -> Answer<pb::Label> {
        let ignored = self.galleries.ignored_counts().await.map_err(status::store)?;
        Ok(Response::new(self.with_standing(label, &ignored)))
    }

    fn with_standing(&self, label: Label, ignored: &HashMap<LabelId, u32>) -> pb::Label {
        let (samples, quality) = self.galleries.standing(label.id);
        let quality = quality.map(|quality| convert::quality(&quality, |id| self.label_name(id)));
        let ignored = ignored.get(&label.id).copied().unwrap_or(0);
        convert::label(label, samples, quality, ignored)
    }

    fn label_name(&self, id: LabelId) -> String {
        self.galleries.label(id).map_or_else(String::new, |label| label.name)
    }

    fn evaluation_message(&self, evaluation: &Evaluation, threshold: f32) -> pb::EvaluateDatasetResponse {
        let mut confusions: Vec<_> = evaluation
            .confusions
            .iter()
            .map(|((label, recognised), count)| pb::Confusion {
                label_id: label.get(),
                recognised_label_id: recognised.get(),
                count: *count,
            })
            .collect();
        confusions.sort_by_key(|confusion| std::cmp::Reverse(confusion.count));
        let advice = evaluation.labels.iter().map(|(label, quality)| pb::LabelAdvice {
            label_id: label.get(),
            quality: Some(convert::quality(quality, |id| self.label_name(id))),
        });
        pb::EvaluateDatasetResponse {
            accuracy: evaluation.accuracy,
            confusions,
            advice: advice.collect(),
            evaluated_samples: convert::count(evaluation.judged),
            threshold,
            false_reject_rate: evaluation.false_rejects,
            look_alike_accept_rate: evaluation.look_alike_accepts,
        }
    }
}

fn nth(number: usize, status: Status) -> Status {
    Status::new(status.code(), format!("sample {number}: {}; nothing was added", status.message()))
}

fn label_name(name: &str) -> Result<&str, Status> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Status::invalid_argument("name: it is empty; give 1 to 80 characters"));
    }
    if name.chars().any(char::is_control) {
        return Err(Status::invalid_argument(
            "name: it has line breaks or control characters; use plain text",
        ));
    }
    within("name", name, MAX_NAME)
}

fn product_id(id: &str) -> Result<&str, Status> {
    plain("product_id", id, MAX_PRODUCT_ID)
}

fn product_origin(origin: &str) -> Result<&str, Status> {
    plain("product_origin", origin, MAX_PRODUCT_ORIGIN)
}

fn plain<'a>(field: &str, text: &'a str, most: usize) -> Result<&'a str, Status> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(Status::invalid_argument(format!("{field}: it has control characters; use plain text")));
    }
    within(field, text, most)
}

fn within<'a>(field: &str, text: &'a str, most: usize) -> Result<&'a str, Status> {
    match text.chars().count() {
        length if length > most => Err(Status::resource_exhausted(format!(
            "{field}: it has {length} characters; at most {most} are taken"
        ))),
        _ => Ok(text),
    }
}

/// `None` for "unspecified".
fn label_kind(kind: i32) -> Result<Option<LabelKind>, Status> {
    match pb::LabelKind::try_from(kind) {
        Ok(pb::LabelKind::Unspecified) => Ok(None),
        Ok(pb::LabelKind::Product) => Ok(Some(LabelKind::Product)),
        Ok(pb::LabelKind::Background) => Ok(Some(LabelKind::Background)),
        Err(_) => Err(Status::invalid_argument(format!("kind is {kind}; use PRODUCT (1) or BACKGROUND (2)"))),
    }
}
