//! The thread that owns a network: prepares and tests it, takes the work over, and
//! says when it was lost.

use std::sync::Arc;
use std::thread::JoinHandle;

use tflitec::model::Model;
use tokio::sync::{mpsc, oneshot};

use super::watchdog::{Beat, Watched};
use super::{ModelInfo, Output, Vector, work};
use crate::accelerator::{AcceleratorSettings, EdgeTpuEngine, Loss, Twins};
use crate::inbox::Inbox;
use crate::model::{Engine, EngineError, ModelError, Network, TfliteEngine, self_test};

/// What a network runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accelerator {
    /// The processor.
    Cpu,
    /// A Coral Edge TPU.
    EdgeTpu,
}

impl Accelerator {
    /// For metrics and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::EdgeTpu => "edge_tpu",
        }
    }
}

/// What a thread needs.
#[derive(Debug)]
pub(super) struct Job {
    /// Tells this thread's messages from those of others.
    pub(super) number: u64,
    pub(super) twins: Twins,
    pub(super) settings: AcceleratorSettings,
    pub(super) inbox: Inbox,
    pub(super) output: Output,
    pub(super) beat: Beat,
    /// Told when the engine was lost.
    pub(super) ended: mpsc::UnboundedSender<(u64, Loss)>,
}

/// A thread at work.
#[derive(Debug)]
pub(super) struct Launched {
    pub(super) number: u64,
    pub(super) model: Arc<ModelInfo>,
    pub(super) thread: JoinHandle<()>,
    pub(super) beat: Beat,
}

/// Answers the thread's start.
type Started = oneshot::Sender<Result<Arc<ModelInfo>, ModelError>>;

/// Starts a thread, which takes the inbox's work when its network is good.
pub(super) async fn launch(job: Job, on: Accelerator) -> Result<Launched, ModelError> {
    let (number, beat) = (job.number, job.beat.clone());
    let (started, ready) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("embedder".to_owned())
        .spawn(move || match on {
            Accelerator::Cpu => run_on_cpu(&job, started),
            Accelerator::EdgeTpu => run_on_edge_tpu(&job, started),
        })
        .map_err(ModelError::Thread)?;
    let model = ready.await.expect("the embedder thread answers before it ends")?;
    Ok(Launched { number, model, thread, beat })
}

/// The model and the interpreter live on this thread's stack, in this order, so
/// that each is dropped before what it borrows from.
fn run_on_cpu(job: &Job, started: Started) {
    let network = job.twins.cpu.as_ref().expect("asked for only where it is");
    let refuse = |cause| ModelError::Engine { path: network.path.clone(), cause };
    let model = match Model::from_bytes(&network.bytes) {
        Ok(model) => model,
        Err(error) => return drop(started.send(Err(refuse(EngineError::Refused(error))))),
    };
    let threads = job.settings.network_threads();
    let engine = match TfliteEngine::new(&model, threads) {
        Ok(engine) => engine,
        Err(error) => return drop(started.send(Err(refuse(error)))),
    };
    let detail = match threads {
        1 => "XNNPACK, 1 thread".to_owned(),
        threads => format!("XNNPACK, {threads} threads"),
    };
    serve(job, engine, network, started, |info, _| {
        Ok(ModelInfo { accelerator_detail: detail, accelerator: Accelerator::Cpu, ..info })
    });
}

fn run_on_edge_tpu(job: &Job, started: Started) {
    let network = job.twins.edge_tpu.as_ref().expect("asked for only where it is");
    let engine = match EdgeTpuEngine::open(&network.bytes, &job.settings) {
        Ok(engine) => engine,
        Err(loss) => {
            let path = network.path.clone();
            return drop(started.send(Err(ModelError::EdgeTpu { path, loss })));
        }
    };
    let detail = engine.detail().to_owned();
    serve(job, engine, network, started, |info, pictures| {
        let info = ModelInfo { accelerator_detail: detail, accelerator: Accelerator::EdgeTpu, ..info };
        compare_with_twin(job, info, pictures)
    });
}

/// Tests the engine, tells what it is, and works until the term is over.
fn serve(
    job: &Job,
    engine: impl Engine,
    network: &Network,
    started: Started,
    complete: impl FnOnce(ModelInfo, &[Vector]) -> Result<ModelInfo, ModelError>,
) {
    let mut engine = Watched { engine, beat: job.beat.clone() };
    let pictures = match self_test::run(&mut engine, &network.file_sha256) {
        Ok(pictures) => pictures,
        Err(cause) => {
            // The device is free again before anybody hears of it.
            drop(engine);
            let path = network.path.clone();
            return drop(started.send(Err(ModelError::SelfTest { path, cause })));
        }
    };
    let info = ModelInfo {
        id: network.id.clone(),
        fingerprint: network.fingerprint.clone(),
        dimensions: engine.dimensions(),
        input_size: engine.input_size(),
        accelerator: Accelerator::Cpu,
        accelerator_detail: String::new(),
        probes: self_test::probes_of(&pictures).to_vec(),
    };
    let info = match complete(info, &pictures) {
        Ok(info) => Arc::new(info),
        Err(error) => {
            drop(engine);
            return drop(started.send(Err(error)));
        }
    };
    let term = job.inbox.new_term();
    if started.send(Ok(Arc::clone(&info))).is_err() {
        return;
    }
    let lost = work::work(&mut engine, &info, &job.inbox, term, &job.output);
    drop(engine);
    if let Err(EngineError::Lost(loss)) = lost {
        // Nobody listens when the service is stopping.
        let _ = job.ended.send((job.number, loss));
    }
}

/// Gives the compiled network the name and fingerprint of the one that it was
/// compiled from, if both make the same of the built-in pictures: then their
/// embeddings are comparable, and what was taught on one is known on the other.
fn compare_with_twin(job: &Job, info: ModelInfo, pictures: &[Vector]) -> Result<ModelInfo, ModelError> {
    let Some(twin) = &job.twins.cpu else { return Ok(info) };
    let reference = match job.twins.reference.get() {
        Some(reference) => reference,
        None => {
            let refuse = |cause| ModelError::Engine { path: twin.path.clone(), cause };
            let model =
                Model::from_bytes(&twin.bytes).map_err(|error| refuse(EngineError::Refused(error)))?;
            let mut engine = TfliteEngine::new(&model, job.settings.network_threads()).map_err(refuse)?;
            let pictures = self_test::run(&mut engine, &twin.file_sha256)
                .map_err(|cause| ModelError::SelfTest { path: twin.path.clone(), cause })?;
            job.twins.reference.get_or_init(|| pictures)
        }
    };
    let similarity = self_test::least_similarity(pictures, reference);
    if similarity >= self_test::TOLERANCE {
        tracing::info!(similarity, twin = twin.id, "The Edge TPU and the processor agree");
        return Ok(ModelInfo { id: twin.id.clone(), fingerprint: twin.fingerprint.clone(), ..info });
    }
    tracing::warn!(
        similarity,
        twin = twin.id,
        "The Edge TPU and the processor differ; their galleries stay apart"
    );
    let accelerator_detail = format!(
        "{}; differs from the processor's {} (similarity {similarity:.3}), so what was taught is kept for each",
        info.accelerator_detail, twin.id
    );
    Ok(ModelInfo { accelerator_detail, ..info })
}
