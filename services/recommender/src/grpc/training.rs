//! TrainingService.

use futures::stream::BoxStream;
use mirror_proto::recommender::v1 as pb;
use pb::add_sample_request::Source;
use pb::training_service_server::TrainingService;
use tonic::{Request, Response, Status, Streaming};

use super::{PICTURE_SIZE, Recommender, convert, status};
use crate::recognition::{Label, LabelId, LabelKind};
use crate::store::labels::LabelChange;
use crate::store::samples::NewSample;

const MAX_NAME: usize = 80;
const MAX_PRODUCT_ID: usize = 120;
const MAX_SAMPLES_A_CALL: usize = 1000;
const MAX_PAGE: u32 = 500;
const DEFAULT_PAGE: u32 = 100;

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl TrainingService for Recommender {
    async fn create_label(&self, request: Request<pb::CreateLabelRequest>) -> Answer<pb::Label> {
        let request = request.into_inner();
        let kind = label_kind(request.kind)?.unwrap_or(LabelKind::Product);
        let (name, product_id) = (label_name(&request.name)?, product_id(&request.product_id)?);
        let label = self
            .galleries
            .create_label(name.to_owned(), kind, product_id.to_owned())
            .await
            .map_err(status::store)?;
        Ok(Response::new(convert::label(label, 0)))
    }

    async fn list_labels(&self, _: Request<pb::ListLabelsRequest>) -> Answer<pb::ListLabelsResponse> {
        let labels = self.galleries.labels().await.map_err(status::store)?;
        let labels = labels.into_iter().map(|label| self.with_count(label)).collect();
        Ok(Response::new(pb::ListLabelsResponse { labels }))
    }

    async fn get_label(&self, request: Request<pb::GetLabelRequest>) -> Answer<pb::Label> {
        let id = convert::label_id(request.into_inner().label_id)?;
        let label = self.existing_label(id).await?;
        Ok(Response::new(self.with_count(label)))
    }

    async fn update_label(&self, request: Request<pb::UpdateLabelRequest>) -> Answer<pb::Label> {
        let request = request.into_inner();
        let change = LabelChange {
            name: request.name.as_deref().map(label_name).transpose()?.map(str::to_owned),
            kind: label_kind(request.kind)?,
            product_id: request.product_id.as_deref().map(product_id).transpose()?.map(str::to_owned),
        };
        let id = convert::label_id(request.label_id)?;
        let label = self.galleries.update_label(id, change).await.map_err(status::store)?;
        Ok(Response::new(self.with_count(label)))
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
                return Err(Status::aborted(
                    "the model changed during the call; nothing was added, call again",
                ));
            }
            samples.push(sample);
        }
        let Some(model) = model else {
            return Err(Status::invalid_argument("no samples; send at least one"));
        };
        let stored = self.galleries.add_samples(model, samples).await.map_err(status::add)?;
        Ok(Response::new(pb::AddSamplesResponse {
            samples: stored.into_iter().map(convert::sample).collect(),
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
        let limit = match request.page_size {
            0 => DEFAULT_PAGE,
            size if size <= MAX_PAGE => size,
            size => {
                return Err(Status::invalid_argument(format!(
                    "page_size is {size}; use 1 to {MAX_PAGE}, or 0"
                )));
            }
        };
        let before = match request.page_token.as_str() {
            "" => None,
            token => {
                let id = token.parse().ok().and_then(crate::recognition::SampleId::new);
                Some(id.ok_or_else(|| {
                    Status::invalid_argument("page_token: use the next_page_token of an answer")
                })?)
            }
        };
        let samples = self.galleries.samples(label, before, limit, request.with_thumbnails).await;
        let samples = samples.map_err(status::store)?;
        let full = samples.len() == limit as usize;
        let last = samples.last().filter(|_| full);
        Ok(Response::new(pb::ListSamplesResponse {
            next_page_token: last.map_or_else(String::new, |sample| sample.id.get().to_string()),
            samples: samples.into_iter().map(convert::sample).collect(),
        }))
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
        _: Request<pb::CaptureSamplesRequest>,
    ) -> Answer<Self::CaptureSamplesStream> {
        Err(status::not_built("CaptureSamples"))
    }

    async fn move_sample(&self, _: Request<pb::MoveSampleRequest>) -> Answer<pb::Sample> {
        Err(status::not_built("MoveSample"))
    }

    async fn undo_last_change(&self, _: Request<pb::UndoLastChangeRequest>) -> Answer<pb::Change> {
        Err(status::not_built("UndoLastChange"))
    }

    async fn list_changes(&self, _: Request<pb::ListChangesRequest>) -> Answer<pb::ListChangesResponse> {
        Err(status::not_built("ListChanges"))
    }

    type ExportDatasetStream = BoxStream<'static, Result<pb::ExportDatasetChunk, Status>>;

    async fn export_dataset(
        &self,
        _: Request<pb::ExportDatasetRequest>,
    ) -> Answer<Self::ExportDatasetStream> {
        Err(status::not_built("ExportDataset"))
    }

    async fn import_dataset(
        &self,
        _: Request<Streaming<pb::ImportDatasetChunk>>,
    ) -> Answer<pb::ImportDatasetResponse> {
        Err(status::not_built("ImportDataset"))
    }

    async fn evaluate_dataset(
        &self,
        _: Request<pb::EvaluateDatasetRequest>,
    ) -> Answer<pb::EvaluateDatasetResponse> {
        Err(status::not_built("EvaluateDataset"))
    }
}

impl Recommender {
    /// A request's sample with the fingerprint of its model.
    async fn new_sample(&self, request: pb::AddSampleRequest) -> Result<(String, NewSample), Status> {
        let label = self.existing_label(convert::label_id(request.label_id)?).await?.id;
        let (fingerprint, embedding, picture) = match request.source {
            Some(Source::Image(image)) => {
                let size = if self.keep_pictures { PICTURE_SIZE } else { 0 };
                let (fingerprint, embedding, picture) = self.embed(image, size).await?;
                (fingerprint, embedding, Some(picture.to_vec()).filter(|picture| !picture.is_empty()))
            }
            Some(Source::Embedding(embedding)) => {
                self.check_model(&embedding)?;
                let (fingerprint, embedding) = convert::embedding(embedding)?;
                (fingerprint, embedding, None)
            }
            None => return Err(Status::invalid_argument("source: set image or embedding")),
        };
        Ok((fingerprint, NewSample { label, embedding, picture }))
    }

    /// Before the values are looked at: "of another model" says more than
    /// "not of unit length".
    pub(super) fn check_model(
        &self,
        embedding: &mirror_proto::inference::v1::Embedding,
    ) -> Result<(), Status> {
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

    fn with_count(&self, label: Label) -> pb::Label {
        let count = self.galleries.sample_count(label.id);
        convert::label(label, count)
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
    let id = id.trim();
    if id.chars().any(char::is_control) {
        return Err(Status::invalid_argument("product_id: it has control characters; use plain text"));
    }
    within("product_id", id, MAX_PRODUCT_ID)
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
