//! Errors to gRPC codes: what the caller did, what passes, what is our fault.

use std::ops::RangeInclusive;

use tonic::Status;

use crate::inbox::EmbedError;
use crate::model::EngineError;
use crate::picture::PictureError;

pub(super) fn picture(error: PictureError) -> Status {
    let message = format!("image: {error}");
    match error {
        PictureError::TooManyBytes(_) | PictureError::TooManyPixels(..) => {
            Status::resource_exhausted(message)
        }
        PictureError::Empty | PictureError::UnknownFormat | PictureError::Broken(_) => {
            Status::invalid_argument(message)
        }
    }
}

pub(super) fn embed(error: EmbedError) -> Status {
    match error {
        EmbedError::Closed(error) => Status::unavailable(error.to_string()),
        EmbedError::Engine(EngineError::Degenerate) => {
            Status::invalid_argument(format!("image: {}", EngineError::Degenerate))
        }
        EmbedError::Engine(error @ EngineError::Lost(_)) => Status::unavailable(error.to_string()),
        EmbedError::Engine(error) => internal(error),
    }
}

pub(super) fn out_of_range(field: &str, value: u32, range: &RangeInclusive<u32>) -> Status {
    let (least, most) = (range.start(), range.end());
    Status::invalid_argument(format!("{field} is {value}; use {least} to {most}, or 0"))
}

pub(super) fn internal(error: impl std::error::Error) -> Status {
    tracing::error!(%error, "Request failed");
    Status::internal(error.to_string())
}
