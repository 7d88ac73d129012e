//! What the service and its worker say to one another: each message a length (u32,
//! little-endian) and so many bytes. First [`Open`] and [`Opened`]; from then on a
//! picture's RGB bytes, and [`Answer`].

use std::io::{self, Read, Write};

use prost::Message;

/// The longest message: a model file.
const MAX_BYTES: u32 = 256 << 20;

/// The device to open and the network to run on it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Open {
    /// A file; empty: where the system has it.
    #[prost(string, tag = "1")]
    pub(super) library: String,
    #[prost(string, tag = "2")]
    pub(super) device: String,
    /// Empty: libedgetpu's own.
    #[prost(string, tag = "3")]
    pub(super) performance: String,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) model: Vec<u8>,
}

/// Either the network is ready, or `problem` says why not.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Opened {
    #[prost(string, tag = "1")]
    pub(super) problem: String,
    /// The problem is that there is no device, or nothing to reach it with.
    #[prost(bool, tag = "2")]
    pub(super) absent: bool,
    #[prost(uint32, tag = "3")]
    pub(super) input_width: u32,
    #[prost(uint32, tag = "4")]
    pub(super) input_height: u32,
    #[prost(uint32, tag = "5")]
    pub(super) dimensions: u32,
    /// The device, for people.
    #[prost(string, tag = "6")]
    pub(super) device: String,
    /// What libedgetpu says of itself.
    #[prost(string, tag = "7")]
    pub(super) library: String,
    /// What speaks against this libedgetpu with this TensorFlow Lite.
    #[prost(string, tag = "8")]
    pub(super) doubt: String,
}

/// The network's output, or what went wrong.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Answer {
    #[prost(float, repeated, tag = "1")]
    pub(super) values: Vec<f32>,
    #[prost(string, tag = "2")]
    pub(super) problem: String,
}

pub(super) fn send(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= MAX_BYTES);
    let length = length.ok_or_else(|| io::Error::other("the message is too long"))?;
    stream.write_all(&length.to_le_bytes())?;
    stream.write_all(bytes)
}

/// Puts the next message into `bytes`; [`io::ErrorKind::UnexpectedEof`] when the
/// other side has hung up.
pub(super) fn receive(stream: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MAX_BYTES {
        return Err(io::Error::other(format!("a message of {length} bytes is announced")));
    }
    bytes.resize(length as usize, 0);
    stream.read_exact(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_as_they_went_in() {
        let mut pipe = Vec::new();
        for message in [&b"first"[..], b"", b"third"] {
            send(&mut pipe, message).unwrap();
        }
        let (mut pipe, mut bytes) = (pipe.as_slice(), vec![7; 100]);
        for message in [&b"first"[..], b"", b"third"] {
            receive(&mut pipe, &mut bytes).unwrap();
            assert_eq!(bytes, message);
        }
        let end = receive(&mut pipe, &mut bytes).unwrap_err();
        assert_eq!(end.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn an_absurd_length_is_not_believed() {
        let error = receive(&mut &[0xff; 8][..], &mut Vec::new()).unwrap_err().to_string();
        assert!(error.contains("4294967295"), "{error}");
    }
}
