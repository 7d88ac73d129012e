//! The camera thread: opens the chosen camera, takes frames, and when that
//! fails says why and tries again, until it is stopped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::discovery::{self, Found, Opened};
use super::settings::CameraSettings;
use super::watchdog::Watchdog;
use super::{Camera, CameraError};
use crate::config::{CameraChoice, Config};
use crate::frame::{Frame, Health};
use crate::inbox::Inbox;
use crate::pixels::Pixels;

/// How long to wait before a camera that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// How often `auto` tries the devices while it plays the replay instead.
const LOOK_AROUND: Duration = Duration::from_secs(5);

/// How often also those that opened and delivered nothing.
const SECOND_CHANCE: Duration = Duration::from_secs(60);

/// How long one waits for a picture until it is looked whether to stop.
const SLICE: Duration = Duration::from_millis(100);

/// How long stopping waits for a camera that is in the middle of a picture. One
/// that hangs is left to the end of the process.
const STOP: Duration = Duration::from_secs(1);

/// Choices that may wait; each is taken within a frame's time.
const MAX_CHOICES: usize = 4;

/// Where frames may come from beside the V4L2 devices, and how they are taken.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Folders of pictures; `auto` plays the first when no camera opens.
    pub replays: Vec<PathBuf>,
    /// Pictures a second in a replay.
    pub replay_fps: f32,
    /// How devices are set.
    pub settings: CameraSettings,
}

impl Sources {
    /// What the settings name.
    #[must_use]
    pub fn from_config(config: &Config) -> Self {
        let mut replays = Vec::new();
        if let CameraChoice::Replay(folder) = &config.camera {
            replays.push(folder.clone());
        }
        replays.extend(config.replay_dir.clone().filter(|folder| !replays.contains(folder)));
        Self { replays, replay_fps: config.replay_fps, settings: config.camera_settings.clone() }
    }
}

/// How the selected camera is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Being opened.
    Opening,
    /// Delivering frames.
    Streaming,
    /// Can't be opened or read, and why; it is tried again.
    Failed(String),
}

/// The selected camera.
#[derive(Clone, Debug)]
pub struct Status {
    /// Its id; that of the choice while no camera is open.
    pub id: String,
    /// How it is.
    pub state: State,
    /// What it was set to, in words; empty while it isn't open, and for a replay.
    pub mode: String,
    /// What it was asked for and can't do, in words; mostly empty.
    pub note: String,
}

impl Status {
    fn new(id: String, state: State) -> Self {
        Self { id, state, mode: String::new(), note: String::new() }
    }
}

/// A running camera thread; dropping it stops the thread.
#[derive(Debug)]
pub struct Capture {
    /// The newest frame; slower readers miss some.
    pub newest: watch::Receiver<Option<Arc<Frame>>>,
    sources: Sources,
    status: Arc<Mutex<Status>>,
    choices: Option<mpsc::SyncSender<CameraChoice>>,
    /// Ends with the thread.
    running: Mutex<mpsc::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Capture {
    /// Starts the thread; frames go to `inbox` and to [`newest`](Self::newest).
    #[must_use]
    pub fn start(choice: CameraChoice, sources: Sources, inbox: Inbox) -> Self {
        let (choices, chosen) = mpsc::sync_channel(MAX_CHOICES);
        let (alive, running) = mpsc::channel();
        let (newest_sender, newest) = watch::channel(None);
        let status = Arc::new(Mutex::new(Status::new(choice.to_string(), State::Opening)));
        let worker = Worker {
            choice,
            sources: sources.clone(),
            status: Arc::clone(&status),
            chosen,
            inbox,
            newest: newest_sender,
            frames: 0,
            problem: String::new(),
            at_hand: None,
            passed_over: Vec::new(),
        };
        let thread = std::thread::Builder::new()
            .name("camera".to_owned())
            .spawn(move || {
                let _alive = alive;
                worker.run();
            })
            .expect("the system can start a thread");
        Self {
            newest,
            sources,
            status,
            choices: Some(choices),
            running: Mutex::new(running),
            thread: Some(thread),
        }
    }

    /// The cameras that are there now, without the selected one's state.
    #[must_use]
    pub fn list(&self) -> Vec<Found> {
        discovery::list(&self.sources)
    }

    /// The selected camera.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes to another camera.
    ///
    /// # Errors
    /// When too many choices are waiting already.
    pub fn select(&self, choice: CameraChoice) -> Result<(), Busy> {
        let id = choice.to_string();
        let choices = self.choices.as_ref().expect("taken only in drop");
        // Held over the sending, or the thread's next state could be overwritten.
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        choices.try_send(choice).map_err(|_| Busy)?;
        *status = Status::new(id, State::Opening);
        Ok(())
    }
}

/// Too many choices are waiting.
#[derive(Debug)]
pub struct Busy;

impl Drop for Capture {
    fn drop(&mut self) {
        self.choices = None;
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner);
        let ended = running.recv_timeout(STOP) == Err(RecvTimeoutError::Disconnected);
        if let Some(thread) = self.thread.take().filter(|_| ended) {
            // A panic there was already printed; there is nothing to add.
            let _ = thread.join();
        }
    }
}

