//! The service's side of the worker: an [`Engine`] that is lost when the worker
//! doesn't answer in time, fails or ends.

use std::io::{self, BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use prost::Message as _;

use super::protocol::{self, Answer, Open, Opened};
use super::settings::AcceleratorSettings;
use crate::model::{Engine, EngineError, InputSize};

/// How long a worker that was killed may take to be gone. One in the middle of a
/// system call may take for ever; it is left behind then.
const GONE: Duration = Duration::from_secs(1);

/// What waits for workers left behind. While there is one no other is started: it
/// would hang in the same place, and the next one too.
static LEFT_BEHIND: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Why an Edge TPU doesn't compute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Loss {
    /// What happened.
    pub reason: LossReason,
    /// In words.
    pub detail: String,
}

/// What happened to an Edge TPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossReason {
    /// It isn't there, or libedgetpu isn't.
    Absent,
    /// It, libedgetpu or the model can't be used.
    Refused,
    /// It didn't answer in time.
    Stuck,
    /// The process that ran it ended.
    Ended,
    /// An inference failed.
    Failed,
}

impl LossReason {
    /// For metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Refused => "refused",
            Self::Stuck => "stuck",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }
}

/// A network on an Edge TPU. Dropping it kills the worker, and so closes the device.
#[derive(Debug)]
pub struct EdgeTpuEngine {
    worker: Worker,
    input_size: InputSize,
    dimensions: usize,
    detail: String,
}

impl EdgeTpuEngine {
    /// Starts a worker, which opens the device and prepares `model` on it. Takes
    /// seconds when the device was just plugged in.
    ///
    /// # Errors
    /// Why not, or that it took too long.
    pub fn open(model: &[u8], settings: &AcceleratorSettings) -> Result<Self, Loss> {
        let mut worker = Worker::start(settings)?;
        let open = Open {
            library: settings
                .edgetpu_library
                .as_ref()
                .map_or_else(String::new, |file| file.display().to_string()),
            device: settings.edgetpu_device.to_string(),
            performance: settings.edgetpu_performance.map_or_else(String::new, |level| level.to_string()),
            model: model.to_vec(),
        };
        let opened = worker.ask(&open.encode_to_vec(), settings.opening_deadline())?;
        let opened = Opened::decode(opened).map_err(|error| worker.not_understood(&error))?;
        if !opened.problem.is_empty() {
            let reason = if opened.absent { LossReason::Absent } else { LossReason::Refused };
            return Err(Loss { reason, detail: opened.problem });
        }
        worker.deadline = settings.deadline();
        if !opened.doubt.is_empty() {
            tracing::warn!(doubt = opened.doubt, "libedgetpu may not fit");
        }
        let performance =
            settings.edgetpu_performance.map_or_else(String::new, |level| format!(", performance {level}"));
        Ok(Self {
            worker,
            input_size: InputSize { width: opened.input_width, height: opened.input_height },
            dimensions: opened.dimensions as usize,
            detail: format!("{}{performance}; libedgetpu {}", opened.device, opened.library),
        })
    }

