//! Pictures as cameras deliver them, before anything is decoded.

use image::RgbImage;
use yuv::{
    YuvBiPlanarImage, YuvConversionMode, YuvPackedImage, YuvRange, YuvStandardMatrix, yuv_nv12_to_rgb,
    yuyv422_to_rgb,
};

use crate::picture::{self, PictureError};

/// A picture as it came.
#[derive(Debug)]
pub enum Pixels {
    /// Decoded already.
    Rgb(RgbImage),
    /// A JPEG file.
    Jpeg(Vec<u8>),
    /// Uncompressed, brightness and colour apart.
    Yuv(YuvPicture),
}

/// A picture that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Cut off on its way.
    #[error("a picture has {got} bytes in place of {expected}")]
    Short {
        /// What there is.
        got: usize,
        /// What its size and format need.
        expected: usize,
    },
    /// Of a size that its format can't have.
    #[error("pictures of {0} x {1} pixels can't be read in this format")]
    Size(u32, u32),
    /// No beginning or no end of a JPEG.
    #[error("a picture is not a whole JPEG")]
    NotAJpeg,
    /// The device says so.
    #[error("the device marked a picture as damaged")]
    Marked,
    /// The decoder says so.
    #[error(transparent)]
    Undecodable(#[from] PictureError),
}

/// Where brightness and colour stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Y U Y V for each two pixels.
    Yuyv,
    /// All Y, then U V for each two by two pixels.
    Nv12,
}

/// How YUV becomes RGB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colours {
    /// The weights of red, green and blue in the brightness.
    pub matrix: YuvStandardMatrix,
    /// Whether black is 0 or 16.
    pub range: YuvRange,
}

impl Default for Colours {
    /// What webcams send that say nothing about it.
    fn default() -> Self {
        Self { matrix: YuvStandardMatrix::Bt601, range: YuvRange::Limited }
    }
}

/// An uncompressed picture of a camera, without gaps between its rows.
#[derive(Clone, Debug)]
pub struct YuvPicture {
    width: u32,
    height: u32,
    layout: Layout,
    colours: Colours,
    bytes: Vec<u8>,
}

impl YuvPicture {
    /// Copies it out of a device's `buffer`, whose rows begin `stride` bytes after
    /// one another.
    ///
    /// # Errors
    /// When the buffer is too short, or a side is odd (two pixels share their
    /// colour) or 0.
    pub fn new(
        layout: Layout,
        (width, height): (u32, u32),
        stride: usize,
        colours: Colours,
        buffer: &[u8],
    ) -> Result<Self, Broken> {
        let odd = !width.is_multiple_of(2) || (layout == Layout::Nv12 && !height.is_multiple_of(2));
        let limits = 1..=picture::MAX_SIDE;
        if odd || !limits.contains(&width) || !limits.contains(&height) {
            return Err(Broken::Size(width, height));
        }
        let (row, rows) = match layout {
            Layout::Yuyv => (2 * width as usize, height as usize),
            Layout::Nv12 => (width as usize, height as usize * 3 / 2),
        };
        let stride = stride.max(row);
        // The last row may come without its padding.
        let expected = stride * (rows - 1) + row;
        if buffer.len() < expected {
            return Err(Broken::Short { got: buffer.len(), expected });
        }
        let bytes = if stride == row {
            buffer[..row * rows].to_vec()
        } else {
            buffer.chunks(stride).take(rows).flat_map(|line| &line[..row]).copied().collect()
        };
        Ok(Self { width, height, layout, colours, bytes })
    }

    /// The brightness and the colour of [`Layout::Nv12`].
    fn planes(&self) -> (&[u8], &[u8]) {
        self.bytes.split_at(self.width as usize * self.height as usize)
    }

    /// In RGB, at full size.
    #[must_use]
    pub fn to_rgb(&self) -> RgbImage {
        let mut rgb = RgbImage::new(self.width, self.height);
        let (width, height, Colours { matrix, range }) = (self.width, self.height, self.colours);
        let converted = match self.layout {
            Layout::Yuyv => {
                let packed = YuvPackedImage { yuy: &self.bytes, yuy_stride: 2 * width, width, height };
                yuyv422_to_rgb(&packed, &mut rgb, 3 * width, range, matrix)
            }
            Layout::Nv12 => {
                let (y_plane, uv_plane) = self.planes();
                let planes =
                    YuvBiPlanarImage { y_plane, y_stride: width, uv_plane, uv_stride: width, width, height };
                yuv_nv12_to_rgb(&planes, &mut rgb, 3 * width, range, matrix, YuvConversionMode::Balanced)
            }
        };
        converted.expect("both buffers have the picture's size");
        rgb
    }
}

