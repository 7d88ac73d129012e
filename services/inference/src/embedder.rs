//! The embedder: one thread that owns the network and does all its work.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use image::RgbImage;
use tflitec::model::Model;
use tokio::sync::{oneshot, watch};

use crate::frame::Frame;
use crate::inbox::{Inbox, Work};
use crate::model::{Engine, EngineError, InputSize, ModelError, Network, TfliteEngine, self_test};
use crate::preprocess::{Brightness, Preprocessor};

/// An embedding: finite values of unit length.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector(Arc<[f32]>);

impl Vector {
    /// Scales `values` to unit length.
    ///
    /// # Errors
    /// [`EngineError::Degenerate`] when a value is not finite or all are zero.
    pub fn new(mut values: Vec<f32>) -> Result<Self, EngineError> {
        let length = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        if !length.is_normal() {
            return Err(EngineError::Degenerate);
        }
        for value in &mut values {
            *value = (f64::from(*value) / length) as f32;
        }
        Ok(Self(values.into()))
    }

    /// The values; their squares sum to 1.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.0
    }

    /// Cosine similarity, -1 to 1.
    #[must_use]
    pub fn dot(&self, other: &Self) -> f32 {
        self.0.iter().zip(&*other.0).map(|(a, b)| a * b).sum()
    }
}

/// A frame that went through the network.
#[derive(Debug)]
pub struct EmbeddedFrame {
    /// The frame.
    pub frame: Arc<Frame>,
    /// Its embedding.
    pub embedding: Vector,
    /// Waiting in the inbox.
    pub wait: Duration,
    /// From RGB to network input.
    pub resize: Duration,
    /// The network itself.
    pub embed: Duration,
    /// See [`Brightness::sharpness`].
    pub sharpness: f32,
    /// Against the frame embedded before; see [`Brightness::motion`].
    pub motion: f32,
}

/// What the service computes with.
#[derive(Clone, Debug)]
pub struct ModelInfo {
    /// The model file's name without its ending.
    pub id: String,
    /// See [`Network::fingerprint`].
    pub fingerprint: Arc<str>,
    /// Length of an embedding.
    pub dimensions: usize,
    /// What pictures are resized to.
    pub input_size: InputSize,
    /// Threads of the network.
    pub threads: u8,
}

/// A running embedder thread; dropping it stops and joins the thread.
#[derive(Debug)]
pub struct Embedder {
    /// What it computes with.
    pub model: ModelInfo,
    /// The newest embedded frame; slower readers miss some.
    pub newest: watch::Receiver<Option<Arc<EmbeddedFrame>>>,
    inbox: Inbox,
    thread: Option<JoinHandle<()>>,
}

impl Embedder {
    /// Starts the thread on `network`, and waits for its self-test.
    ///
    /// # Errors
    /// When the runtime refuses the network or it fails the self-test.
    pub async fn start(network: Network, threads: u8, inbox: Inbox) -> Result<Self, ModelError> {
        let (started, ready) = oneshot::channel();
        let (newest_sender, newest) = watch::channel(None);
        let thread_inbox = inbox.clone();
        let thread = std::thread::Builder::new()
            .name("embedder".to_owned())
            .spawn(move || run(&network, threads, &thread_inbox, &newest_sender, started))
            .expect("the system can start a thread");
        let model = ready.await.expect("the embedder thread answers before it ends")?;
        Ok(Self { model, newest, inbox, thread: Some(thread) })
    }

    /// Waits for the embedding of a picture.
    ///
    /// # Errors
    /// See [`Inbox::embed`].
    pub async fn embed(&self, picture: RgbImage) -> Result<Vector, crate::inbox::EmbedError> {
        self.inbox.embed(picture).await
    }
}

impl Drop for Embedder {
    fn drop(&mut self) {
        self.inbox.close();
        if let Some(thread) = self.thread.take() {
            // A panic there was already printed; there is nothing to add.
            let _ = thread.join();
        }
    }
}

