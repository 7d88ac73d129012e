use futures::StreamExt as _;
use futures::stream::BoxStream;
use mirror_proto::recommender::v1 as pb;
use pb::recognition_service_server::RecognitionService;
use tonic::{Request, Status};

use super::{Answer, NAMES, PRODUCT, Recommender, answer};

fn endless<T: Send + 'static>(
    messages: impl IntoIterator<Item = T>,
) -> BoxStream<'static, Result<T, Status>> {
    let messages: Vec<_> = messages.into_iter().map(Ok).collect();
    futures::stream::iter(messages).chain(futures::stream::pending()).boxed()
}

pub(super) fn verdict() -> pb::Recognition {
    let candidate = pb::Candidate {
        label_id: PRODUCT,
        label_name: NAMES[0].to_owned(),
        score: 0.75,
        ..Default::default()
    };
    pb::Recognition {
        outcome: pb::Outcome::Known.into(),
        label_id: PRODUCT,
        label_name: NAMES[0].to_owned(),
        candidates: vec![candidate],
        ..Default::default()
    }
}

#[tonic::async_trait]
impl RecognitionService for Recommender {
    async fn classify(&self, request: Request<pb::ClassifyRequest>) -> Answer<pb::Recognition> {
        self.note(request);
        let _classified = self.classifying.acquire().await.unwrap();
        answer(verdict())
    }

    type StreamRecognitionsStream = BoxStream<'static, Result<pb::RecognitionEvent, Status>>;

    async fn stream_recognitions(
        &self,
        _: Request<pb::StreamRecognitionsRequest>,
    ) -> Answer<Self::StreamRecognitionsStream> {
        let event = pb::RecognitionEvent { frame_id: 42, source: "fake:42".to_owned(), ..Default::default() };
        answer(endless([event]))
    }

    type StreamMirrorStream = BoxStream<'static, Result<pb::MirrorEvent, Status>>;

    async fn stream_mirror(
        &self,
        request: Request<pb::StreamMirrorRequest>,
    ) -> Answer<Self::StreamMirrorStream> {
        let label_name = format!("hat in {}", request.into_inner().language);
        let event = pb::MirrorEvent {
            sequence: 1,
            state: pb::MirrorState::Recognised.into(),
            recognition: Some(pb::Recognition { label_name, ..Default::default() }),
            ..Default::default()
        };
        answer(endless([event]))
    }

    type StreamSpaceStream = BoxStream<'static, Result<pb::SpaceEvent, Status>>;

    async fn stream_space(&self, _: Request<pb::StreamSpaceRequest>) -> Answer<Self::StreamSpaceStream> {
        let label = pb::SpaceLabel {
            label_id: PRODUCT,
            name: NAMES[0].to_owned(),
            kind: pb::LabelKind::Product.into(),
            samples: 1,
        };
        let map = pb::SpaceMap {
            revision: 3,
            layout: 1,
            labels: vec![label],
            sample_ids: vec![71],
            label_indices: vec![0],
            positions: vec![0.123_456, -1.0, 0.000_6],
            samples: 1,
            explained: 0.5,
        };
        let frame = pb::SpaceFrame {
            frame_id: 42,
            recognition: Some(verdict()),
            position: vec![0.5, 0.25, -0.125],
            ..Default::default()
        };
        let events = [pb::space_event::Event::Map(map), pb::space_event::Event::Frame(frame)];
        answer(endless(events.map(|event| pb::SpaceEvent { event: Some(event) })))
    }

    async fn get_status(&self, _: Request<pb::GetStatusRequest>) -> Answer<pb::RecommenderStatus> {
        let degradation = pb::Degradation {
            component: pb::Component::Provider.into(),
            message: "sap.example does not answer.".to_owned(),
            since: None,
        };
        answer(pb::RecommenderStatus {
            version: "1.2.3".to_owned(),
            state: pb::MirrorState::Recognised.into(),
            degradations: vec![degradation],
            provider: "sap-runtime".to_owned(),
            ..Default::default()
        })
    }
}
