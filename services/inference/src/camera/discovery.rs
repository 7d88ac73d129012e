//! Which cameras are there, and opening the one that was chosen.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use v4l::context::{Node, enum_devices};

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

impl Found {
    /// Whether `id` means this one: by its id, or by another name that the system
    /// has for the device (`/dev/v4l/by-id/…`).
    #[must_use]
    pub fn is(&self, id: &str) -> bool {
        let device = || id.starts_with("/dev/") && self.id == v4l2::device_name(Path::new(id));
        self.id == id || device()
    }
}

/// An opened camera and its id.
pub type Opened = (String, Box<dyn Camera>);

/// The V4L2 cameras that are there now, then the configured replay folders.
#[must_use]
pub fn list(sources: &Sources) -> Vec<Found> {
    let replays = sources.replays.iter().map(|folder| Found {
        id: CameraChoice::Replay(folder.clone()).to_string(),
        name: "Replay of a folder of pictures".to_owned(),
    });
    devices().into_iter().chain(replays).collect()
}

/// The V4L2 devices that may be cameras.
#[must_use]
pub fn devices() -> Vec<Found> {
    // Not `Node::index`, which panics at a name that is none of V4L2's.
    let number = |node: &Node| node.path().file_name()?.to_str()?.strip_prefix("video")?.parse::<u32>().ok();
    let mut numbered: Vec<_> = enum_devices()
        .iter()
        .filter_map(|node| Some((number(node)?, node.name().unwrap_or_default())))
        .collect();
    numbered.sort();
    numbered
        .into_iter()
        .map(|(number, name)| Found { id: format!("/dev/video{number}"), name })
        // Other names of a device are not other devices.
        .filter(|device| !Path::new(&device.id).is_symlink())
        .filter(|device| !is_something_else(Path::new(&device.id)))
        .collect()
}

/// As [`v4l2::is_something_else`], asked once for each device: a camera that is
/// opened wakes up.
fn is_something_else(path: &Path) -> bool {
    type Node = (u64, i64, i64);
    static KNOWN: Mutex<Option<HashMap<PathBuf, (Node, bool)>>> = Mutex::new(None);
    let Ok(node) = path.metadata() else { return false };
    // One that is plugged in again is another one, also under the same name.
    let node = (node.ino(), node.ctime(), node.ctime_nsec());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    match known.get(path) {
        Some((then, answer)) if *then == node => *answer,
        _ => {
            let answer = v4l2::is_something_else(path);
            known.insert(path.to_owned(), (node, answer));
            answer
        }
    }
}

/// Opens the chosen camera; for `auto` the first one that opens and isn't in
/// `passed_over`, else the replay.
///
/// # Errors
/// When it can't be opened; for `auto`, when none can and no replay folder is
/// set.
pub fn open(choice: &CameraChoice, sources: &Sources, passed_over: &[String]) -> Result<Opened, CameraError> {
    match choice {
        CameraChoice::Device(path) => open_device(path, sources),
        CameraChoice::Replay(folder) => open_replay(folder, sources.replay_fps),
        CameraChoice::Auto => match (open_first(sources, passed_over), sources.replays.first()) {
            (Err(_), Some(folder)) => open_replay(folder, sources.replay_fps),
            (opened, _) => opened,
        },
    }
}

/// Opens the first device that opens and isn't in `passed_over`.
///
/// # Errors
/// When none does.
pub fn open_first(sources: &Sources, passed_over: &[String]) -> Result<Opened, CameraError> {
    let mut problem = CameraError::NoneFound;
    for device in devices() {
        if passed_over.contains(&device.id) {
            continue;
        }
        match open_device(Path::new(&device.id), sources) {
            Ok(camera) => return Ok(camera),
            Err(error) if matches!(problem, CameraError::NoneFound) => problem = error,
            Err(_) => {}
        }
    }
    Err(problem)
}

fn open_device(path: &Path, sources: &Sources) -> Result<Opened, CameraError> {
    let camera = V4l2Camera::open(path, &sources.settings)?;
    Ok((camera.id().to_owned(), Box::new(camera)))
}

fn open_replay(folder: &Path, fps: f32) -> Result<Opened, CameraError> {
    let id = CameraChoice::Replay(folder.to_owned()).to_string();
    Ok((id, Box::new(Replay::open(folder, fps)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_is_known_by_its_other_names_too() {
        let found = Found { id: "/dev/null".to_owned(), name: String::new() };
        assert!(found.is("/dev/null") && found.is("/dev/../dev/null"));
        assert!(!found.is("/dev/zero") && !found.is("/dev/video99") && !found.is("replay:/dev/null"));
    }
}