/// The thread. The network, the model and the interpreter live on its stack,
/// in this order, so that each is dropped before what it borrows from.
fn run(
    network: &Network,
    threads: u8,
    inbox: &Inbox,
    newest: &watch::Sender<Option<Arc<EmbeddedFrame>>>,
    started: oneshot::Sender<Result<ModelInfo, ModelError>>,
) {
    let refuse = |cause| ModelError::Engine { path: network.path.clone(), cause };
    let model = match Model::from_bytes(&network.bytes) {
        Ok(model) => model,
        Err(error) => return drop(started.send(Err(refuse(EngineError::Refused(error))))),
    };
    let mut engine = match TfliteEngine::new(&model, threads) {
        Ok(engine) => engine,
        Err(error) => return drop(started.send(Err(refuse(error)))),
    };
    if let Err(cause) = self_test::run(&mut engine, &network.file_sha256) {
        return drop(started.send(Err(ModelError::SelfTest { path: network.path.clone(), cause })));
    }
    let info = ModelInfo {
        id: network.id.clone(),
        fingerprint: network.fingerprint.as_str().into(),
        dimensions: engine.dimensions(),
        input_size: engine.input_size(),
        threads,
    };
    if started.send(Ok(info)).is_ok() {
        work(&mut engine, inbox, newest);
    }
}

/// The core loop.
fn work(engine: &mut impl Engine, inbox: &Inbox, newest: &watch::Sender<Option<Arc<EmbeddedFrame>>>) {
    let size = engine.input_size();
    let mut preprocessor = Preprocessor::new(size.width, size.height);
    let mut before: Option<Brightness> = None;
    while let Some(work) = inbox.take() {
        match work {
            Work::Picture(picture, answer) => {
                let embedding = engine.embed(preprocessor.prepare(&picture)).and_then(Vector::new);
                // The caller may have gone; then nobody misses the answer.
                let _ = answer.send(embedding);
                metrics::counter!("mirror_pictures_embedded_total").increment(1);
            }
            Work::Frame(frame, since) => {
                let wait = since.elapsed();
                match embed_frame(engine, &mut preprocessor, frame, &mut before, wait) {
                    Ok(embedded) => {
                        count(&embedded);
                        newest.send_replace(Some(Arc::new(embedded)));
                    }
                    Err(error) => {
                        metrics::counter!("mirror_frames_failed_total").increment(1);
                        tracing::warn!(%error, "Frame not embedded");
                    }
                }
            }
        }
    }
}

fn embed_frame(
    engine: &mut impl Engine,
    preprocessor: &mut Preprocessor,
    frame: Arc<Frame>,
    before: &mut Option<Brightness>,
    wait: Duration,
) -> Result<EmbeddedFrame, EngineError> {
    let start = Instant::now();
    let input = preprocessor.prepare(&frame.image);
    let resized = Instant::now();
    let embedding = engine.embed(input).and_then(Vector::new)?;
    let embedded = Instant::now();
    let brightness = Brightness::of(input, engine.input_size().width as usize);
    let motion = before.as_ref().map_or(0.0, |before| brightness.motion(before));
    let sharpness = brightness.sharpness();
    *before = Some(brightness);
    Ok(EmbeddedFrame {
        frame,
        embedding,
        wait,
        resize: resized - start,
        embed: embedded - resized,
        sharpness,
        motion,
    })
}

fn count(embedded: &EmbeddedFrame) {
    metrics::counter!("mirror_frames_embedded_total").increment(1);
    for (stage, time) in [
        ("decode", embedded.frame.decode),
        ("wait", embedded.wait),
        ("resize", embedded.resize),
        ("embed", embedded.embed),
    ] {
        metrics::histogram!("mirror_frame_stage_seconds", "stage" => stage).record(time);
    }
    tracing::debug!(frame = embedded.frame.id, embed = ?embedded.embed, "Frame embedded");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_have_unit_length() {
        let vector = Vector::new(vec![3.0, 0.0, -4.0]).unwrap();
        assert_eq!(vector.values(), [0.6, 0.0, -0.8]);
        assert!((vector.dot(&vector) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_has_no_direction_is_no_vector() {
        for values in [vec![0.0; 3], vec![], vec![1.0, f32::NAN], vec![f32::INFINITY, 1.0]] {
            assert!(matches!(Vector::new(values), Err(EngineError::Degenerate)));
        }
    }
}
