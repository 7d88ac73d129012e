//! A model file, read and made headless.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::engine::EngineError;
use super::headless::{self, Head, HeadError};
use super::self_test::SelfTestError;
use crate::preprocess::PREPROCESSING;

/// Why a model can't serve. Each names the file.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No such file, or it can't be read.
    #[error("can't read the model {}: {cause}; set MIRROR_MODEL to a .tflite file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Its head can't be cut off.
    #[error("can't use the model {}: {cause}", path.display())]
    Head {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: HeadError,
    },
    /// The runtime refuses it, or it is no image network.
    #[error("can't use the model {}: {cause}", path.display())]
    Engine {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: EngineError,
    },
    /// There is no thread to run it on.
    #[error("the system starts no thread for the network: {0}")]
    Thread(std::io::Error),
    /// Named as one for the Edge TPU, and not compiled for it.
    #[error(
        "{} is not compiled for the Edge TPU, though its name says so: compile it, or take the file away", .0.display()
    )]
    NotCompiled(PathBuf),
    /// The Edge TPU is wanted, and there is no file for it.
    #[error(
        "MIRROR_ACCELERATOR=edgetpu, and the model {} is not compiled for the Edge TPU: {} is missing; with auto the processor computes", path.display(), twin.display()
    )]
    NoCompiledTwin {
        /// The file.
        path: PathBuf,
        /// What would be compiled.
        twin: PathBuf,
    },
    /// The processor is wanted, and there is only a file for the Edge TPU.
    #[error(
        "the model {} is compiled for the Edge TPU, and MIRROR_ACCELERATOR=cpu: put the file that it was compiled from beside it", .0.display()
    )]
    OnlyCompiled(PathBuf),
    /// There is no Edge TPU for it, and nothing else runs it.
    #[error("can't use the model {}: {loss}", path.display())]
    EdgeTpu {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        loss: crate::accelerator::Loss,
    },
    /// It runs, and what comes out can't be trusted.
    #[error("the model {} fails its self-test: {cause}", path.display())]
    SelfTest {
        /// The file.
        path: PathBuf,
        /// What came out.
        cause: SelfTestError,
    },
}

/// A headless network in memory.
#[derive(Debug)]
pub struct Network {
    /// Where it came from.
    pub path: PathBuf,
    /// The file's name without its ending.
    pub id: String,
    /// The file's content, its head cut off.
    pub bytes: Vec<u8>,
    /// What was done about its head.
    pub head: Head,
    /// Hex SHA-256 of the file as it is on disk.
    pub file_sha256: String,
    /// Hex SHA-256 over the file, the cut and the preprocessing.
    pub fingerprint: String,
}

impl Network {
    /// Reads a .tflite file and cuts its head off if it has one.
    ///
    /// # Errors
    /// When the file can't be read, is no .tflite model, or is damaged.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let bytes =
            std::fs::read(path).map_err(|cause| ModelError::Unreadable { path: path.to_owned(), cause })?;
        Self::from_bytes(path, bytes)
    }

    fn from_bytes(path: &Path, mut bytes: Vec<u8>) -> Result<Self, ModelError> {
        let file_sha256 = hex(&Sha256::digest(&bytes));
        let mut fingerprint = Sha256::new_with_prefix(&bytes);
        let head =
            headless::cut(&mut bytes).map_err(|cause| ModelError::Head { path: path.to_owned(), cause })?;
        fingerprint.update(format!("{head:?};{PREPROCESSING}"));
        Ok(Self {
            path: path.to_owned(),
            id: path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
            bytes,
            head,
            file_sha256,
            fingerprint: hex(&fingerprint.finalize()),
        })
    }
}

/// The models in the folder of `path`, by name: file names without their ending,
/// and the files.
#[must_use]
pub fn beside(path: &Path) -> BTreeMap<String, PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(files) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let files = files.filter_map(|file| Some(file.ok()?.path()));
    let models = files.filter(|file| file.extension().is_some_and(|ending| ending == "tflite"));
    models.filter_map(|file| Some((file.file_stem()?.to_str()?.to_owned(), file))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_with_the_setting() {
        let error = Network::load(Path::new("/nowhere/model.tflite")).unwrap_err().to_string();
        assert!(error.contains("/nowhere/model.tflite") && error.contains("MIRROR_MODEL"), "{error}");
    }

    #[test]
    fn a_file_of_another_kind_is_named() {
        let error = Network::from_bytes(Path::new("photo.jpg"), vec![0xff; 100]).unwrap_err().to_string();
        assert!(error.contains("photo.jpg") && error.contains("not a TensorFlow Lite model"), "{error}");
    }
}
