//! While somebody is teaching: recent verdicts with their pictures, kept so that
//! wrong ones can be put right. In memory only, at most [`KEPT`], and gone when
//! the last one who teaches ends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mirror_ops::shutdown::Shutdown;
use mirror_proto::inference::v1 as pb;
use prost_types::Timestamp;
use tokio::sync::{broadcast, watch};
use tonic::Status;
use tonic::codegen::Bytes;

use crate::gallery::Galleries;
use crate::inference_link::InferenceLink;
use crate::recognition::{Embedding, Recognition};

/// How many verdicts are kept.
const KEPT: usize = 50;
/// How many a second are kept.
const RATE_HZ: f32 = 2.0;
/// Verdicts under way to one who doesn't read them.
const UNREAD: usize = 8;
/// How long after a failure frames are asked for again.
const RETRY: Duration = Duration::from_secs(1);

/// A verdict kept for review.
#[derive(Debug)]
pub struct KeptVerdict {
    /// Its number, never used twice while the service runs.
    pub id: i64,
    /// When its frame was taken.
    pub captured_at: Option<Timestamp>,
    /// The verdict.
    pub recognition: Recognition,
    /// The frame's embedding.
    pub embedding: pb::Embedding,
    /// The frame, small, as a JPEG.
    pub picture: Bytes,
}

/// See the module's text. Clones share it.
#[derive(Clone, Debug)]
pub struct Teaching {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// How many are teaching.
    leases: watch::Sender<usize>,
    kept: Mutex<Kept>,
    news: broadcast::Sender<Arc<KeptVerdict>>,
}

#[derive(Debug, Default)]
struct Kept {
    verdicts: VecDeque<Arc<KeptVerdict>>,
    last_id: i64,
}

/// Somebody is teaching as long as this lives.
#[derive(Debug)]
pub struct Lease {
    shared: Arc<Shared>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.leases.send_modify(|leases| {
            *leases -= 1;
            if *leases == 0 {
                self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner).verdicts.clear();
                tracing::info!("Teaching ended");
            }
        });
    }
}

impl Teaching {
    /// Starts the task that keeps verdicts; it ends at `shutdown`.
    #[must_use]
    pub fn start(
        link: InferenceLink,
        galleries: Arc<Galleries>,
        picture_size: u32,
        shutdown: Shutdown,
    ) -> Self {
        let (leases, news) = (watch::Sender::new(0), broadcast::Sender::new(UNREAD));
        let shared = Arc::new(Shared { leases, kept: Mutex::default(), news });
        let teaching = Self { shared };
        let task = teaching.clone().keep(link, galleries, picture_size);
        tokio::spawn(async move { shutdown.run_until_cancelled(task).await });
        teaching
    }

    /// Somebody begins to teach.
    #[must_use]
    pub fn begin(&self) -> Lease {
        self.shared.leases.send_modify(|leases| {
            if *leases == 0 {
                tracing::info!("Teaching begun");
            }
            *leases += 1;
        });
        Lease { shared: Arc::clone(&self.shared) }
    }

    /// How many are teaching.
    #[must_use]
    pub fn leases(&self) -> watch::Receiver<usize> {
        self.shared.leases.subscribe()
    }

    /// The verdicts that follow.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<Arc<KeptVerdict>> {
        self.shared.news.subscribe()
    }

    /// The verdicts kept, newest first; `None` when nobody is teaching.
    #[must_use]
    pub fn verdicts(&self) -> Option<Vec<Arc<KeptVerdict>>> {
        if *self.shared.leases.borrow() == 0 {
            return None;
        }
        let kept = self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Some(kept.verdicts.iter().rev().cloned().collect())
    }

    async fn keep(self, link: InferenceLink, galleries: Arc<Galleries>, picture_size: u32) {
        let mut leases = self.leases();
        loop {
            if leases.wait_for(|leases| *leases > 0).await.is_err() {
                return;
            }
            let frames = async {
                let ended = self.keep_frames(&link, &galleries, picture_size).await;
                tracing::debug!(why = ended.message(), "Frames for review ended");
                tokio::time::sleep(RETRY).await;
            };
            let mut until = self.leases();
            tokio::select! {
                () = frames => {}
                _ = until.wait_for(|leases| *leases == 0) => {}
            }
        }
    }

    async fn keep_frames(&self, link: &InferenceLink, galleries: &Galleries, picture_size: u32) -> Status {
        let mut frames = match link.frames(RATE_HZ, picture_size).await {
            Ok(frames) => frames,
            Err(status) => return status,
        };
        loop {
            match frames.message().await {
                Ok(Some(event)) => self.keep_frame(event, galleries),
                Ok(None) => return Status::ok("the stream ended"),
                Err(status) => return status,
            }
        }
    }

    fn keep_frame(&self, event: pb::EmbeddingEvent, galleries: &Galleries) {
        let embedding = event.embedding.unwrap_or_default();
        let Ok(query) = Embedding::new(embedding.values.clone()) else { return };
        let Ok(recognition) = galleries.recognise(&embedding.model_fingerprint, &query) else { return };
        // Under the lock that counts, so that nothing is kept after the end.
        let leases = self.shared.leases.borrow();
        if *leases == 0 {
            return;
        }
        let mut kept = self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last_id += 1;
        let (id, captured_at) = (kept.last_id, event.captured_at);
        let verdict =
            Arc::new(KeptVerdict { id, captured_at, recognition, embedding, picture: event.picture });
        kept.verdicts.push_back(Arc::clone(&verdict));
        if kept.verdicts.len() > KEPT {
            kept.verdicts.pop_front();
        }
        drop(kept);
        drop(leases);
        // Nobody may be listening.
        let _ = self.shared.news.send(verdict);
    }
}
