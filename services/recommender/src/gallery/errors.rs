//! What can go wrong with the gallery in use.

use crate::store::StoreError;
use crate::store::dataset::MergeError;

/// An embedding that can't be compared with the gallery's.
#[derive(Debug, thiserror::Error)]
pub enum ForeignEmbedding {
    /// Nothing is known about the model yet.
    #[error(
        "the model in use isn't known yet, the inference service has not been reached since the first start; try again"
    )]
    NoModel,
    /// The gallery is not complete for its model yet.
    #[error(
        "what was taught is being learnt for another model, {done} of {total} samples are done; try again"
    )]
    Preparing {
        /// Samples done.
        done: usize,
        /// Samples in all.
        total: usize,
    },
    /// Of another model.
    #[error("it is of model {got}; the model in use is {expected}")]
    Model {
        /// The embedding's fingerprint.
        got: String,
        /// The gallery's.
        expected: String,
    },
    /// Of another length.
    #[error("it has {got} values; the model in use gives {expected}")]
    Dimensions {
        /// The embedding's length.
        got: usize,
        /// The gallery's.
        expected: usize,
    },
}

/// Samples could not be added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Not of the model in use.
    #[error(transparent)]
    Foreign(#[from] ForeignEmbedding),
    /// The database didn't take them.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An error that may be the database's.
pub(super) trait OfStore {
    fn of_store(&self) -> Option<&StoreError>;
}

impl OfStore for StoreError {
    fn of_store(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl OfStore for AddError {
    fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Foreign(_) => None,
        }
    }
}

impl OfStore for MergeError {
    fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Archive(_) => None,
        }
    }
}
