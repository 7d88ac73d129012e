//! A frame: one picture of the camera, decoded when somebody wants to see it.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Instant, SystemTime};

use image::RgbImage;

use crate::picture;
use crate::pixels::{Broken, Pixels};
use crate::turn::Turn;

/// One picture of the camera.
#[derive(Debug)]
pub struct Frame {
    /// Counts from 1 since the service started, over all cameras.
    pub id: u64,
    /// When it left the camera, by the wall clock: for people and other
    /// services.
    pub captured_at: SystemTime,
    /// The same moment by the monotonic clock: for pacing and measuring.
    pub captured: Instant,
    /// The camera's id, and for a replay the file's name.
    pub source: String,
    /// What has to happen to the picture that it stands upright.
    pub turn: Turn,
    /// As it came from the camera.
    pub pixels: Pixels,
    /// Where it is told whether it could be decoded.
    pub health: Health,
    /// In RGB and not turned, since the first one asked for it; `None`: it is broken.
    decoded: OnceLock<Option<RgbImage>>,
}

impl Frame {
    /// A frame of this picture.
    #[must_use]
    pub fn new(id: u64, taken: Taken, turn: Turn, health: Health) -> Self {
        let Taken { pixels, captured_at, captured, source } = taken;
        Self { id, captured_at, captured, source, turn, pixels, health, decoded: OnceLock::new() }
    }

    /// The picture in RGB, at the camera's size and not turned. Whoever comes first
    /// decodes it; the others get the same one.
    ///
    /// `None` when it is broken, which was counted and told.
    pub fn decoded(&self) -> Option<&RgbImage> {
        let jpeg = |bytes: &[u8]| match picture::decode(bytes) {
            Ok(image) => {
                self.health.decoded();
                Some(image)
            }
            Err(error) => {
                self.health.undecodable(&error.into());
                None
            }
        };
        match &self.pixels {
            Pixels::Rgb(image) => Some(image),
            Pixels::Yuv(picture) => self.decoded.get_or_init(|| Some(picture.to_rgb())).as_ref(),
            Pixels::Jpeg(bytes) => self.decoded.get_or_init(|| jpeg(bytes)).as_ref(),
        }
    }

    /// The picture upright, as large as `fit` makes its width and height. Smaller
    /// ones are turned when they are small.
    ///
    /// `None` when it is broken.
    #[must_use]
    pub fn upright(&self, fit: impl FnOnce((u32, u32)) -> (u32, u32)) -> Option<RgbImage> {
        let image = self.decoded()?;
        let (width, height) = self.turn.sides(fit(self.turn.sides(image.dimensions())));
        Some(self.turn.image(picture::shrink(image, width, height)))
    }
}

/// A picture fresh from a camera.
#[derive(Debug)]
pub struct Taken {
    /// The picture.
    pub pixels: Pixels,
    /// When it left the camera: wall clock.
    pub captured_at: SystemTime,
    /// The same by the monotonic clock.
    pub captured: Instant,
    /// The camera's id, and for a replay the file's name.
    pub source: String,
}

/// Whether an open camera's pictures are whole, and can be decoded. They are where
/// they are needed, which may be a few of them, and the camera's thread has to hear of
/// it. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<Mutex<Trouble>>);

/// Broken pictures since the last good one of their kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Of all that came: those that were damaged on the way.
    damaged: u32,
    /// Of those that were decoded: those that couldn't be.
    undecodable: u32,
    /// What was wrong with the last one.
    pub last: String,
}

impl Trouble {
    /// How many in a row.
    #[must_use]
    pub fn in_a_row(&self) -> u32 {
        self.damaged.max(self.undecodable)
    }
}

impl Health {
    /// A picture came whole, as far as can be told without decoding it.
    pub fn arrived(&self) {
        self.lock().damaged = 0;
    }

    /// A picture came that is damaged.
    pub fn damaged(&self, error: &Broken) {
        count_broken(error);
        let mut trouble = self.lock();
        trouble.damaged += 1;
        trouble.last = error.to_string();
    }

    fn decoded(&self) {
        self.lock().undecodable = 0;
    }

    fn undecodable(&self, error: &Broken) {
        count_broken(error);
        let mut trouble = self.lock();
        trouble.undecodable += 1;
        trouble.last = error.to_string();
    }

    /// How it is now.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count_broken(error: &Broken) {
    metrics::counter!("mirror_frames_broken_total").increment(1);
    tracing::debug!(%error, "Broken picture left out");
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::turn::Rotation;

    /// A frame with this picture, as it is.
    pub(crate) fn frame(id: u64, pixels: Pixels) -> Frame {
        let (captured_at, captured) = (SystemTime::now(), Instant::now());
        let taken = Taken { pixels, captured_at, captured, source: String::new() };
        Frame::new(id, taken, Turn::NONE, Health::default())
    }

    #[test]
    fn previews_are_of_the_upright_picture() {
        let picture = RgbImage::from_fn(60, 40, |x, _| image::Rgb([if x < 30 { 255 } else { 0 }; 3]));
        let turn = Turn { rotation: Rotation::Right, mirrored: false };
        let frame = Frame { turn, ..frame(1, Pixels::Rgb(picture)) };
        let small = frame.upright(|(width, height)| (width / 2, height / 2)).unwrap();
        assert_eq!(small.dimensions(), (20, 30));
        assert_eq!((small.get_pixel(10, 1).0, small.get_pixel(10, 28).0), ([255; 3], [0; 3]));
    }

    #[test]
    fn broken_pictures_are_counted_once_each_and_until_a_good_one() {
        let health = Health::default();
        let with = |bytes: &[u8]| Frame { health: health.clone(), ..frame(1, Pixels::Jpeg(bytes.to_vec())) };
        for expected in 1..=3 {
            let frame = with(b"\xff\xd8\xff\xe0 nothing more");
            assert!(frame.decoded().is_none() && frame.decoded().is_none());
            assert_eq!(health.trouble().in_a_row(), expected);
        }
        // That others arrive says nothing of those that are decoded.
        health.arrived();
        assert_eq!(health.trouble().in_a_row(), 3);
        assert_eq!(with(&picture::encode_jpeg(&RgbImage::new(8, 8))).decoded().unwrap().dimensions(), (8, 8));
        assert_eq!(health.trouble().in_a_row(), 0);
    }

    #[test]
    fn damaged_pictures_are_in_a_row_until_one_arrives_whole_whether_it_is_decoded_or_not() {
        let health = Health::default();
        for expected in 1..=9 {
            health.damaged(&Broken::NotAJpeg);
            assert_eq!(health.trouble().in_a_row(), expected);
        }
        health.arrived();
        health.damaged(&Broken::NotAJpeg);
        assert_eq!(health.trouble().in_a_row(), 1);
    }
}
