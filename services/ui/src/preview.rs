//! The camera's newest picture for browsers. One subscription a width serves
//! all of them; it is opened when the first asks and closed when none does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mirror_proto::inference::v1 as pb;
use mirror_proto::inference::v1::inference_service_client::InferenceServiceClient;
use tokio::sync::watch;
use tonic::transport::Channel;

/// A screen's preview needs no more.
const MAX_RATE_HZ: f32 = 12.0;
/// How long a request waits for a newer picture.
const PATIENCE: Duration = Duration::from_secs(2);
/// A picture of a camera that has stopped is none of what it sees.
const FRESH: Duration = Duration::from_secs(3);
/// How long a subscription that nobody asks stays open.
const UNUSED: Duration = Duration::from_secs(5);

/// The answer to one request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A newer picture.
    Frame(pb::PreviewFrame),
    /// None came in time.
    None,
    /// The inference service is away.
    Away,
}

/// See the module's text. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Preview {
    client: InferenceServiceClient<Channel>,
    subscriptions: Arc<Mutex<HashMap<u32, Subscription>>>,
}

#[derive(Debug)]
struct Subscription {
    frames: watch::Receiver<Option<Arrived>>,
    asked: Arc<Mutex<Instant>>,
}

/// A picture, and when it came.
type Arrived = (pb::PreviewFrame, Instant);

impl Preview {
    pub(crate) fn new(client: InferenceServiceClient<Channel>) -> Self {
        Self { client, subscriptions: Arc::default() }
    }

    /// The newest picture after frame `after`, about `width` pixels wide.
    pub(crate) async fn newest(&self, width: u32, after: u64) -> Answer {
        let mut frames = self.subscription(round_up(width));
        let newer = |frame: &Option<Arrived>| {
            frame.as_ref().is_some_and(|(frame, came)| frame.frame_id > after && came.elapsed() < FRESH)
        };
        let newer = frames.wait_for(newer);
        match tokio::time::timeout(PATIENCE, newer).await {
            Ok(Ok(frame)) => frame.clone().map_or(Answer::None, |(frame, _)| Answer::Frame(frame)),
            Ok(Err(_)) => Answer::Away,
            Err(_) => Answer::None,
        }
    }

    fn subscription(&self, width: u32) -> watch::Receiver<Option<Arrived>> {
        let mut subscriptions = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(subscription) = subscriptions.get(&width).filter(|open| open.frames.has_changed().is_ok())
        {
            *subscription.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            return subscription.frames.clone();
        }
        let (sender, frames) = watch::channel(None);
        let asked = Arc::new(Mutex::new(Instant::now()));
        tokio::spawn(follow(self.client.clone(), width, sender, Arc::clone(&asked)));
        subscriptions.insert(width, Subscription { frames: frames.clone(), asked });
        frames
    }
}

/// Ends when the stream does or nobody asks any more; the sender's end tells
/// those who wait.
async fn follow(
    mut client: InferenceServiceClient<Channel>,
    width: u32,
    newest: watch::Sender<Option<Arrived>>,
    asked: Arc<Mutex<Instant>>,
) {
    let request = pb::StreamPreviewRequest { width, max_rate_hz: MAX_RATE_HZ };
    let Ok(stream) = client.stream_preview(request).await else { return };
    let mut frames = stream.into_inner();
    loop {
        let next = tokio::time::timeout(UNUSED, frames.message()).await;
        if asked.lock().unwrap_or_else(PoisonError::into_inner).elapsed() > UNUSED {
            return;
        }
        match next {
            Ok(Ok(Some(frame))) => _ = newest.send_replace(Some((frame, Instant::now()))),
            Ok(Ok(None) | Err(_)) => return,
            // No frame for a while, and somebody still asks: go on.
            Err(_) => {}
        }
    }
}

/// Few widths, so few subscriptions, whatever browsers ask for.
fn round_up(width: u32) -> u32 {
    width.clamp(160, 800).div_ceil(160) * 160
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_few() {
        let widths: std::collections::BTreeSet<_> = (0..5000).map(round_up).collect();
        assert_eq!(Vec::from_iter(widths), [160, 320, 480, 640, 800]);
    }

    #[tokio::test]
    async fn without_the_inference_service_the_answer_is_away() {
        let channel = mirror_ops::grpc::connect("127.0.0.1:1").unwrap();
        let preview = Preview::new(InferenceServiceClient::new(channel));
        assert!(matches!(preview.newest(320, 0).await, Answer::Away));
    }
}
