//! Small files that become very large ones where they are unpacked.
//!
//! A stretch of one byte is packed once, behind a point where unpacking starts
//! anew, so that it can stand in the file any number of times; nothing large
//! is ever made here.

use flate2::{Compress, Compression, Crc, FlushCompress};
use warp::hyper::body::Bytes;

/// A last block with nothing in it.
const END: [u8; 5] = [1, 0, 0, 0xFF, 0xFF];

/// A gzip file of 1 GB of spaces.
pub(super) fn spaces() -> Bytes {
    const PART: usize = 1024 * 1024;
    const PARTS: usize = 1024;
    let part = vec![b' '; PART];
    let mut of_part = Crc::new();
    of_part.update(&part);
    let mut sum = Crc::new();
    (0..PARTS).for_each(|_| sum.combine(&of_part));

    let mut file = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];
    file.extend(packed(&part).repeat(PARTS));
    file.extend(END);
    file.extend(sum.sum().to_le_bytes());
    file.extend(((PART * PARTS) as u32).to_le_bytes());
    file.into()
}

/// A PNG of 50 000 by 50 000 black pixels.
pub(super) fn picture() -> Bytes {
    const SIDE: u32 = 50_000;
    /// A bit for each pixel, behind a byte that says how.
    const ROW: u32 = 1 + SIDE / 8;
    const ROWS: u32 = 500;

    let mut header = Vec::from(SIDE.to_be_bytes());
    header.extend(SIDE.to_be_bytes());
    header.extend([1, 0, 0, 0, 0]);

    let mut data = vec![0x78, 0x9C];
    data.extend(packed(&vec![0; (ROW * ROWS) as usize]).repeat((SIDE / ROWS) as usize));
    data.extend(END);
    // The Adler-32 sum of nothing but zeros.
    data.extend((((ROW * SIDE) % 65_521) << 16 | 1).to_be_bytes());

    let mut file = Vec::from(*b"\x89PNG\r\n\x1a\n");
    for (kind, content) in [(b"IHDR", header), (b"IDAT", data), (b"IEND", Vec::new())] {
        let mut sum = Crc::new();
        sum.update(kind);
        sum.update(&content);
        file.extend((content.len() as u32).to_be_bytes());
        file.extend(kind);
        file.extend(&content);
        file.extend(sum.sum().to_be_bytes());
    }
    file.into()
}

fn packed(part: &[u8]) -> Vec<u8> {
    // Much more than a run of one byte needs.
    let mut packed = Vec::with_capacity(part.len() / 8 + 1024);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(part, &mut packed, FlushCompress::Full).expect("memory takes every write");
    packed
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use flate2::read::GzDecoder;

    #[test]
    fn the_spaces_are_a_gigabyte_in_a_valid_file() {
        let file = spaces();
        assert!(file.len() < 2 * 1024 * 1024, "{}", file.len());
        let mut decoder = GzDecoder::new(file.as_ref());
        let (mut part, mut length) = (vec![0; 1024 * 1024], 0);
        loop {
            // The decoder fails at the end when sum or length don't fit.
            let read = decoder.read(&mut part).unwrap();
            if read == 0 {
                break;
            }
            assert!(part[..read].iter().all(|byte| *byte == b' '));
            length += read;
        }
        assert_eq!(length, 1024 * 1024 * 1024);
    }

    #[test]
    fn the_picture_is_valid_and_not_for_everybody() {
        let file = picture();
        assert!(file.len() < 512 * 1024, "{}", file.len());
        let reader = || image::ImageReader::with_format(std::io::Cursor::new(&file), image::ImageFormat::Png);
        assert_eq!(reader().into_dimensions().unwrap(), (50_000, 50_000));
        assert!(reader().decode().is_err(), "over the limit of memory");
        let mut rows = flate2::read::ZlibDecoder::new(&file[8 + 25 + 8..file.len() - 4 - 12]);
        assert_eq!(std::io::copy(&mut rows, &mut std::io::sink()).unwrap(), 50_000 * 6251);
    }
}
