//! Turning pictures upright: cameras are mounted as the frame of the mirror
//! permits, and some people want to see themselves as in a mirror.

use image::RgbImage;

/// By how much a picture is turned, clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// Not at all.
    #[default]
    None,
    /// By 90 degrees.
    Right,
    /// By 180 degrees.
    Half,
    /// By 270 degrees.
    Left,
}

/// What happens to each picture of a camera: it is turned, then left and right
/// are exchanged.
///
/// Turning and resizing can change places, because the filter treats both
/// axes alike: pictures are made small first, and there are few pixels to move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// See [`Rotation`].
    pub rotation: Rotation,
    /// Whether left and right are exchanged.
    pub mirrored: bool,
}

impl Turn {
    /// Nothing happens.
    pub const NONE: Self = Self { rotation: Rotation::None, mirrored: false };

    /// Width and height after the turn, from those before. The other way round
    /// it is the same.
    #[must_use]
    pub fn sides<T>(self, (width, height): (T, T)) -> (T, T) {
        match self.rotation {
            Rotation::None | Rotation::Half => (width, height),
            Rotation::Right | Rotation::Left => (height, width),
        }
    }

    /// The picture after the turn.
    #[must_use]
    pub fn image(self, image: RgbImage) -> RgbImage {
        if self == Self::NONE {
            return image;
        }
        let (width, height) = self.sides(image.dimensions());
        let mut turned = RgbImage::new(width, height);
        self.pixels(&image, image.dimensions(), &mut turned);
        turned
    }

    /// Turns RGB pixels, row by row, `width * height * 3` bytes; `to` has as many.
    ///
    /// # Panics
    /// When one of them has another length.
    pub fn pixels(self, from: &[u8], (width, height): (u32, u32), to: &mut [u8]) {
        let (width, height) = (width as usize, height as usize);
        let (from, to) = (from.as_chunks::<3>().0, to.as_chunks_mut::<3>().0);
        assert!(from.len() == width * height && to.len() == from.len(), "both have the picture's size");
        if from.is_empty() {
            return;
        }
        let across = self.sides((width, height)).0;
        for (y, row) in to.chunks_exact_mut(across).enumerate() {
            // Where the row's pixels come from: a row of the picture, or a column,
            // forwards or backwards.
            let (start, step) = match self.rotation {
                Rotation::None => (y * width, 1),
                Rotation::Right => ((height - 1) * width + y, -(width as isize)),
                Rotation::Half => ((height - y) * width - 1, -1),
                Rotation::Left => (width - 1 - y, width as isize),
            };
            let place = |x: usize| start.wrapping_add_signed(step * x as isize);
            if self.mirrored {
                row.iter_mut().rev().enumerate().for_each(|(x, pixel)| *pixel = from[place(x)]);
            } else {
                row.iter_mut().enumerate().for_each(|(x, pixel)| *pixel = from[place(x)]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picture(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]))
    }

    const ROTATIONS: [Rotation; 4] = [Rotation::None, Rotation::Right, Rotation::Half, Rotation::Left];

    proptest! {
        #[test]
        fn turns_as_the_image_crate_does(width in 0..9_u32, height in 0..9_u32, rotation in 0..4_usize, mirrored: bool) {
            let picture = picture(width, height);
            let mut expected = match rotation {
                0 => picture.clone(),
                1 => image::imageops::rotate90(&picture),
                2 => image::imageops::rotate180(&picture),
                _ => image::imageops::rotate270(&picture),
            };
            if mirrored {
                image::imageops::flip_horizontal_in_place(&mut expected);
            }
            let turn = Turn { rotation: ROTATIONS[rotation], mirrored };
            prop_assert_eq!(turn.sides((width, height)), expected.dimensions());
            prop_assert_eq!(turn.image(picture), expected);
        }
    }
}
