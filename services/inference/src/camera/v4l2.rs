//! V4L2 cameras, through nokhwa.

use std::path::Path;
use std::time::{Instant, SystemTime};

use image::RgbImage;
use nokhwa::pixel_format::RgbFormat;
use nokhwa::utils::{
    ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution,
};
use nokhwa::{Buffer, NokhwaError};

use super::{Camera, CameraError, CapturedPicture};
use crate::picture;

/// The network sees 224 x 224 pixels; a larger picture only costs time.
const SIZE: Resolution = Resolution { width_x: 640, height_y: 480 };
const FPS: u32 = 30;

/// Compressed first: uncompressed pictures at full rate fill a USB 2 bus.
const FORMATS: [FrameFormat; 3] = [FrameFormat::MJPEG, FrameFormat::YUYV, FrameFormat::NV12];

/// Broken pictures in a row until the camera counts as failed: cameras send
/// some when they start, and now and then over a bad cable.
const MAX_BROKEN: u32 = 10;

/// An open V4L2 camera.
pub struct V4l2Camera {
    id: String,
    camera: nokhwa::Camera,
}

impl V4l2Camera {
    /// Opens `/dev/videoN` in the first of the formats that it has, at the
    /// size and rate nearest to 640 x 480 at 30 frames a second.
    ///
    /// # Errors
    /// When there is no such device, it is no capture device, another program
    /// holds it, or it has none of the formats.
    pub fn open(device: &Path) -> Result<Self, CameraError> {
        let id = device.display().to_string();
        let problem = |problem: String| CameraError::Open { device: id.clone(), problem };
        let number = id.strip_prefix("/dev/video").and_then(|number| number.parse().ok());
        let number: u32 = number.ok_or_else(|| problem("name it as /dev/videoN".to_owned()))?;
        // Asked first, because it tells "absent" from "not allowed".
        std::fs::File::open(device).map_err(|error| problem(error.to_string()))?;

        let mut last = String::from("it offers no MJPEG, YUYV or NV12 pictures");
        for format in FORMATS {
            match open_as(number, format) {
                Ok(camera) => return Ok(Self { id, camera }),
                Err(error) => last = error.to_string(),
            }
        }
        Err(problem(last))
    }
}

fn open_as(number: u32, format: FrameFormat) -> Result<nokhwa::Camera, NokhwaError> {
    let wanted = RequestedFormatType::Closest(CameraFormat::new(SIZE, format, FPS));
    let formats = [format];
    let request = RequestedFormat::with_formats(wanted, &formats);
    let mut camera =
        nokhwa::Camera::with_backend(CameraIndex::Index(number), request, ApiBackend::Video4Linux)?;
    camera.open_stream()?;
    Ok(camera)
}

impl Camera for V4l2Camera {
    fn due(&self) -> Option<Instant> {
        None
    }

    fn next_picture(&mut self) -> Result<CapturedPicture, CameraError> {
        let failed = |problem: String| CameraError::Read { device: self.id.clone(), problem };
        let mut broken = 0;
        let (image, captured_at, captured) = loop {
            let buffer = self.camera.frame().map_err(|error| failed(error.to_string()))?;
            let (captured_at, captured) = (SystemTime::now(), Instant::now());
            match decode(&buffer) {
                Ok(image) => break (image, captured_at, captured),
                Err(problem) if broken == MAX_BROKEN => return Err(failed(problem)),
                Err(_) => {
                    broken += 1;
                    metrics::counter!("mirror_frames_broken_total").increment(1);
                }
            }
        };
        Ok(CapturedPicture {
            image,
            captured_at,
            captured,
            decode: captured.elapsed(),
            source: self.id.clone(),
        })
    }
}

/// nokhwa's own MJPEG decoder is a C library; ours is the one that decodes
/// every other JPEG here.
fn decode(buffer: &Buffer) -> Result<RgbImage, String> {
    if buffer.source_frame_format() == FrameFormat::MJPEG {
        return picture::decode(buffer.buffer()).map_err(|error| error.to_string());
    }
    buffer.decode_image::<RgbFormat>().map_err(|error| error.to_string())
}

/// The V4L2 devices that are there: path and name.
#[must_use]
pub fn devices() -> Vec<(String, String)> {
    let devices = nokhwa::query(ApiBackend::Video4Linux).unwrap_or_default();
    let mut numbered: Vec<_> = devices
        .into_iter()
        .filter_map(|device| Some((device.index().as_index().ok()?, device.human_name())))
        .collect();
    numbered.sort();
    numbered.into_iter().map(|(number, name)| (format!("/dev/video{number}"), name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_camera_is_refused_in_words() {
        let open = |path: &str| V4l2Camera::open(Path::new(path)).err().unwrap().to_string();
        assert!(open("/dev/video99").contains("No such file"), "{}", open("/dev/video99"));
        assert!(open("/dev/null").contains("/dev/videoN"));
    }
}