struct Worker {
    choice: CameraChoice,
    sources: Sources,
    status: Arc<Mutex<Status>>,
    /// New choices; its sender's end is the signal to stop.
    chosen: mpsc::Receiver<CameraChoice>,
    inbox: Inbox,
    newest: watch::Sender<Option<Arc<Frame>>>,
    /// Frames taken, over all cameras.
    frames: u64,
    /// Why the camera failed last; empty since it delivers, or another was chosen.
    problem: String,
    /// A camera that was opened for trial while another one played.
    at_hand: Option<Opened>,
    /// Devices that `auto` opened and that delivered nothing.
    passed_over: Vec<String>,
}

/// The service stops.
struct Stop;

/// Why a camera isn't read any more.
enum End {
    /// Another one is to be opened.
    Change,
    /// It failed.
    Failed(CameraError),
}

impl Worker {
    fn run(mut self) {
        loop {
            // The library panics where a driver's answer makes no sense to it. That
            // must not be the end of the mirror's eye.
            let ended = catch_unwind(AssertUnwindSafe(|| self.open_and_stream()));
            let ended = ended.unwrap_or_else(|_| {
                let device = self.choice.to_string();
                self.failed(&CameraError::Library { device })
            });
            let Ok(()) = ended else { return };
        }
    }

    /// Ends when another camera is to be opened, or a moment after this one failed.
    fn open_and_stream(&mut self) -> Result<(), Stop> {
        // One that is tried again stays failed until it delivers.
        if self.problem.is_empty() {
            set_status(&self.status, Status::new(self.choice.to_string(), State::Opening));
        }
        let opened = match self.at_hand.take() {
            Some(opened) => Ok(opened),
            None => discovery::open(&self.choice, &self.sources, &self.passed_over),
        };
        let error = match opened {
            Ok((id, camera)) => match self.stream(&id, camera)? {
                End::Change => return Ok(()),
                End::Failed(error) => {
                    let useless = matches!(error, CameraError::Silent { .. } | CameraError::Broken { .. });
                    if useless && self.choice == CameraChoice::Auto {
                        self.passed_over.push(id);
                    }
                    error
                }
            },
            // All had their turn: from the beginning.
            Err(_) if !self.passed_over.is_empty() => {
                self.passed_over.clear();
                return Ok(());
            }
            Err(error) => error,
        };
        self.failed(&error)
    }

    /// Says so, and waits a moment.
    fn failed(&mut self, error: &CameraError) -> Result<(), Stop> {
        metrics::counter!("mirror_camera_failures_total").increment(1);
        let error = error.to_string();
        // Said once, not at each try.
        if error != self.problem {
            tracing::warn!(error, "Camera failed; it is tried again");
        }
        self.problem.clone_from(&error);
        set_status(&self.status, Status::new(self.choice.to_string(), State::Failed(error)));
        self.new_choice(Instant::now() + RETRY).map(|_| ())
    }

    /// Takes frames until another camera is to be opened or this one fails.
    fn stream(&mut self, id: &str, mut camera: Box<dyn Camera>) -> Result<End, Stop> {
        let replay = id.starts_with("replay:");
        let mut around = (self.choice == CameraChoice::Auto && replay).then(LookAround::new);
        let turn = self.sources.settings.turn();
        let health = Health::default();
        let mut watchdog = Watchdog::new(id.to_owned(), health.clone(), Instant::now());
        let mut delivers = false;
        loop {
            if self.new_choice(camera.due().unwrap_or_else(Instant::now))? {
                return Ok(End::Change);
            }
            if around.as_mut().is_some_and(|around| self.look_around(around)) {
                return Ok(End::Change);
            }
            match camera.next_picture(Instant::now() + SLICE) {
                Ok(None) => {}
                Ok(Some(Err(error))) => health.damaged(&error),
                Ok(Some(Ok(taken))) => {
                    health.arrived();
                    let frame = Frame::new(self.frames + 1, taken, turn, health.clone());
                    // Compressed pictures are decoded, and found to be broken, where they
                    // are needed, but for the first: a camera that sends nothing usable
                    // doesn't deliver.
                    let usable = match frame.pixels {
                        Pixels::Jpeg(_) => delivers || frame.decoded().is_some(),
                        Pixels::Rgb(_) | Pixels::Yuv(_) => true,
                    };
                    if usable {
                        if !delivers {
                            self.delivers(id, camera.as_ref());
                        }
                        delivers = true;
                        watchdog.good(Instant::now());
                        self.publish(frame);
                    }
                }
                Err(error) => return Ok(End::Failed(error)),
            }
            if let Err(error) = watchdog.check(Instant::now()) {
                return Ok(End::Failed(error));
            }
        }
    }

