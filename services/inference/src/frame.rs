//! A frame: one decoded picture of the camera.

use std::time::{Duration, Instant, SystemTime};

use image::RgbImage;

/// One decoded picture of the camera.
#[derive(Debug)]
pub struct Frame {
    /// Counts from 1 since the service started, over all cameras.
    pub id: u64,
    /// The picture, upright, at the camera's size.
    pub image: RgbImage,
    /// When it left the camera, by the wall clock: for people and other
    /// services.
    pub captured_at: SystemTime,
    /// The same moment by the monotonic clock: for pacing and measuring.
    pub captured: Instant,
    /// How long decoding took.
    pub decode: Duration,
    /// The camera's id, and for a replay the file's name.
    pub source: String,
}