    /// The device and its driver, for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl Engine for EdgeTpuEngine {
    fn input_size(&self) -> InputSize {
        self.input_size
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed(&mut self, rgb: &[u8]) -> Result<Vec<f32>, EngineError> {
        let deadline = self.worker.deadline;
        let answer = self.worker.ask(rgb, deadline).map_err(EngineError::Lost)?;
        let answer = Answer::decode(answer);
        let answer = answer.map_err(|error| EngineError::Lost(self.worker.not_understood(&error)))?;
        if !answer.problem.is_empty() {
            return Err(EngineError::Lost(Loss { reason: LossReason::Failed, detail: answer.problem }));
        }
        Ok(answer.values)
    }
}

/// The process, and the socket to it.
#[derive(Debug)]
struct Worker {
    child: Option<Child>,
    stream: UnixStream,
    deadline: Duration,
    /// What it wrote last to standard error, which is why it ended if it did.
    last_words: Arc<Mutex<String>>,
    /// Hangs up when all that it wrote has been read.
    spoken: Receiver<()>,
    answer: Vec<u8>,
}

impl Worker {
    fn start(settings: &AcceleratorSettings) -> Result<Self, Loss> {
        let failed = |error: io::Error| Loss {
            reason: LossReason::Refused,
            detail: format!("can't start the process that runs the Edge TPU: {error}"),
        };
        if one_was_left_behind() {
            let detail = "the process that ran the Edge TPU can't be ended: it hangs in the system, mostly \
                          until the device is unplugged"
                .to_owned();
            return Err(Loss { reason: LossReason::Stuck, detail });
        }
        let program = settings.edgetpu_worker.clone();
        let program = program.map_or_else(std::env::current_exe, Ok).map_err(failed)?;
        let (stream, theirs) = UnixStream::pair().map_err(failed)?;
        let mut child = Command::new(program)
            .arg("edge-tpu-worker")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let last_words = Arc::new(Mutex::new(String::new()));
        let (speaks, spoken) = mpsc::channel::<()>();
        if let Some(stderr) = child.stderr.take() {
            let last_words = Arc::clone(&last_words);
            // Ends with the worker.
            let listen = move || {
                let _speaks = speaks;
                for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                    tracing::info!(line, "Edge TPU worker");
                    *last_words.lock().unwrap_or_else(PoisonError::into_inner) = line;
                }
            };
            std::thread::Builder::new().name("edge-tpu-log".to_owned()).spawn(listen).map_err(failed)?;
        }
        let (child, answer) = (Some(child), Vec::new());
        Ok(Self { child, stream, deadline: settings.deadline(), last_words, spoken, answer })
    }

    /// Sends `message`, and waits for the answer; for each step at most `deadline`.
    fn ask(&mut self, message: &[u8], deadline: Duration) -> Result<&[u8], Loss> {
        let asked = self.exchange(message, deadline);
        asked.map_err(|error| self.explain(&error, deadline))?;
        Ok(&self.answer)
    }

    fn exchange(&mut self, message: &[u8], deadline: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(deadline))?;
        self.stream.set_write_timeout(Some(deadline))?;
        protocol::send(&mut self.stream, message)?;
        protocol::receive(&mut self.stream, &mut self.answer)
    }

    fn explain(&mut self, error: &io::Error, deadline: Duration) -> Loss {
        if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) {
            let detail = format!("the Edge TPU didn't answer within {} ms", deadline.as_millis());
            return Loss { reason: LossReason::Stuck, detail };
        }
        let status = self.end();
        // Its end may be noticed before its last line was read.
        let _ = self.spoken.recv_timeout(GONE);
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut detail = match status {
            Some(status) => format!("the process that ran the Edge TPU ended ({})", describe(status)),
            None => format!("the process that ran the Edge TPU can't be reached: {error}"),
        };
        if !words.is_empty() {
            detail = format!("{detail}: {words}");
        }
        Loss { reason: LossReason::Ended, detail }
    }

    fn not_understood(&self, error: &prost::DecodeError) -> Loss {
        let detail = format!("the process that runs the Edge TPU can't be understood: {error}");
        Loss { reason: LossReason::Failed, detail }
    }

    /// Kills the process, unless it has ended by itself, and waits a moment for its
    /// end.
    fn end(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        // Fails when it has ended, and that is told by its status.
        let _ = child.kill();
        let (sender, ended) = mpsc::channel();
        // `Child::wait` has no deadline, so it is for a thread that may be left behind.
        let waiter = std::thread::Builder::new().name("edge-tpu-end".to_owned());
        let waiter = waiter.spawn(move || drop(sender.send(child.wait()))).ok()?;
        match ended.recv_timeout(GONE) {
            Ok(status) => status.ok(),
            Err(_) => {
                LEFT_BEHIND.lock().unwrap_or_else(PoisonError::into_inner).push(waiter);
                None
            }
        }
    }
}

fn one_was_left_behind() -> bool {
    let mut left_behind = LEFT_BEHIND.lock().unwrap_or_else(PoisonError::into_inner);
    left_behind.retain(|waiter| !waiter.is_finished());
    !left_behind.is_empty()
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
        self.end();
    }
}

fn describe(status: ExitStatus) -> String {
    match status.signal() {
        Some(6) => "it aborted itself, as libedgetpu does when a USB transfer fails".to_owned(),
        Some(11) => "it crashed; was libedgetpu built for another TensorFlow Lite?".to_owned(),
        _ => status.to_string(),
    }
}
