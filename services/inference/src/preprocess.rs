//! From a picture to the network's input, and what can be told from that input
//! without a network: how sharp it is, and how much it moved.

use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, Resizer};
use image::RgbImage;

use crate::frame::Frame;
use crate::picture;
use crate::turn::Turn;

/// What turns pictures into network input; part of the model's fingerprint.
/// Change it whenever the pixels that the network sees change.
pub const PREPROCESSING: &str = "rgb8;stretch;convolution-bilinear;1";

/// Makes network input of pictures, keeping its buffers.
#[derive(Debug)]
pub struct Preprocessor {
    resizer: Resizer,
    input: Image<'static>,
    /// A frame in input size that isn't turned yet.
    lying: Option<Image<'static>>,
}

impl Preprocessor {
    /// For an input of `width` x `height` pixels.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let input = Image::new(width, height, PixelType::U8x3);
        Self { resizer: Resizer::new(), input, lying: None }
    }

    /// The picture stretched to the input size: RGB, row by row, `width * height * 3` bytes.
    pub fn prepare(&mut self, picture: &RgbImage) -> &[u8] {
        picture::stretch(&mut self.resizer, &picture::view(picture), &mut self.input);
        self.input.buffer()
    }

    /// The same of a camera's frame, upright.
    ///
    /// Uncompressed pictures become RGB in full size as well. Making brightness and
    /// colour small first, or two pixels at a time, is faster by a third, but what
    /// differs then, one level in each pixel or less, is much to the network: the
    /// cosine with the embedding of the decoded picture falls to 0.99 and below.
    /// docs/benchmarks.md has what was measured.
    ///
    /// `None` when it is broken.
    pub fn prepare_frame(&mut self, frame: &Frame) -> Option<&[u8]> {
        let picture = picture::view(frame.decoded()?);
        if frame.turn == Turn::NONE {
            picture::stretch(&mut self.resizer, &picture, &mut self.input);
        } else {
            let (width, height) = frame.turn.sides((self.input.width(), self.input.height()));
            self.lying.take_if(|lying| lying.width() != width || lying.height() != height);
            let lying = self.lying.get_or_insert_with(|| Image::new(width, height, PixelType::U8x3));
            picture::stretch(&mut self.resizer, &picture, lying);
            frame.turn.pixels(lying.buffer(), (width, height), self.input.buffer_mut());
        }
        Some(self.input.buffer())
    }
}

/// Brightness of each pixel, 0 to 255.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brightness {
    width: usize,
    values: Vec<u8>,
}

impl Brightness {
    /// Of RGB pixels, row by row (Rec. 601 luma).
    #[must_use]
    pub fn of(rgb: &[u8], width: usize) -> Self {
        let luma =
            |p: &[u8]| ((77 * u32::from(p[0]) + 150 * u32::from(p[1]) + 29 * u32::from(p[2])) >> 8) as u8;
        Self { width, values: rgb.chunks_exact(3).map(luma).collect() }
    }

    /// Mean absolute Laplacian in grey levels: near 0 for a blurred picture.
    #[must_use]
    pub fn sharpness(&self) -> f32 {
        let (width, rows) = (self.width, self.values.len() / self.width.max(1));
        if width < 3 || rows < 3 {
            return 0.0;
        }
        let at = |index: usize| i32::from(self.values[index]);
        let mut sum = 0_u64;
        for row in 1..rows - 1 {
            for index in row * width + 1..(row + 1) * width - 1 {
                let around = at(index - 1) + at(index + 1) + at(index - width) + at(index + width);
                sum += u64::from((4 * at(index) - around).unsigned_abs());
            }
        }
        sum as f32 / ((width - 2) * (rows - 2)) as f32
    }

    /// Mean absolute difference to `before`, 0 to 1; 0 when the sizes differ.
    #[must_use]
    pub fn motion(&self, before: &Self) -> f32 {
        if self.values.len() != before.values.len() || self.values.is_empty() {
            return 0.0;
        }
        let pairs = self.values.iter().zip(&before.values);
        let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f32 / (255 * self.values.len()) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::frame;
    use crate::pixels::Pixels;
    use crate::turn::Rotation;

    #[test]
    fn a_picture_of_one_colour_stays_that_colour() {
        let picture = RgbImage::from_pixel(641, 479, image::Rgb([10, 200, 30]));
        let mut preprocessor = Preprocessor::new(224, 224);
        let input = preprocessor.prepare(&picture);
        assert_eq!(input.len(), 224 * 224 * 3);
        assert!(input.chunks_exact(3).all(|pixel| pixel == [10, 200, 30]));
    }

    #[test]
    fn a_turned_frame_is_the_turned_picture() {
        let picture = RgbImage::from_fn(64, 48, |x, y| image::Rgb([4 * x as u8, 5 * y as u8, 0]));
        for rotation in [Rotation::None, Rotation::Right, Rotation::Half, Rotation::Left] {
            for mirrored in [false, true] {
                let turn = Turn { rotation, mirrored };
                let mut frame = frame(1, Pixels::Rgb(picture.clone()));
                frame.turn = turn;
                let (mut frames, mut pictures) = (Preprocessor::new(32, 20), Preprocessor::new(32, 20));
                let input = frames.prepare_frame(&frame).unwrap();
                let expected = pictures.prepare(&turn.image(picture.clone()));
                // One axis is made small after the other, and rounded in between.
                assert!(input.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 1), "{turn:?}");
            }
        }
    }

    #[test]
    fn a_broken_frame_has_no_input() {
        let frame = frame(1, Pixels::Jpeg(b"\xff\xd8\xff no more".to_vec()));
        assert!(Preprocessor::new(32, 20).prepare_frame(&frame).is_none());
    }

    #[test]
    fn a_checkerboard_is_sharper_than_a_gradient() {
        let board: Vec<u8> =
            (0..32 * 32).flat_map(|i| [if (i % 32 + i / 32) % 2 == 0 { 255 } else { 0 }; 3]).collect();
        let slope: Vec<u8> = (0..32 * 32).flat_map(|i| [(i % 32) as u8 * 8; 3]).collect();
        assert!(Brightness::of(&board, 32).sharpness() > 500.0);
        assert!(Brightness::of(&slope, 32).sharpness() < 1.0);
    }

    #[test]
    fn motion_is_zero_for_the_same_picture_and_one_from_black_to_white() {
        let (black, white) = (Brightness::of(&[0; 192], 8), Brightness::of(&[255; 192], 8));
        assert_eq!(black.motion(&black), 0.0);
        assert!((black.motion(&white) - 1.0).abs() < 1e-6);
    }
}
