//! A network's two files: one for the processor, and the same network compiled for
//! the Edge TPU, which Coral's compiler calls `X_edgetpu.tflite` beside `X.tflite`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use mirror_edgetpu::needs_edge_tpu;

use super::settings::AcceleratorChoice;
use crate::embedder::Vector;
use crate::model::{ModelError, Network};

/// What the name of a compiled file ends with, before its ending.
const COMPILED: &str = "_edgetpu";

/// The two files, or one of them.
#[derive(Clone, Debug)]
pub struct Twins {
    /// For the processor.
    pub cpu: Option<Arc<Network>>,
    /// For the Edge TPU.
    pub edge_tpu: Option<Arc<Network>>,
    /// What the processor makes of the pictures that the two are compared by.
    pub(crate) reference: Arc<OnceLock<Vec<Vector>>>,
}

impl Twins {
    /// Reads `file` and the one that goes with it, if it is there.
    ///
    /// # Errors
    /// When one can't be used, or there is none for the chosen accelerator.
    pub fn load(file: &Path, choice: AcceleratorChoice) -> Result<Self, ModelError> {
        let network = Arc::new(Network::load(file)?);
        let twin = |file: Option<PathBuf>| -> Result<Option<Arc<Network>>, ModelError> {
            let file = file.filter(|file| file.exists());
            file.map(|file| Network::load(&file).map(Arc::new)).transpose()
        };
        let (cpu, edge_tpu) = if needs_edge_tpu(&network.bytes) {
            (twin(plain(file))?, Some(network))
        } else {
            let compiled = if choice == AcceleratorChoice::Cpu { None } else { twin(compiled(file))? };
            if let Some(compiled) = compiled.as_ref().filter(|compiled| !needs_edge_tpu(&compiled.bytes)) {
                return Err(ModelError::NotCompiled(compiled.path.clone()));
            }
            (Some(network), compiled)
        };
        match choice {
            AcceleratorChoice::Cpu if cpu.is_none() => Err(ModelError::OnlyCompiled(file.to_owned())),
            AcceleratorChoice::EdgeTpu if edge_tpu.is_none() => Err(ModelError::NoCompiledTwin {
                path: file.to_owned(),
                twin: compiled(file).unwrap_or_default(),
            }),
            _ => Ok(Self { cpu, edge_tpu, reference: Arc::default() }),
        }
    }
}

/// The models in the folder of `path`, by name; twins are one, by the processor's.
#[must_use]
pub fn selectable(path: &Path) -> BTreeMap<String, PathBuf> {
    let mut models = crate::model::beside(path);
    let names: Vec<String> = models.keys().cloned().collect();
    models.retain(|name, _| {
        let plain = name.strip_suffix(COMPILED);
        !plain.is_some_and(|plain| names.iter().any(|name| name == plain))
    });
    models
}

/// What model `id` is called among `models`: a compiled one whose gallery is its own
/// still goes with the file that it was compiled from.
#[must_use]
pub fn listed_as<'a>(id: &'a str, models: &BTreeMap<String, PathBuf>) -> &'a str {
    let plain = id.strip_suffix(COMPILED).filter(|plain| models.contains_key(*plain));
    plain.unwrap_or(id)
}

/// `X_edgetpu.tflite` for `X.tflite`.
fn compiled(file: &Path) -> Option<PathBuf> {
    let stem = file.file_stem()?.to_str()?;
    Some(file.with_file_name(format!("{stem}{COMPILED}.tflite")))
}

/// `X.tflite` for `X_edgetpu.tflite`.
fn plain(file: &Path) -> Option<PathBuf> {
    let stem = file.file_stem()?.to_str()?.strip_suffix(COMPILED)?;
    Some(file.with_file_name(format!("{stem}.tflite")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_found_by_their_names() {
        let name = |file: Option<PathBuf>| file.map(|file| file.display().to_string());
        assert_eq!(name(compiled(Path::new("m/a.tflite"))).unwrap(), "m/a_edgetpu.tflite");
        assert_eq!(name(plain(Path::new("m/a_edgetpu.tflite"))).unwrap(), "m/a.tflite");
        assert_eq!(name(plain(Path::new("m/a.tflite"))), None);
    }

    #[test]
    fn twins_are_listed_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.tflite", "a_edgetpu.tflite", "b_edgetpu.tflite", "c.tflite", "notes.txt"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let models = selectable(&folder.path().join("a.tflite"));
        assert_eq!(models.keys().collect::<Vec<_>>(), ["a", "b_edgetpu", "c"]);
        assert!(models["a"].ends_with("a.tflite"));
    }
}
