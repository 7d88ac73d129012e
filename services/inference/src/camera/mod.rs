//! Cameras: what a camera is ([`Camera`]), the two kinds ([`v4l2`] devices and
//! a [`replay`] of pictures), which ones are there ([`discovery`]), how they are
//! set ([`settings`], [`mode`], [`controls`]), what goes wrong with them
//! ([`fault`], [`watchdog`]), and the thread that takes frames from the selected one
//! ([`capture`]).

pub mod capture;
pub mod controls;
pub mod discovery;
pub mod fault;
pub mod mode;
pub mod replay;
pub mod settings;
pub mod v4l2;
pub mod watchdog;

use std::time::Instant;

use crate::frame::Taken;
use crate::pixels::Broken;

pub use capture::{Capture, Sources};

/// Something that delivers pictures.
pub trait Camera: Send {
    /// When the next picture may be asked for; `None` when the device sets the
    /// pace by itself.
    fn due(&self) -> Option<Instant>;

    /// What it was set to, in words: "640x480 YUYV, 30 fps". Empty when it can't
    /// be set.
    fn mode(&self) -> String;

    /// What it was asked for and can't do, in words.
    fn notes(&self) -> &[String];

    /// Waits for the next picture until `until`; `None` when there was none. A
    /// broken one is an answer as well.
    ///
    /// # Errors
    /// When the camera is gone; it has to be opened anew then.
    fn next_picture(&mut self, until: Instant) -> Result<Option<Result<Taken, Broken>>, CameraError>;
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
    /// A device is there and open, and nothing comes.
    #[error("{device} delivers no pictures: none for {seconds} seconds")]
    Silent {
        /// The device.
        device: String,
        /// How long.
        seconds: u64,
    },
    /// A device delivers nothing but rubbish.
    #[error("{device} delivers no usable pictures: {count} in a row were broken ({last})")]
    Broken {
        /// The device.
        device: String,
        /// How many.
        count: u32,
        /// What was wrong with the last one.
        last: String,
    },
    /// The driver's answer made no sense.
    #[error("{device} can't be used: the camera library failed")]
    Library {
        /// The device.
        device: String,
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