/// Whether `bytes` begin as a JPEG does, and end as one: a decoder takes half a
/// picture for a whole one with a grey part.
#[must_use]
pub fn jpeg_marks(bytes: &[u8]) -> (bool, bool) {
    // Some cameras fill the rest of their buffer with zeros.
    let filled = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    (bytes.starts_with(b"\xff\xd8\xff"), bytes[..filled].ends_with(b"\xff\xd9"))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// BT.601 as its definition has it, in floating point.
    fn reference(y: u8, u: u8, v: u8, range: YuvRange) -> [u8; 3] {
        let (y, scale) = match range {
            YuvRange::Limited => ((f64::from(y) - 16.0) * 255.0 / 219.0, 255.0 / 224.0),
            YuvRange::Full => (f64::from(y), 1.0),
        };
        let (u, v) = ((f64::from(u) - 128.0) * scale, (f64::from(v) - 128.0) * scale);
        let rgb = [y + 1.402 * v, y - 0.344_136 * u - 0.714_136 * v, y + 1.772 * u];
        rgb.map(|value| value.round().clamp(0.0, 255.0) as u8)
    }

    /// Y, U and V of one pixel.
    fn at(picture: &YuvPicture, x: usize, y: usize) -> [u8; 3] {
        let width = picture.width as usize;
        match picture.layout {
            Layout::Yuyv => {
                let pair = &picture.bytes[2 * (y * width + x / 2 * 2)..][..4];
                [pair[x % 2 * 2], pair[1], pair[3]]
            }
            Layout::Nv12 => {
                let (luma, chroma) = picture.planes();
                let pair = &chroma[y / 2 * width + x / 2 * 2..][..2];
                [luma[y * width + x], pair[0], pair[1]]
            }
        }
    }

    /// Pixel by pixel, in floating point.
    pub(crate) fn plainly(picture: &YuvPicture) -> RgbImage {
        RgbImage::from_fn(picture.width, picture.height, |x, y| {
            let [y, u, v] = at(picture, x as usize, y as usize);
            image::Rgb(reference(y, u, v, picture.colours.range))
        })
    }

    /// Colours that change slowly and that RGB has too, as in a photograph.
    pub(crate) fn painted(layout: Layout, width: u32, height: u32, range: YuvRange) -> YuvPicture {
        let wave = |x: u32, y: u32, height: f32, phase: f32| {
            let wave = (x as f32 / 37.0 + phase).sin() * (y as f32 / 23.0 + phase).cos();
            (128.0 + height * wave) as u8
        };
        let luma = |x, y| wave(x, y, 50.0, 0.0);
        let chroma = |x, y| [wave(x, y, 30.0, 1.0), wave(x, y, 30.0, 2.0)];
        let places = |step: usize| {
            let across = (0..width).step_by(step);
            (0..height)
                .step_by(if layout == Layout::Nv12 { step } else { 1 })
                .flat_map(move |y| across.clone().map(move |x| (x, y)))
        };
        let bytes: Vec<u8> = match layout {
            Layout::Yuyv => places(2)
                .flat_map(|(x, y)| {
                    let [u, v] = chroma(x, y);
                    [luma(x, y), u, luma(x + 1, y), v]
                })
                .collect(),
            Layout::Nv12 => {
                let luma = places(1).map(|(x, y)| luma(x, y));
                luma.chain(places(2).flat_map(|(x, y)| chroma(x, y))).collect()
            }
        };
        let colours = Colours { range, ..Colours::default() };
        YuvPicture::new(layout, (width, height), 0, colours, &bytes).unwrap()
    }

    fn same(a: &RgbImage, b: &RgbImage) -> bool {
        a.dimensions() == b.dimensions() && a.iter().zip(b.iter()).all(|(a, b)| a.abs_diff(*b) <= 3)
    }

    #[test]
    fn colours_are_those_of_the_definition() {
        for layout in [Layout::Yuyv, Layout::Nv12] {
            for range in [YuvRange::Limited, YuvRange::Full] {
                for (width, height) in [(2, 2), (4, 6), (62, 34), (640, 480)] {
                    let picture = painted(layout, width, height, range);
                    assert!(same(&picture.to_rgb(), &plainly(&picture)), "{layout:?} {range:?} {width}");
                }
            }
        }
    }

    #[test]
    fn gaps_between_rows_are_left_out() {
        let whole = painted(Layout::Yuyv, 6, 4, YuvRange::Limited);
        let mut gaps: Vec<u8> =
            whole.bytes.chunks(12).flat_map(|row| row.iter().copied().chain([99; 4])).collect();
        gaps.truncate(gaps.len() - 4);
        let copied = YuvPicture::new(Layout::Yuyv, (6, 4), 16, Colours::default(), &gaps).unwrap();
        assert_eq!(copied.bytes, whole.bytes);
    }

    #[test]
    fn what_cannot_be_a_picture_is_refused() {
        let new = |size, length: usize| {
            YuvPicture::new(Layout::Yuyv, size, 0, Colours::default(), &vec![0; length])
        };
        assert!(matches!(new((640, 480), 640 * 480), Err(Broken::Short { got: 307_200, expected: 614_400 })));
        assert!(matches!(new((641, 480), 700_000), Err(Broken::Size(641, 480))));
        assert!(matches!(new((0, 480), 0), Err(Broken::Size(0, 480))));
        assert!(matches!(new((u32::MAX - 1, 1), 0), Err(Broken::Size(..))));
    }

    #[test]
    fn half_a_jpeg_is_seen_without_decoding_it() {
        assert_eq!(jpeg_marks(b"\xff\xd8\xff\xe0 and so on \xff\xd9"), (true, true));
        assert_eq!(jpeg_marks(b"\xff\xd8\xff\xe0 and so on \xff\xd9\0\0\0"), (true, true));
        assert_eq!(jpeg_marks(b"\xff\xd8\xff\xe0 and so"), (true, false));
        assert_eq!(jpeg_marks(b"\0\0\0"), (false, false));
        assert_eq!(jpeg_marks(b""), (false, false));
    }

    proptest! {
        #[test]
        fn no_buffer_makes_it_panic(
            nv12: bool, width in 0..40_u32, height in 0..40_u32, stride in 0..100_usize,
            buffer in proptest::collection::vec(any::<u8>(), 0..4000),
        ) {
            let layout = if nv12 { Layout::Nv12 } else { Layout::Yuyv };
            if let Ok(picture) = YuvPicture::new(layout, (width, height), stride, Colours::default(), &buffer) {
                prop_assert_eq!(picture.to_rgb().dimensions(), (picture.width, picture.height));
            }
        }
    }
}
