//! Errors to gRPC codes: what the caller did, what passes, what is our fault.

use tonic::Status;

use crate::dataset::archive::ArchiveError;
use crate::dataset::export::ExportError;
use crate::gallery::{AddError, ForeignEmbedding};
use crate::store::StoreError;
use crate::store::dataset::MergeError;

pub(super) fn store(error: StoreError) -> Status {
    match &error {
        StoreError::NotFound { what, id } => Status::not_found(format!("{what}_id: there is no {what} {id}")),
        StoreError::NameTaken(_) => Status::already_exists(format!("name: {error}")),
        StoreError::NothingToUndo | StoreError::NotNewest { .. } => {
            Status::failed_precondition(error.to_string())
        }
        StoreError::DiskFull => {
            tracing::error!(%error, "Request failed");
            Status::resource_exhausted(error.to_string())
        }
        StoreError::Busy => Status::unavailable(error.to_string()),
        StoreError::ReadOnly => {
            tracing::error!(%error, "Request failed");
            Status::failed_precondition(error.to_string())
        }
        StoreError::Database(_) => {
            tracing::error!(%error, "Request failed");
            Status::internal(error.to_string())
        }
    }
}

pub(super) fn foreign(error: ForeignEmbedding) -> Status {
    let message = format!("embedding: {error}");
    match error {
        ForeignEmbedding::NoModel | ForeignEmbedding::Preparing { .. } => Status::unavailable(message),
        ForeignEmbedding::Model { .. } | ForeignEmbedding::Dimensions { .. } => {
            Status::failed_precondition(message)
        }
    }
}

pub(crate) fn add(error: AddError) -> Status {
    match error {
        AddError::Foreign(error) => foreign(error),
        AddError::Store(error) => store(error),
    }
}

pub(super) fn model_changed() -> Status {
    Status::aborted("the model changed during the call; nothing was added, call again")
}

/// What is wrong with an archive, or with the place where it is kept.
pub(super) fn archive(error: ArchiveError) -> Status {
    let message = format!("archive: {error}; nothing was changed");
    match error {
        ArchiveError::TooLarge(_) => Status::resource_exhausted(message),
        ArchiveError::Local(error) => scratch(error),
        ArchiveError::Zip(_) | ArchiveError::Index(_) | ArchiveError::File { .. } => {
            Status::invalid_argument(message)
        }
    }
}

/// The data directory can't take what is kept there for a while.
pub(super) fn scratch(error: std::io::Error) -> Status {
    tracing::error!(%error, "Data directory not writable");
    let message = format!("can't write to the data directory: {error}; nothing was changed");
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            Status::resource_exhausted(message)
        }
        _ => Status::internal(message),
    }
}

pub(super) fn merge(error: MergeError) -> Status {
    match error {
        MergeError::Archive(error) => archive(error),
        MergeError::Store(error) => store(error),
    }
}

pub(super) fn export(error: ExportError) -> Status {
    match error {
        ExportError::Store(error) => store(error),
        ExportError::Write(error) => scratch(error),
        ExportError::NotWanted => Status::cancelled(error.to_string()),
    }
}
