//! The embedder: one thread that owns the network and does all its work
//! ([`thread`], [`work`]), and who sees to it that there is one ([`supervisor`]):
//! on the Edge TPU where there is one, else on the processor.

mod idle;
mod supervisor;
mod thread;
mod vector;
mod watchdog;
mod work;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use image::RgbImage;
use mirror_ops::readiness::Condition;
use tokio::sync::{mpsc, oneshot, watch};

use crate::accelerator::{AcceleratorSettings, Twins};
use crate::inbox::{Counts, Inbox};
use crate::model::{InputSize, ModelError};
use supervisor::{Change, Supervisor};

pub use supervisor::EmbedderFailure;
pub use thread::Accelerator;
pub use vector::Vector;
pub use work::EmbeddedFrame;

/// An embedding and the model that it is of.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The embedding.
    pub vector: Vector,
    /// The model.
    pub model: Arc<ModelInfo>,
}

/// What the service computes with.
#[derive(Clone, Debug)]
pub struct ModelInfo {
    /// The model file's name without its ending.
    pub id: String,
    /// See [`Network::fingerprint`](crate::model::Network::fingerprint); twins that
    /// agree have the same.
    pub fingerprint: String,
    /// Length of an embedding.
    pub dimensions: usize,
    /// What pictures are resized to.
    pub input_size: InputSize,
    /// What the network runs on.
    pub accelerator: Accelerator,
    /// The same for people.
    pub accelerator_detail: String,
    /// The embeddings of the [`probes`](crate::model::probes).
    pub probes: Vec<Vector>,
}

/// How the network is served.
#[derive(Clone, Debug)]
pub struct Serving {
    /// What computes, or did last.
    pub model: Arc<ModelInfo>,
    /// Whether it does.
    pub works: bool,
    /// Why the Edge TPU doesn't compute, when there is a file for it.
    pub problem: Option<String>,
    /// It did before.
    pub lost: bool,
}

type Output = Arc<watch::Sender<Option<Arc<EmbeddedFrame>>>>;

/// The thread at work.
type Running = Arc<Mutex<Option<JoinHandle<()>>>>;

/// A running embedder; dropping it stops and joins its thread.
#[derive(Debug)]
pub struct Embedder {
    /// The newest embedded frame; slower readers miss some.
    pub newest: watch::Receiver<Option<Arc<EmbeddedFrame>>>,
    inbox: Inbox,
    serving: watch::Receiver<Serving>,
    changes: mpsc::Sender<Change>,
    running: Running,
    supervisor: tokio::task::JoinHandle<()>,
}

impl Embedder {
    /// Starts the thread on one of `twins`, waits for its self-test, and from then
    /// on keeps one at work; `ready` says whether there is one. What comes second
    /// resolves when it can't go on, and only another process can.
    ///
    /// # Errors
    /// When the runtime refuses the network or it fails the self-test, or there is
    /// no Edge TPU and nothing else to run it on.
    pub async fn start(
        twins: Twins,
        settings: AcceleratorSettings,
        inbox: Inbox,
        ready: Condition,
    ) -> Result<(Self, oneshot::Receiver<EmbedderFailure>), ModelError> {
        let (output, newest) = watch::channel(None);
        let running = Running::default();
        let started =
            Supervisor::start(twins, settings, inbox.clone(), Arc::new(output), Arc::clone(&running), ready);
        let (supervisor, serving) = started.await?;
        let (changes, changed) = mpsc::channel(1);
        let (failed, failure) = oneshot::channel();
        let supervisor = tokio::spawn(async move {
            let failure = supervisor.run(changed).await;
            // Nobody listens when the service is stopping.
            let _ = failed.send(failure);
        });
        Ok((Self { newest, inbox, serving, changes, running, supervisor }, failure))
    }

    /// What it computes with now, and how that goes.
    #[must_use]
    pub fn serving(&self) -> Serving {
        self.serving.borrow().clone()
    }

    /// Changes to another network: a thread of its own loads and tests it, and takes
    /// the work over when it is good. To the end also when the caller gives up.
    ///
    /// # Errors
    /// As [`start`](Self::start); the network in use stays.
    pub async fn change(&self, twins: Twins) -> Result<Serving, ChangeError> {
        let (answer, changed) = oneshot::channel();
        self.changes.send(Change { twins, answer }).await.map_err(|_| ChangeError::Stopping)?;
        Ok(changed.await.map_err(|_| ChangeError::Stopping)??)
    }

    /// See [`Inbox::counts`].
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.inbox.counts()
    }

    /// Waits for the embedding of a picture.
    ///
    /// # Errors
    /// See [`Inbox::embed`].
    pub async fn embed(&self, picture: RgbImage) -> Result<Embedded, crate::inbox::EmbedError> {
        self.inbox.embed(picture).await
    }
}

/// Why the model wasn't changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The new one can't serve.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopping,
}

impl Drop for Embedder {
    fn drop(&mut self) {
        self.supervisor.abort();
        self.inbox.close();
        let thread = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic there was already printed; there is nothing to add.
            let _ = thread.join();
        }
    }
}
