//! Cameras: what a camera is ([`Camera`]), the two kinds ([`v4l2`] devices and
//! a [`replay`] of pictures), which ones are there ([`discovery`]), and the
//! thread that takes frames from the selected one ([`capture`]).

pub mod capture;
pub mod discovery;
pub mod replay;
pub mod v4l2;

use std::time::{Duration, Instant, SystemTime};

use image::RgbImage;

pub use capture::{Capture, Sources};

/// Something that delivers pictures.
pub trait Camera {
    /// When the next picture may be asked for; `None` when the device sets the
    /// pace by itself.
    fn due(&self) -> Option<Instant>;

    /// Blocks until the next picture is there, and decodes it.
    ///
    /// # Errors
    /// When the camera is gone or delivers nothing usable; it has to be opened
    /// anew then.
    fn next_picture(&mut self) -> Result<CapturedPicture, CameraError>;
}

/// A decoded picture fresh from a camera.
#[derive(Debug)]
pub struct CapturedPicture {
    /// Upright RGB at the camera's size.
    pub image: RgbImage,
    /// When it left the camera, before decoding: wall clock.
    pub captured_at: SystemTime,
    /// The same by the monotonic clock.
    pub captured: Instant,
    /// How long decoding took.
    pub decode: Duration,
    /// The camera's id, and for a replay the file's name.
    pub source: String,
}

/// Why a camera doesn't deliver.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// Nothing to take pictures from.
    #[error("no camera found, and no replay folder is set; plug a camera in, or set MIRROR_REPLAY_DIR")]
    NoneFound,
    /// A device can't be opened.
    #[error("can't open {device}: {problem}")]
    Open {
        /// The device.
        device: String,
        /// What the system said.
        problem: String,
    },
    /// A device stopped delivering.
    #[error("{device} stopped delivering: {problem}")]
    Read {
        /// The device.
        device: String,
        /// What the system said.
        problem: String,
    },
    /// A replay folder can't be used.
    #[error("can't replay {folder}: {problem}")]
    Replay {
        /// The folder.
        folder: String,
        /// What is wrong with it.
        problem: String,
    },
}
