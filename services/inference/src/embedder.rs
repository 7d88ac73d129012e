//! The embedder: one thread that owns the network and does all its work.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use image::RgbImage;
use tflitec::model::Model;
use tokio::sync::{Mutex, oneshot, watch};

use crate::frame::Frame;
use crate::inbox::{Counts, Inbox, Work};
use crate::model::{Engine, EngineError, InputSize, ModelError, Network, TfliteEngine, probes, self_test};
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

/// An embedding and the model that it is of.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The embedding.
    pub vector: Vector,
    /// The model.
    pub model: Arc<ModelInfo>,
}

/// A frame that went through the network.
#[derive(Debug)]
pub struct EmbeddedFrame {
    /// The frame.
    pub frame: Arc<Frame>,
    /// Its embedding.
    pub embedded: Embedded,
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
    pub fingerprint: String,
    /// Length of an embedding.
    pub dimensions: usize,
    /// What pictures are resized to.
    pub input_size: InputSize,
    /// Threads of the network.
    pub threads: u8,
    /// The embeddings of the [`probes`].
    pub probes: Vec<Vector>,
}

/// A running embedder thread; dropping it stops and joins the thread.
#[derive(Debug)]
pub struct Embedder {
    /// The newest embedded frame; slower readers miss some.
    pub newest: watch::Receiver<Option<Arc<EmbeddedFrame>>>,
    output: Output,
    inbox: Inbox,
    threads: u8,
    model: watch::Sender<Arc<ModelInfo>>,
    /// The thread at work; held while it changes.
    thread: Mutex<Option<JoinHandle<()>>>,
}

type Output = Arc<watch::Sender<Option<Arc<EmbeddedFrame>>>>;

impl Embedder {
    /// Starts the thread on `network`, and waits for its self-test.
    ///
    /// # Errors
    /// When the runtime refuses the network or it fails the self-test.
    pub async fn start(network: Network, threads: u8, inbox: Inbox) -> Result<Self, ModelError> {
        let (output, newest) = watch::channel(None);
        let output = Arc::new(output);
        let (model, thread) = launch(network, threads, inbox.clone(), Arc::clone(&output)).await?;
        let thread = Mutex::new(Some(thread));
        Ok(Self { newest, output, inbox, threads, model: watch::Sender::new(model), thread })
    }

    /// What it computes with now.
    #[must_use]
    pub fn model(&self) -> Arc<ModelInfo> {
        Arc::clone(&self.model.borrow())
    }

    /// Changes to `network`: a thread of its own loads and tests it, and takes
    /// the work over when it is good.
    ///
    /// # Errors
    /// As [`start`](Self::start); the network in use stays.
    pub async fn change(&self, network: Network) -> Result<Arc<ModelInfo>, ModelError> {
        let mut running = self.thread.lock().await;
        let output = Arc::clone(&self.output);
        let (model, thread) = launch(network, self.threads, self.inbox.clone(), output).await?;
        self.model.send_replace(Arc::clone(&model));
        // The one before ends with what it has in hand.
        drop(running.replace(thread));
        Ok(model)
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

impl Drop for Embedder {
    fn drop(&mut self) {
        self.inbox.close();
        if let Some(thread) = self.thread.get_mut().take() {
            // A panic there was already printed; there is nothing to add.
            let _ = thread.join();
        }
    }
}

/// Starts a thread, which takes the inbox's work when its network is good.
async fn launch(
    network: Network,
    threads: u8,
    inbox: Inbox,
    newest: Output,
) -> Result<(Arc<ModelInfo>, JoinHandle<()>), ModelError> {
    let (started, ready) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("embedder".to_owned())
        .spawn(move || run(&network, threads, &inbox, &newest, started))
        .expect("the system can start a thread");
    let model = ready.await.expect("the embedder thread answers before it ends")?;
    Ok((model, thread))
}

/// The thread. The network, the model and the interpreter live on its stack,
/// in this order, so that each is dropped before what it borrows from.
fn run(
    network: &Network,
    threads: u8,
    inbox: &Inbox,
    newest: &watch::Sender<Option<Arc<EmbeddedFrame>>>,
    started: oneshot::Sender<Result<Arc<ModelInfo>, ModelError>>,
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
    let size = engine.input_size();
    let probes = (0..probes::PROBES).map(|number| engine.embed(&probes::paint(number, size)));
    let probes = match probes.map(|values| values.and_then(Vector::new)).collect() {
        Ok(probes) => probes,
        Err(error) => return drop(started.send(Err(refuse(error)))),
    };
    let info = Arc::new(ModelInfo {
        id: network.id.clone(),
        fingerprint: network.fingerprint.clone(),
        dimensions: engine.dimensions(),
        input_size: size,
        threads,
        probes,
    });
    let term = inbox.new_term();
    if started.send(Ok(Arc::clone(&info))).is_ok() {
        work(&mut engine, &info, || inbox.take(term), newest);
    }
}

/// The core loop.
fn work(
    engine: &mut impl Engine,
    model: &Arc<ModelInfo>,
    take: impl Fn() -> Option<Work>,
    newest: &watch::Sender<Option<Arc<EmbeddedFrame>>>,
) {
    let of_model = |vector| Embedded { vector, model: Arc::clone(model) };
    let size = engine.input_size();
    let mut preprocessor = Preprocessor::new(size.width, size.height);
    let mut before: Option<Brightness> = None;
    while let Some(work) = take() {
        match work {
            Work::Picture(picture, answer) => {
                let embedding = engine.embed(preprocessor.prepare(&picture)).and_then(Vector::new);
                // The caller may have gone; then nobody misses the answer.
                let _ = answer.send(embedding.map(of_model));
                metrics::counter!("mirror_pictures_embedded_total").increment(1);
            }
            Work::Frame(frame, since) => {
                let wait = since.elapsed();
                match embed_frame(engine, &mut preprocessor, frame, &mut before, of_model, wait) {
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
    of_model: impl Fn(Vector) -> Embedded,
    wait: Duration,
) -> Result<EmbeddedFrame, EngineError> {
    let start = Instant::now();
    let input = preprocessor.prepare(&frame.image);
    let resized = Instant::now();
    let vector = engine.embed(input).and_then(Vector::new)?;
    let embedded = Instant::now();
    let brightness = Brightness::of(input, engine.input_size().width as usize);
    let motion = before.as_ref().map_or(0.0, |before| brightness.motion(before));
    let sharpness = brightness.sharpness();
    *before = Some(brightness);
    Ok(EmbeddedFrame {
        frame,
        embedded: of_model(vector),
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
