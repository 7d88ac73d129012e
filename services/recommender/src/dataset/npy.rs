//! The one kind of NumPy file that an archive has: version 1.0, 32-bit
//! little-endian floats, rows one after the other. A general reader would have to
//! parse a Python literal from anybody; this one compares.

use std::io::{Read, Write};

const MAGIC: &[u8; 8] = b"\x93NUMPY\x01\x00";
/// Most bytes of a header; ours and NumPy's own for two numbers have 128 in all.
const MOST_HEADER_BYTES: u16 = 512;

/// Writes what comes before the values.
///
/// # Errors
/// The writer's.
pub(super) fn write_header(writer: &mut impl Write, rows: u64, columns: usize) -> std::io::Result<()> {
    let dictionary = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // The values begin at a multiple of 64 bytes.
    let unpadded = MAGIC.len() + size_of::<u16>() + dictionary.len() + 1;
    let padding = unpadded.next_multiple_of(64) - unpadded;
    let length = u16::try_from(dictionary.len() + padding + 1).expect("two numbers are short");
    writer.write_all(MAGIC)?;
    writer.write_all(&length.to_le_bytes())?;
    writer.write_all(dictionary.as_bytes())?;
    writer.write_all(&vec![b' '; padding])?;
    writer.write_all(b"\n")
}

/// Reads what comes before the values; the answer is rows and columns.
///
/// # Errors
/// Says in words why it is not this kind of file.
pub(super) fn read_header(reader: &mut impl Read) -> Result<(u64, u64), String> {
    let cut_off = |error: std::io::Error| format!("it is no NumPy file, or cut off: {error}");
    let mut start = [0; 10];
    reader.read_exact(&mut start).map_err(cut_off)?;
    if !start.starts_with(MAGIC) {
        return Err("it is no NumPy file of version 1.0".to_owned());
    }
    let length = u16::from_le_bytes([start[8], start[9]]);
    if length > MOST_HEADER_BYTES {
        return Err(format!("its header has {length} bytes; at most {MOST_HEADER_BYTES} are read"));
    }
    let mut header = vec![0; usize::from(length)];
    reader.read_exact(&mut header).map_err(cut_off)?;
    let header: String = header.iter().map(|byte| char::from(*byte)).filter(|c| !c.is_whitespace()).collect();
    let shape = header
        .strip_prefix("{'descr':'<f4','fortran_order':False,'shape':(")
        .and_then(|rest| rest.strip_suffix(",}").or_else(|| rest.strip_suffix('}')))
        .and_then(|rest| rest.strip_suffix(')'))
        .map(|shape| shape.strip_suffix(',').unwrap_or(shape))
        .and_then(|shape| shape.split_once(','))
        .and_then(|(rows, columns)| Some((rows.parse().ok()?, columns.parse().ok()?)));
    shape.ok_or_else(|| "32-bit floats ('<f4') of two dimensions in C order are needed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_the_values_are_aligned() {
        for (rows, columns) in [(0, 1), (3, 1280), (u64::MAX, 8192)] {
            let mut file = Vec::new();
            write_header(&mut file, rows, columns).unwrap();
            assert_eq!(file.len() % 64, 0);
            assert_eq!(read_header(&mut file.as_slice()), Ok((rows, columns as u64)));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let with = |dictionary: &str| {
            let mut file = MAGIC.to_vec();
            file.extend(u16::try_from(dictionary.len()).unwrap().to_le_bytes());
            file.extend(dictionary.as_bytes());
            read_header(&mut file.as_slice())
        };
        assert_eq!(with("{'descr': '<f4', 'fortran_order': False, 'shape': (7, 4)}\n"), Ok((7, 4)));
        assert!(with("{'descr': '<f8', 'fortran_order': False, 'shape': (7, 4), }").is_err());
        assert!(with("{'descr': '<f4', 'fortran_order': True, 'shape': (7, 4), }").is_err());
        assert!(with("{'descr': '<f4', 'fortran_order': False, 'shape': (7,), }").is_err());
        assert!(with("{'descr': '<f4', 'fortran_order': False, 'shape': (-7, 4), }").is_err());
        assert!(with(&format!("{}{}", "[".repeat(200), "]".repeat(200))).is_err());
        assert!(with(&" ".repeat(600)).unwrap_err().contains("600 bytes"));
        assert!(read_header(&mut b"\x93NUMPY\x02\x00\xff\xff\xff\xff".as_slice()).is_err());
        assert!(read_header(&mut b"PK".as_slice()).is_err());
    }
}
