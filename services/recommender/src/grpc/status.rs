//! Errors to gRPC codes: what the caller did, what passes, what is our fault.

use tonic::Status;

use crate::gallery::{AddError, ForeignEmbedding};
use crate::recommendations::ProviderError;
use crate::store::StoreError;

pub(super) fn store(error: StoreError) -> Status {
    match &error {
        StoreError::NotFound { what, id } => Status::not_found(format!("{what}_id: there is no {what} {id}")),
        StoreError::NameTaken(_) => Status::already_exists(format!("name: {error}")),
        StoreError::Database(_) => {
            tracing::error!(%error, "Request failed");
            Status::internal(error.to_string())
        }
    }
}

pub(super) fn foreign(error: ForeignEmbedding) -> Status {
    let message = format!("embedding: {error}");
    match error {
        ForeignEmbedding::NoModel => Status::unavailable(message),
        ForeignEmbedding::Model { .. } | ForeignEmbedding::Dimensions { .. } => {
            Status::failed_precondition(message)
        }
    }
}

pub(super) fn add(error: AddError) -> Status {
    match error {
        AddError::Foreign(error) => foreign(error),
        AddError::Store(error) => store(error),
    }
}

pub(super) fn provider(error: ProviderError) -> Status {
    tracing::warn!(%error, "Request failed");
    Status::unavailable(error.to_string())
}

/// A call whose work is not built yet.
pub(super) fn not_built(what: &str) -> Status {
    Status::unimplemented(format!("{what} is part of the contract and not built yet"))
}
