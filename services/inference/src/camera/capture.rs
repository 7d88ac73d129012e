//! The camera thread: opens the chosen camera, takes frames, and when that
//! fails says why and tries again, until it is stopped.

use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::discovery::{self, Found};
use super::{Camera, CameraError, v4l2};
use crate::config::{CameraChoice, Config};
use crate::frame::Frame;
use crate::inbox::Inbox;

/// How long to wait before a camera that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// How often `auto` looks for a camera while it plays the replay instead.
const LOOK_AROUND: Duration = Duration::from_secs(5);

/// How long stopping waits for a camera that is in the middle of a picture. One
/// that hangs is left to the end of the process.
const STOP: Duration = Duration::from_secs(1);

/// Choices that may wait; each is taken within a frame's time.
const MAX_CHOICES: usize = 4;

/// Where frames may come from beside the V4L2 devices.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Folders of pictures; `auto` plays the first when no camera opens.
    pub replays: Vec<PathBuf>,
    /// Pictures a second in a replay.
    pub replay_fps: f32,
}

impl Sources {
    /// The folders that the settings name.
    #[must_use]
    pub fn from_config(config: &Config) -> Self {
        let mut replays = Vec::new();
        if let CameraChoice::Replay(folder) = &config.camera {
            replays.push(folder.clone());
        }
        replays.extend(config.replay_dir.clone().filter(|folder| !replays.contains(folder)));
        Self { replays, replay_fps: config.replay_fps }
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
        let status = Arc::new(Mutex::new(Status { id: choice.to_string(), state: State::Opening }));
        let worker = Worker {
            choice,
            sources: sources.clone(),
            status: Arc::clone(&status),
            chosen,
            inbox,
            newest: newest_sender,
            frames: 0,
            problem: String::new(),
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
        *status = Status { id, state: State::Opening };
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
    /// Why the camera failed last; empty since it delivers.
    problem: String,
}

/// The service stops.
struct Stop;

impl Worker {
    fn run(mut self) {
        while let Ok(()) = self.open_and_stream() {}
    }

    /// Ends when another camera was chosen, or a moment after this one failed.
    fn open_and_stream(&mut self) -> Result<(), Stop> {
        set_status(&self.status, self.choice.to_string(), State::Opening);
        let error = match discovery::open(&self.choice, &self.sources) {
            Ok((id, camera)) => {
                tracing::info!(camera = id, "Camera opened");
                let Some(error) = self.stream(&id, camera)? else { return Ok(()) };
                error
            }
            Err(error) => error,
        };
        metrics::counter!("mirror_camera_failures_total").increment(1);
        let error = error.to_string();
        // Said once, not at each try.
        if error != self.problem {
            tracing::warn!(error, "Camera failed; it is tried again");
        }
        self.problem.clone_from(&error);
        set_status(&self.status, self.choice.to_string(), State::Failed(error));
        self.new_choice(Instant::now() + RETRY).map(|_| ())
    }

    /// Takes frames until another camera is to be opened (`None`) or this one
    /// fails.
    fn stream(&mut self, id: &str, mut camera: Box<dyn Camera>) -> Result<Option<CameraError>, Stop> {
        let stand_in = self.choice == CameraChoice::Auto && id.starts_with("replay:");
        let (devices, mut looked) = (v4l2::devices(), Instant::now());
        loop {
            if self.new_choice(camera.due().unwrap_or_else(Instant::now))? {
                return Ok(None);
            }
            if stand_in && looked.elapsed() > LOOK_AROUND {
                looked = Instant::now();
                if v4l2::devices() != devices {
                    return Ok(None);
                }
            }
            match camera.next_picture() {
                Ok(picture) => {
                    self.frames += 1;
                    if !self.is_streaming() {
                        set_status(&self.status, id.to_owned(), State::Streaming);
                        self.problem.clear();
                    }
                    let frame = Arc::new(Frame {
                        id: self.frames,
                        image: picture.image,
                        captured_at: picture.captured_at,
                        captured: picture.captured,
                        decode: picture.decode,
                        source: picture.source,
                    });
                    metrics::counter!("mirror_frames_captured_total").increment(1);
                    self.inbox.put_frame(Arc::clone(&frame));
                    self.newest.send_replace(Some(frame));
                }
                Err(error) => return Ok(Some(error)),
            }
        }
    }

    fn is_streaming(&self) -> bool {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).state == State::Streaming
    }

    /// Waits until `until` for another choice; whether there was one.
    fn new_choice(&mut self, until: Instant) -> Result<bool, Stop> {
        match self.chosen.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(choice) => {
                self.choice = choice;
                Ok(true)
            }
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(Stop),
        }
    }
}

fn set_status(status: &Mutex<Status>, id: String, state: State) {
    *status.lock().unwrap_or_else(PoisonError::into_inner) = Status { id, state };
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

    async fn frame_from(newest: &mut watch::Receiver<Option<Arc<Frame>>>, name: &str) -> Arc<Frame> {
        let frame = newest.wait_for(|frame| frame.as_ref().is_some_and(|frame| frame.source.ends_with(name)));
        tokio::time::timeout(Duration::from_secs(20), frame).await.expect("a frame").unwrap().clone().unwrap()
    }

    #[tokio::test]
    async fn another_camera_is_selected_without_a_restart() {
        let (first, second) = (folder("first.png"), folder("second.png"));
        let sources =
            Sources { replays: vec![first.path().to_owned(), second.path().to_owned()], replay_fps: 100.0 };
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
        let sources = Sources { replays: vec![folder.path().to_owned()], replay_fps: 100.0 };
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
