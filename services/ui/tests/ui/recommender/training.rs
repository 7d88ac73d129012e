use std::sync::atomic::Ordering;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use mirror_proto::recommender::v1 as pb;
use pb::training_service_server::TrainingService;
use tonic::{Request, Status, Streaming};

use super::recognition::verdict;
use super::{Answer, BACKGROUND, FRAME, Import, NAMES, PRODUCT, Recommender, UNTAUGHT, answer};

/// Larger than one message may be by default.
const ARCHIVE: usize = 5 << 20;

fn label(id: i64, sample_count: u32) -> Result<pb::Label, Status> {
    let index = [PRODUCT, BACKGROUND, UNTAUGHT].iter().position(|known| *known == id);
    let index = index.ok_or_else(|| Status::not_found(format!("There is no label {id}.")))?;
    let kind = if id == BACKGROUND { pb::LabelKind::Background } else { pb::LabelKind::Product };
    let reason = pb::Advice { kind: pb::AdviceKind::MoreSamples.into(), label_id: 0, share: 0.0 };
    let advice = vec!["Teach more samples.".to_owned()];
    Ok(pb::Label {
        id,
        name: NAMES[index].to_owned(),
        kind: kind.into(),
        sample_count,
        quality: Some(pb::LabelQuality { accuracy: 0.5, advice, reasons: vec![reason] }),
        ..Default::default()
    })
}

impl Recommender {
    fn label(&self, id: i64) -> Result<pb::Label, Status> {
        let count = self.samples.lock().unwrap().iter().filter(|sample| sample.label_id == id).count();
        label(id, u32::try_from(count).unwrap())
    }

    fn sample(&self, id: i64) -> Result<pb::Sample, Status> {
        let samples = self.samples.lock().unwrap();
        let found = samples.iter().find(|sample| sample.id == id).cloned();
        found.ok_or_else(|| Status::not_found(format!("There is no sample {id}.")))
    }

    /// `messages`, and then nothing, until somebody hangs up.
    fn held<T: Send + 'static>(
        &self,
        messages: Vec<Result<T, Status>>,
    ) -> BoxStream<'static, Result<T, Status>> {
        let open = self.opened();
        let messages = futures::stream::iter(messages).chain(futures::stream::pending());
        messages
            .map(move |message| {
                let _open = &open;
                message
            })
            .boxed()
    }
}

#[tonic::async_trait]
impl TrainingService for Recommender {
    async fn create_label(&self, request: Request<pb::CreateLabelRequest>) -> Answer<pb::Label> {
        let request = self.note(request);
        if request.name == NAMES[0] {
            return Err(Status::already_exists("name: another label is called Sun hat."));
        }
        answer(pb::Label { id: 10, name: request.name, kind: request.kind, ..Default::default() })
    }

    async fn list_labels(&self, _: Request<pb::ListLabelsRequest>) -> Answer<pb::ListLabelsResponse> {
        let labels = [PRODUCT, BACKGROUND, UNTAUGHT].map(|id| self.label(id).unwrap());
        answer(pb::ListLabelsResponse { labels: labels.to_vec() })
    }

    async fn get_label(&self, request: Request<pb::GetLabelRequest>) -> Answer<pb::Label> {
        answer(self.label(request.into_inner().label_id)?)
    }

    async fn update_label(&self, request: Request<pb::UpdateLabelRequest>) -> Answer<pb::Label> {
        answer(self.label(self.note(request).label_id)?)
    }

    async fn delete_label(
        &self,
        request: Request<pb::DeleteLabelRequest>,
    ) -> Answer<pb::DeleteLabelResponse> {
        let label = self.label(self.note(request).label_id)?;
        answer(pb::DeleteLabelResponse { deleted_samples: label.sample_count })
    }

    async fn add_samples(
        &self,
        _: Request<Streaming<pb::AddSampleRequest>>,
    ) -> Answer<pb::AddSamplesResponse> {
        Err(Status::unimplemented("not needed"))
    }

    type CaptureSamplesStream = BoxStream<'static, Result<pb::CaptureProgress, Status>>;

    async fn capture_samples(
        &self,
        request: Request<pb::CaptureSamplesRequest>,
    ) -> Answer<Self::CaptureSamplesStream> {
        let request = self.note(request);
        self.label(request.label_id)?;
        let taken = pb::CaptureProgress { captured: 1, sample: Some(self.sample(71)?), ..Default::default() };
        if request.label_id == BACKGROUND {
            let error = Status::unavailable("The camera is away.");
            return answer(futures::stream::iter([Ok(taken), Err(error)]).boxed());
        }
        let skipped = pb::CaptureProgress {
            captured: 1,
            skipped_blurred: 1,
            message: "The frame is blurred.".to_owned(),
            ..Default::default()
        };
        answer(self.held(vec![Ok(taken), Ok(skipped)]))
    }

    async fn list_samples(
        &self,
        request: Request<pb::ListSamplesRequest>,
    ) -> Answer<pb::ListSamplesResponse> {
        let request = self.note(request);
        let samples = self.samples.lock().unwrap().clone().into_iter();
        let of_label: Vec<_> = samples.filter(|sample| sample.label_id == request.label_id).collect();
        // A token is where to go on.
        let (from, size) = (request.page_token.parse().unwrap_or(0), request.page_size as usize);
        let next_page_token =
            if from + size < of_label.len() { (from + size).to_string() } else { String::new() };
        let page = of_label.into_iter().skip(from).take(size).map(|mut sample| {
            if !request.with_thumbnails {
                sample.thumbnail.clear();
            }
            pb::Sample { embedding: None, ..sample }
        });
        answer(pb::ListSamplesResponse { samples: page.collect(), next_page_token })
    }