    /// The first picture came.
    fn delivers(&mut self, id: &str, camera: &dyn Camera) {
        let (mode, note) = (camera.mode(), camera.notes().join("; "));
        if note.is_empty() {
            tracing::info!(camera = id, mode, "Camera delivers");
        } else {
            tracing::warn!(camera = id, mode, note, "Camera delivers, but not all that was asked for");
        }
        let state = State::Streaming;
        set_status(&self.status, Status { id: id.to_owned(), state, mode, note });
        self.problem.clear();
    }

    fn publish(&mut self, frame: Frame) {
        self.frames = frame.id;
        let frame = Arc::new(frame);
        metrics::counter!("mirror_frames_captured_total").increment(1);
        self.inbox.put_frame(Arc::clone(&frame));
        self.newest.send_replace(Some(frame));
    }

    /// While the replay plays in a camera's place: whether there is one now.
    fn look_around(&mut self, around: &mut LookAround) -> bool {
        if around.looked.elapsed() < LOOK_AROUND {
            return false;
        }
        around.looked = Instant::now();
        let devices = discovery::devices();
        if devices != around.devices || around.since.elapsed() > SECOND_CHANCE {
            self.passed_over.clear();
            around.since = Instant::now();
            around.devices = devices;
        }
        // Tried, because one that another program used looks the same when it is free.
        self.at_hand = discovery::open_first(&self.sources, &self.passed_over).ok();
        self.at_hand.is_some()
    }

    /// Waits until `until` for another choice; whether there was one.
    fn new_choice(&mut self, until: Instant) -> Result<bool, Stop> {
        match self.chosen.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(choice) => {
                self.choice = choice;
                self.problem.clear();
                self.passed_over.clear();
                self.at_hand = None;
                Ok(true)
            }
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(Stop),
        }
    }
}

/// What `auto` knows of the devices while it plays the replay.
struct LookAround {
    devices: Vec<Found>,
    looked: Instant,
    /// When those that were passed over had their last chance.
    since: Instant,
}

impl LookAround {
    fn new() -> Self {
        let now = Instant::now();
        Self { devices: discovery::devices(), looked: now, since: now }
    }
}

fn set_status(status: &Mutex<Status>, now: Status) {
    *status.lock().unwrap_or_else(PoisonError::into_inner) = now;
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    fn folder(name: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        RgbImage::new(8, 8).save(folder.path().join(name)).unwrap();
        folder
    }

    fn replays(replays: Vec<PathBuf>) -> Sources {
        Sources { replays, replay_fps: 100.0, settings: CameraSettings::default() }
    }

    async fn frame_from(newest: &mut watch::Receiver<Option<Arc<Frame>>>, name: &str) -> Arc<Frame> {
        let frame = newest.wait_for(|frame| frame.as_ref().is_some_and(|frame| frame.source.ends_with(name)));
        tokio::time::timeout(Duration::from_secs(20), frame).await.expect("a frame").unwrap().clone().unwrap()
    }

    #[tokio::test]
    async fn another_camera_is_selected_without_a_restart() {
        let (first, second) = (folder("first.png"), folder("second.png"));
        let sources = replays(vec![first.path().to_owned(), second.path().to_owned()]);
        let capture = Capture::start(CameraChoice::Replay(first.path().into()), sources, Inbox::default());
        let mut newest = capture.newest.clone();
        let before = frame_from(&mut newest, "first.png").await;
        capture.select(CameraChoice::Replay(second.path().into())).unwrap();
        let after = frame_from(&mut newest, "second.png").await;
        assert!(after.id > before.id, "frames are counted over all cameras");
        assert_eq!(capture.status().state, State::Streaming);
    }

    #[tokio::test]
    async fn a_camera_that_comes_back_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let sources = replays(vec![folder.path().to_owned()]);
        let capture = Capture::start(CameraChoice::Auto, sources, Inbox::default());
        let mut newest = capture.newest.clone();
        while !matches!(capture.status().state, State::Failed(_)) {
            tokio::task::yield_now().await;
        }
        RgbImage::new(8, 8).save(folder.path().join("late.png")).unwrap();
        frame_from(&mut newest, "late.png").await;
        assert_eq!(capture.status().state, State::Streaming);
    }
}
