//! The recommender's streams for one browser: they come back by themselves,
//! and while the recommender is away the screen is told so.

use std::time::Duration;

use futures::{Stream, StreamExt as _};
use mirror_ops::retry::{self, Waits};
use mirror_proto::recommender::v1 as pb;
use mirror_proto::recommender::v1::recognition_service_client::RecognitionServiceClient;
use mirror_proto::recommender::v1::training_service_client::TrainingServiceClient;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

use crate::view::{MirrorEvent, RecognitionEvent, Verdict};

/// How long a lost recommender goes unmentioned: a restart shows nothing.
const GRACE: Duration = Duration::from_millis(800);

/// Makes the streams.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    recognition: RecognitionServiceClient<Channel>,
    training: TrainingServiceClient<Channel>,
}

impl Feed {
    pub(crate) fn new(
        recognition: RecognitionServiceClient<Channel>,
        training: TrainingServiceClient<Channel>,
    ) -> Self {
        Self { recognition, training }
    }

    /// What to show, without end: the current state first, then each change.
    pub(crate) fn mirror(&self, language: String) -> impl Stream<Item = MirrorEvent> + Send + use<> {
        let client = self.recognition.clone();
        let open = move || {
            let (mut client, language) = (client.clone(), language.clone());
            async move { Ok(client.stream_mirror(pb::StreamMirrorRequest { language }).await?.into_inner()) }
        };
        reconnecting(open).map(|event| event.map_or_else(MirrorEvent::recommender_away, MirrorEvent::from))
    }

    /// Verdict and consensus of each frame, without end; quiet while the
    /// recommender is away.
    pub(crate) fn recognitions(&self) -> impl Stream<Item = RecognitionEvent> + Send + use<> {
        let client = self.recognition.clone();
        let open = move || {
            let mut client = client.clone();
            async move { Ok(client.stream_recognitions(pb::StreamRecognitionsRequest {}).await?.into_inner()) }
        };
        reconnecting(open).filter_map(async |event| event.map(RecognitionEvent::from))
    }

    /// Maps of the embedding space, and where frames are in it, without end; quiet
    /// while the recommender is away.
    pub(crate) fn space(&self) -> impl Stream<Item = pb::space_event::Event> + Send + use<> {
        let client = self.recognition.clone();
        let open = move || {
            let mut client = client.clone();
            async move { Ok(client.stream_space(pb::StreamSpaceRequest { max_points: 0 }).await?.into_inner()) }
        };
        reconnecting(open).filter_map(async |event| event?.event)
    }

    /// Verdicts for review, without end, and while it is heard the mirror is
    /// TEACHING; quiet while the recommender is away.
    pub(crate) fn verdicts(&self) -> impl Stream<Item = Verdict> + Send + use<> {
        let client = self.training.clone();
        let open = move || {
            let mut client = client.clone();
            async move { Ok(client.teach(pb::TeachRequest {}).await?.into_inner()) }
        };
        reconnecting(open).filter_map(async |verdict| verdict.map(Verdict::from))
    }
}

/// Each message of the stream that `open` opens, opened anew when it ends.
/// `None` says that it has been away for longer than the grace time.
fn reconnecting<T, F>(open: impl Fn() -> F + Send) -> impl Stream<Item = Option<T>> + Send
where
    T: Send,
    F: Future<Output = Result<Streaming<T>, Status>> + Send,
{
    let subscription =
        Subscription { open, stream: None, waits: retry::reconnect_waits(), lost: None, told: false };
    futures::stream::unfold(subscription, async |mut subscription| {
        Some((subscription.next().await, subscription))
    })
}

struct Subscription<T, O> {
    open: O,
    stream: Option<Streaming<T>>,
    waits: Waits,
    /// When the stream was lost.
    lost: Option<tokio::time::Instant>,
    /// Whether that was said.
    told: bool,
}

impl<T, O, F> Subscription<T, O>
where
    O: Fn() -> F,
    F: Future<Output = Result<Streaming<T>, Status>>,
{
    async fn next(&mut self) -> Option<T> {
        loop {
            if let Some(message) = self.message().await {
                self.lost = None;
                self.told = false;
                self.waits = retry::reconnect_waits();
                return Some(message);
            }
            let lost = *self.lost.get_or_insert_with(tokio::time::Instant::now);
            if !self.told && lost.elapsed() >= GRACE {
                self.told = true;
                return None;
            }
            tokio::time::sleep(self.waits.next().expect("the waits never end")).await;
        }
    }

    /// The next message; `None` when the stream ended or can't be opened.
    async fn message(&mut self) -> Option<T> {
        if self.stream.is_none() {
            let opened =
                (self.open)().await.inspect_err(|error| tracing::debug!(%error, "Recommender not reached"));
            self.stream = opened.ok();
        }
        let message = self.stream.as_mut()?.message().await.ok().flatten();
        if message.is_none() {
            self.stream = None;
        }
        message
    }
}