    async fn get_sample(&self, request: Request<pb::GetSampleRequest>) -> Answer<pb::Sample> {
        let request = self.note(request);
        let mut sample = self.sample(request.sample_id)?;
        if !request.with_thumbnail {
            sample.thumbnail.clear();
        }
        sample.embedding = sample.embedding.filter(|_| request.with_embedding);
        answer(sample)
    }

    async fn move_sample(&self, request: Request<pb::MoveSampleRequest>) -> Answer<pb::Sample> {
        let request = self.note(request);
        answer(pb::Sample { label_id: request.label_id, ..self.sample(request.sample_id)? })
    }

    async fn delete_sample(
        &self,
        request: Request<pb::DeleteSampleRequest>,
    ) -> Answer<pb::DeleteSampleResponse> {
        self.sample(self.note(request).sample_id)?;
        answer(pb::DeleteSampleResponse {})
    }

    async fn undo_last_change(&self, request: Request<pb::UndoLastChangeRequest>) -> Answer<pb::Change> {
        self.note(request);
        answer(pb::Change { id: 5, kind: pb::ChangeKind::Undo.into(), ..Default::default() })
    }

    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Answer<pb::ListChangesResponse> {
        self.note(request);
        let change = pb::Change {
            id: 4,
            kind: pb::ChangeKind::DeleteSample.into(),
            summary: "Deleted a sample of Sun hat.".to_owned(),
            undoable: true,
            ..Default::default()
        };
        answer(pb::ListChangesResponse { changes: vec![change], next_page_token: String::new() })
    }

    async fn purge_deleted(
        &self,
        request: Request<pb::PurgeDeletedRequest>,
    ) -> Answer<pb::PurgeDeletedResponse> {
        self.note(request);
        answer(pb::PurgeDeletedResponse { purged_labels: 1, purged_samples: 2 })
    }

    type ExportDatasetStream = BoxStream<'static, Result<pb::ExportDatasetChunk, Status>>;

    async fn export_dataset(
        &self,
        _: Request<pb::ExportDatasetRequest>,
    ) -> Answer<Self::ExportDatasetStream> {
        let archive = archive();
        let mut chunks: Vec<_> = archive
            .chunks(256 << 10)
            .map(|data| Ok(pb::ExportDatasetChunk { data: data.to_vec().into() }))
            .collect();
        if let Some(error) = self.export.lock().unwrap().clone() {
            let at = usize::from(error.code() != tonic::Code::ResourceExhausted);
            chunks.truncate(at);
            chunks.push(Err(error));
        }
        if self.export_stops.load(Ordering::Relaxed) {
            chunks.truncate(1);
            return answer(self.held(chunks));
        }
        answer(futures::stream::iter(chunks).boxed())
    }

    async fn import_dataset(
        &self,
        request: Request<Streaming<pb::ImportDatasetChunk>>,
    ) -> Answer<pb::ImportDatasetResponse> {
        // However it ends.
        struct Ended<'a>(&'a Recommender, Import);
        impl Drop for Ended<'_> {
            fn drop(&mut self) {
                self.0.imports.send_replace(Some(self.1.clone()));
            }
        }
        let mut ended = Ended(self, Import::BrokenOff);
        let (mut chunks, mut archive) = (request.into_inner(), Vec::new());
        while let Some(chunk) = chunks.message().await? {
            archive.extend_from_slice(&chunk.data);
        }
        // A call that was given up gets no further than the first wait: to the server its
        // chunks just end.
        let _checked = self.checking.acquire().await.unwrap();
        ended.1 = Import::Whole(archive);
        answer(pb::ImportDatasetResponse { added_labels: 1, added_samples: 2, ..Default::default() })
    }

    async fn evaluate_dataset(
        &self,
        _: Request<pb::EvaluateDatasetRequest>,
    ) -> Answer<pb::EvaluateDatasetResponse> {
        let confusion = pb::Confusion { label_id: PRODUCT, recognised_label_id: UNTAUGHT, count: 3 };
        let quality = self.label(PRODUCT)?.quality;
        answer(pb::EvaluateDatasetResponse {
            accuracy: 0.75,
            confusions: vec![confusion],
            advice: vec![pb::LabelAdvice { label_id: PRODUCT, quality }],
            ..Default::default()
        })
    }

    async fn get_gallery(&self, _: Request<pb::GetGalleryRequest>) -> Answer<pb::Gallery> {
        answer(pb::Gallery { labels: 3, samples: 3, metric_current: true, ..Default::default() })
    }

    type TeachStream = BoxStream<'static, Result<pb::Verdict, Status>>;

    async fn teach(&self, _: Request<pb::TeachRequest>) -> Answer<Self::TeachStream> {
        let verdict =
            pb::Verdict { id: 11, recognition: Some(verdict()), picture: FRAME.into(), ..Default::default() };
        answer(self.held(vec![Ok(verdict)]))
    }

    async fn list_verdicts(&self, _: Request<pb::ListVerdictsRequest>) -> Answer<pb::ListVerdictsResponse> {
        Err(Status::unimplemented("not needed"))
    }

    async fn add_verdict_samples(
        &self,
        request: Request<pb::AddVerdictSamplesRequest>,
    ) -> Answer<pb::AddSamplesResponse> {
        self.note(request);
        answer(pb::AddSamplesResponse { samples: vec![self.sample(71)?] })
    }
}

/// Bytes that no two chunks have alike.
pub(crate) fn archive() -> Vec<u8> {
    (0..ARCHIVE as u32 / 4).flat_map(u32::to_le_bytes).collect()
}
