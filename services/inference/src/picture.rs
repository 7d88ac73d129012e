//! Picture files: decoding within limits, shrinking, encoding.

use std::io::Cursor;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, RgbImage};

/// Most bytes of a picture file.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Most pixels of a picture.
pub const MAX_PIXELS: u64 = 32_000_000;
/// Most pixels along one side.
pub const MAX_SIDE: u32 = 16_384;

const FORMATS: [ImageFormat; 4] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp];
const JPEG_QUALITY: u8 = 85;

/// Why a picture was refused.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// No bytes.
    #[error("the picture is empty; send the bytes of a JPEG, PNG, WebP or BMP file")]
    Empty,
    /// Not one of the formats.
    #[error("the picture is not a JPEG, PNG, WebP or BMP file")]
    UnknownFormat,
    /// One of the formats, and damaged.
    #[error("the picture can't be decoded: {0}")]
    Broken(#[source] image::ImageError),
    /// Over [`MAX_BYTES`].
    #[error("the picture has {0} bytes; at most {MAX_BYTES} are taken")]
    TooManyBytes(usize),
    /// Over [`MAX_PIXELS`] or [`MAX_SIDE`].
    #[error("the picture has {0} x {1} pixels; at most {MAX_PIXELS} in all and {MAX_SIDE} a side are taken")]
    TooManyPixels(u32, u32),
}

/// Decodes a JPEG, PNG, WebP or BMP file to upright RGB. The size is checked
/// before any pixel is decoded, so a small file can't claim much memory.
///
/// # Errors
/// When the file is empty, of another format, damaged, or over a limit.
pub fn decode(bytes: &[u8]) -> Result<RgbImage, PictureError> {
    if bytes.is_empty() {
        return Err(PictureError::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(PictureError::TooManyBytes(bytes.len()));
    }
    let format = image::guess_format(bytes).map_err(|_| PictureError::UnknownFormat)?;
    if !FORMATS.contains(&format) {
        return Err(PictureError::UnknownFormat);
    }
    let mut decoder =
        ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(PictureError::Broken)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureError::Empty);
    }
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooManyPixels(width, height));
    }
    // A damaged EXIF block is no reason to refuse a picture that decodes.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(PictureError::Broken)?;
    image.apply_orientation(orientation);
    Ok(image.into_rgb8())
}

/// The shares of a picture's sides that are looked at more closely when it is
/// taught: a product is held nearer at another time.
const CLOSER: [f32; 2] = [0.8, 0.6];

/// Parts of `image` around its middle, from the largest to the smallest.
#[must_use]
pub fn closer(image: &RgbImage) -> Vec<RgbImage> {
    let part = |share: f32| {
        let length = |side: u32| ((side as f32 * share).round() as u32).max(1);
        let (width, height) = (length(image.width()), length(image.height()));
        let (x, y) = ((image.width() - width) / 2, (image.height() - height) / 2);
        image::imageops::crop_imm(image, x, y, width, height).to_image()
    };
    CLOSER.map(part).into()
}

/// `image` as a JPEG whose longer side is at most `side` pixels.
#[must_use]
pub fn small_jpeg(image: &RgbImage, side: u32) -> Vec<u8> {
    let (width, height) = fit_side(image.dimensions(), side);
    encode_jpeg(&shrink(image, width, height))
}

/// Width and height with the longer side at most `side` pixels; never enlarged.
#[must_use]
pub fn fit_side((width, height): (u32, u32), side: u32) -> (u32, u32) {
    let longer = width.max(height);
    (scaled(width, side, longer), scaled(height, side, longer))
}

/// Width and height with the width at most `most` pixels; never enlarged.
#[must_use]
pub fn fit_width((width, height): (u32, u32), most: u32) -> (u32, u32) {
    (width.min(most), scaled(height, most, width))
}

fn scaled(length: u32, numerator: u32, denominator: u32) -> u32 {
    if numerator >= denominator {
        return length;
    }
    let scaled = u64::from(length) * u64::from(numerator) / u64::from(denominator);
    u32::try_from(scaled).expect("smaller than length").max(1)
}

