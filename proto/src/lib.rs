//! The gRPC contract of smart-mirror.
//!
//! Generated from the .proto files in this crate's folder; their comments are
//! the manual (shapes, units, errors).

pub mod inference {
    //! Package `smartmirror.inference`.
    pub mod v1 {
        //! Pictures to embeddings.
        tonic::include_proto!("smartmirror.inference.v1");
    }
}

pub mod recommender {
    //! Package `smartmirror.recommender`.
    pub mod v1 {
        //! Teaching, recognition and recommendations.
        tonic::include_proto!("smartmirror.recommender.v1");
    }
}

/// The compiled descriptors of all packages, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// A picture of 16 MiB has to arrive whole to be refused with a sentence that
/// names the limit, so messages may be larger than the largest picture.
pub const MAX_MESSAGE_BYTES: usize = 32 * 1024 * 1024;
