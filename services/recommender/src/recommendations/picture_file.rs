//! A product picture from elsewhere, made anew for the screen: what is shown is
//! never the file that was sent, so nothing but pixels of it gets through.

use std::io::Cursor;

use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

/// Most bytes of a file.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most pixels: more than any shop's picture has.
const MAX_PIXELS: u64 = 16_000_000;
/// Most bytes of all pixels; turning them upright takes as much again.
const MAX_DECODED_BYTES: u64 = 64 * 1024 * 1024;
const MAX_SIDE: u32 = 8192;
const MAX_DECODER_BYTES: u64 = 96 * 1024 * 1024;
/// Pixels of the longer side: a card on a screen of 1920 pixels.
const SIDE: u32 = 640;
const JPEG_QUALITY: u8 = 85;

/// A picture that can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub data: Vec<u8>,
    /// What kind of file.
    pub kind: Kind,
}

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of an opaque picture.
    Jpeg,
    /// Of one with transparency.
    Png,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Jpeg, Self::Png];

    /// Behind the dot of a file's name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }

    /// As HTTP names it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// Why a file is not shown.
#[derive(Debug, thiserror::Error)]
pub enum PictureFileError {
    /// Not one of the formats, whatever it is called.
    #[error("it is no JPEG, PNG or WebP file")]
    Format,
    /// Over [`MAX_BYTES`].
    #[error("it has more than {MAX_BYTES} bytes")]
    Bytes,
    /// Too many pixels.
    #[error("it has {0} x {1} pixels; at most {MAX_PIXELS} in all and {MAX_SIDE} a side are taken")]
    Pixels(u32, u32),
    /// Damaged.
    #[error("it can't be decoded: {0}")]
    Broken(#[from] image::ImageError),
    /// It can't be scaled.
    #[error("it can't be scaled: {0}")]
    Scale(#[from] fast_image_resize::ResizeError),
}

/// The picture in `file`, upright, at most [`SIDE`] pixels large. Its size is
/// checked before any pixel is decoded.
///
/// # Errors
/// When it is of another format, damaged, or over a limit.
pub fn make_anew(file: &[u8]) -> Result<Picture, PictureFileError> {
    if file.len() > MAX_BYTES {
        return Err(PictureFileError::Bytes);
    }
    let format = image::guess_format(file).map_err(|_| PictureFileError::Format)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(PictureFileError::Format);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureFileError::Pixels(width, height));
    }
    // Sixteen bits a channel take twice the room.
    if decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(PictureFileError::Pixels(width, height));
    }
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    // Eight bits a channel are what a screen shows, and what scales fast.
    let (image, transparent) = if image.color().has_alpha() {
        let image = image.into_rgba8();
        let transparent = image.pixels().any(|pixel| pixel[3] < 255);
        let image = DynamicImage::from(image);
        (if transparent { image } else { DynamicImage::from(image.into_rgb8()) }, transparent)
    } else {
        (DynamicImage::from(image.into_rgb8()), false)
    };
    encode(&shrink(image)?, transparent)
}

fn shrink(image: DynamicImage) -> Result<DynamicImage, PictureFileError> {
    let (width, height) = (image.width(), image.height());
    let longer = width.max(height);
    if longer <= SIDE {
        return Ok(image);
    }
    let scaled = |side: u32| (u64::from(side) * u64::from(SIDE) / u64::from(longer)).max(1) as u32;
    let mut small = DynamicImage::new(scaled(width), scaled(height), image.color());
    // Resizes colours weighted by their opacity, so that no dark rim appears.
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&image, &mut small, &options)?;
    Ok(small)
}

fn encode(image: &DynamicImage, transparent: bool) -> Result<Picture, PictureFileError> {
    let mut data = Vec::with_capacity(64 * 1024);
    if transparent {
        image.write_to(&mut Cursor::new(&mut data), ImageFormat::Png)?;
        return Ok(Picture { data, kind: Kind::Png });
    }
    JpegEncoder::new_with_quality(&mut data, JPEG_QUALITY).encode_image(image)?;
    Ok(Picture { data, kind: Kind::Jpeg })
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    fn file(width: u32, height: u32, alpha: u8, format: ImageFormat) -> Vec<u8> {
        let image = RgbaImage::from_pixel(width, height, Rgba([200, 40, 90, alpha]));
        let mut bytes = Vec::new();
        let image = DynamicImage::from(image);
        let image = if format == ImageFormat::Jpeg { DynamicImage::from(image.into_rgb8()) } else { image };
        image.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    #[test]
    fn large_pictures_become_small_and_keep_their_shape_and_colour() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let picture = make_anew(&file(1600, 800, 255, format)).unwrap();
            assert_eq!(picture.kind, Kind::Jpeg, "{format:?}");
            let image = image::load_from_memory(&picture.data).unwrap().into_rgb8();
            assert_eq!(image.dimensions(), (640, 320));
            let [r, g, b] = image.get_pixel(320, 160).0.map(i32::from);
            assert!((r - 200).abs() < 6 && (g - 40).abs() < 6 && (b - 90).abs() < 6, "{r} {g} {b}");
        }
    }

    #[test]
    fn small_pictures_are_not_enlarged_and_transparency_stays() {
        let picture = make_anew(&file(300, 200, 120, ImageFormat::WebP)).unwrap();
        assert_eq!((picture.kind, picture.kind.media_type()), (Kind::Png, "image/png"));
        let image = image::load_from_memory(&picture.data).unwrap().into_rgba8();
        assert_eq!((image.dimensions(), image.get_pixel(10, 10).0[3]), ((300, 200), 120));
    }

    #[test]
    fn what_is_no_picture_is_not_shown() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        assert!(matches!(make_anew(svg), Err(PictureFileError::Format)));
        assert!(matches!(make_anew(b"<html>"), Err(PictureFileError::Format)));
        assert!(matches!(make_anew(b""), Err(PictureFileError::Format)));
        assert!(matches!(make_anew(&vec![0xff; MAX_BYTES + 1]), Err(PictureFileError::Bytes)));
        let whole = file(300, 200, 255, ImageFormat::Png);
        assert!(matches!(make_anew(&whole[..whole.len() / 2]), Err(PictureFileError::Broken(_))));
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let mut bytes = Vec::new();
        let image = image::GrayImage::new(8000, 8000);
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        assert!(matches!(make_anew(&bytes), Err(PictureFileError::Pixels(8000, 8000))));
    }
}