/// `image` in this size.
#[must_use]
pub fn shrink(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    if (width, height) == image.dimensions() {
        return image.clone();
    }
    let mut target = Image::new(width, height, PixelType::U8x3);
    stretch(&mut Resizer::new(), &view(image), &mut target);
    RgbImage::from_raw(width, height, target.into_vec()).expect("the buffer has the image's size")
}

/// Resizes `source` to `target`'s size with a bilinear filter that takes every
/// source pixel into account; the aspect ratio is not kept.
///
/// # Panics
/// When their pixels are of different types.
pub fn stretch(resizer: &mut Resizer, source: &ImageRef<'_>, target: &mut Image<'_>) {
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    resizer.resize(source, target, &options).expect("both images have pixels of the same type");
}

/// `image` as [`stretch`] takes it.
#[must_use]
pub fn view(image: &RgbImage) -> ImageRef<'_> {
    ImageRef::new(image.width(), image.height(), image.as_raw(), PixelType::U8x3)
        .expect("an RgbImage's buffer has its image's size")
}

/// `image` as a JPEG file.
#[must_use]
pub fn encode_jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64 * 1024);
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .encode_image(image)
        .expect("a JPEG of at most 16384 pixels a side, written to memory");
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gradient(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]))
    }

    fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        image.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    #[test]
    fn all_four_formats_decode() {
        let image = gradient(40, 30);
        for format in FORMATS {
            assert_eq!(decode(&encoded(&image, format)).unwrap().dimensions(), (40, 30), "{format:?}");
        }
    }

    #[test]
    fn exif_orientation_turns_the_picture() {
        let jpeg = encoded(&gradient(40, 30), ImageFormat::Jpeg);
        // An APP1 segment with one EXIF entry: orientation 6, "turn right".
        let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let mut turned = jpeg[..2].to_vec();
        turned.extend([0xff, 0xe1, length[0], length[1]]);
        turned.extend(exif);
        turned.extend(&jpeg[2..]);
        assert_eq!(decode(&turned).unwrap().dimensions(), (30, 40));
    }

    #[test]
    fn bad_pictures_say_what_is_wrong() {
        assert!(matches!(decode(b""), Err(PictureError::Empty)));
        assert!(matches!(decode(b"%PDF-1.7 not a picture"), Err(PictureError::UnknownFormat)));
        assert!(matches!(decode(b"GIF89a\x01\0\x01\0\0\0\0;"), Err(PictureError::UnknownFormat)));
        let jpeg = encoded(&gradient(40, 30), ImageFormat::Jpeg);
        assert!(matches!(decode(&jpeg[..200]), Err(PictureError::Broken(_))));
        assert!(matches!(decode(&vec![0; MAX_BYTES + 1]), Err(PictureError::TooManyBytes(_))));
    }

    #[test]
    fn fifty_megapixels_are_refused_before_decoding() {
        // 10000 x 5000 pixels of one colour: a few kilobytes as PNG.
        let mut bytes = Vec::new();
        let image = image::GrayImage::new(10_000, 5_000);
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        assert!(matches!(decode(&bytes), Err(PictureError::TooManyPixels(10_000, 5_000))));
    }

    #[test]
    fn shrinking_keeps_the_aspect_ratio_and_never_enlarges() {
        assert_eq!(fit_side((640, 480), 320), (320, 240));
        assert_eq!(fit_side((480, 640), 320), (240, 320));
        assert_eq!(fit_side((900, 1), 32), (32, 1));
        assert_eq!(fit_width((640, 480), 64), (64, 48));
        assert_eq!(fit_width((640, 480), 9000), (640, 480));
        let small = image::load_from_memory(&small_jpeg(&gradient(640, 480), 320)).unwrap();
        assert_eq!((small.width(), small.height()), (320, 240));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), kind in 0..5usize) {
            let heads: [&[u8]; 5] = [b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8 ", b"BM"];
            let mut file = heads[kind].to_vec();
            file.extend(bytes);
            let _ = decode(&file);
        }
    }
}
