//! Which cameras are there, and opening the one that was chosen.

use std::path::{Path, PathBuf};

use super::capture::Sources;
use super::replay::Replay;
use super::v4l2::{self, V4l2Camera};
use super::{Camera, CameraError};
use crate::config::CameraChoice;

/// A camera that could be selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `/dev/videoN` or `replay:DIR`.
    pub id: String,
    /// For people.
    pub name: String,
}

/// The V4L2 devices that are there now, then the configured replay folders.
#[must_use]
pub fn list(sources: &Sources) -> Vec<Found> {
    let devices = v4l2::devices().into_iter().map(|(id, name)| Found { id, name });
    let replays = sources.replays.iter().map(|folder| Found {
        id: CameraChoice::Replay(folder.clone()).to_string(),
        name: "Replay of a folder of pictures".to_owned(),
    });
    devices.chain(replays).collect()
}

/// Opens the chosen camera; the answer names which one that is.
///
/// # Errors
/// When it can't be opened; for `auto`, when none can and no replay folder is
/// set.
pub fn open(choice: &CameraChoice, sources: &Sources) -> Result<(String, Box<dyn Camera>), CameraError> {
    match choice {
        CameraChoice::Device(path) => open_device(path),
        CameraChoice::Replay(folder) => open_replay(folder, sources.replay_fps),
        CameraChoice::Auto => open_first(sources),
    }
}

/// Codecs and image processors are `/dev/videoN` too: the first that opens as
/// a camera is one.
fn open_first(sources: &Sources) -> Result<(String, Box<dyn Camera>), CameraError> {
    let mut problem = None;
    for (id, _) in v4l2::devices() {
        match open_device(&PathBuf::from(id)) {
            Ok(camera) => return Ok(camera),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    match sources.replays.first() {
        Some(folder) => open_replay(folder, sources.replay_fps),
        None => Err(problem.unwrap_or(CameraError::NoneFound)),
    }
}

fn open_device(path: &Path) -> Result<(String, Box<dyn Camera>), CameraError> {
    Ok((path.display().to_string(), Box::new(V4l2Camera::open(path)?)))
}

fn open_replay(folder: &Path, fps: f32) -> Result<(String, Box<dyn Camera>), CameraError> {
    let id = CameraChoice::Replay(folder.to_owned()).to_string();
    Ok((id, Box::new(Replay::open(folder, fps)?)))
}
