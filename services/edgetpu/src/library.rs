//! Finding and loading libedgetpu.

use std::ffi::CString;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::device::{Device, DeviceError};
use crate::ffi::{Delegate, EdgeTpu, OpenError};
use crate::options::Options;

/// What libedgetpu is called: by its packages, and when somebody built it.
const NAMES: [&str; 2] = ["libedgetpu.so.1", "libedgetpu.so"];

/// libedgetpu. It stays loaded until the process ends, so a [`Delegate`] may
/// outlive this.
#[derive(Clone, Debug)]
pub struct Library {
    functions: EdgeTpu,
    file: PathBuf,
}

/// Why there is no libedgetpu.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LibraryError {
    /// None of its names is known to the system.
    #[error(
        "libedgetpu is not installed (looked for {}): install libedgetpu1-std 16.0 built for TensorFlow {tensorflow}, or name its file",
        NAMES.join(" and "), tensorflow = crate::version::TENSORFLOW_LITE
    )]
    NotInstalled,
    /// There is no such file.
    #[error("there is no library {}", .0.display())]
    Missing(PathBuf),
    /// The file is something else.
    #[error("{} is no shared library", .0.display())]
    NotALibrary(PathBuf),
    /// It was built for another processor.
    #[error("{} is built for {built_for}, this program for {arch}", path.display(), arch = std::env::consts::ARCH)]
    WrongArchitecture {
        /// The file.
        path: PathBuf,
        /// What it is built for.
        built_for: String,
    },
    /// It is there, and can't be loaded: a library that it needs is missing, for example.
    #[error("can't load {}: {cause}", path.display())]
    Unloadable {
        /// The file, or its name.
        path: PathBuf,
        /// The loader's words.
        cause: String,
    },
    /// It lacks a function: it is another library, or one too old.
    #[error("{} is not libedgetpu: it has no {symbol}", path.display())]
    Symbol {
        /// The file, or its name.
        path: PathBuf,
        /// The function.
        symbol: &'static str,
    },
}

impl Library {
    /// Loads libedgetpu from `path`, or where the system has it.
    ///
    /// Loading a library runs its code. `path` has to come from whoever runs this
    /// device, never from a request.
    ///
    /// # Errors
    /// When it isn't there, can't be loaded, or is something else.
    pub fn load(path: Option<&Path>) -> Result<Self, LibraryError> {
        let Some(path) = path else { return Self::load_installed() };
        Self::open(path).map_err(|error| match error {
            OpenError::Load(cause) => explain(path, cause),
            OpenError::Symbol(symbol) => LibraryError::Symbol { path: path.to_owned(), symbol },
        })
    }

    fn load_installed() -> Result<Self, LibraryError> {
        for name in NAMES {
            let path = Path::new(name);
            match Self::open(path) {
                Ok(library) => return Ok(library),
                Err(OpenError::Symbol(symbol)) => {
                    return Err(LibraryError::Symbol { path: path.to_owned(), symbol });
                }
                // The loader passes over one for another processor without a word.
                Err(OpenError::Load(cause)) if is_missing(name, &cause) => {
                    if let Some(file) = folders().map(|folder| folder.join(name)).find(|file| file.exists()) {
                        return Err(explain(&file, cause));
                    }
                }
                Err(OpenError::Load(cause)) => return Err(explain(path, cause)),
            }
        }
        Err(LibraryError::NotInstalled)
    }

    fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self { functions: EdgeTpu::open(path.as_os_str())?, file: path.to_owned() })
    }

    /// Where it was loaded from: the path that was named, or just a name.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What libedgetpu says about itself; see [`Versions`](crate::Versions).
    #[must_use]
    pub fn version(&self) -> String {
        self.functions.version()
    }

    /// How much libedgetpu writes to standard error, from 0 (by itself) to 10.
    pub fn set_verbosity(&self, level: u8) {
        self.functions.set_verbosity(level.min(10));
    }

    /// What is plugged in now, used or not.
    #[must_use]
    pub fn devices(&self) -> Vec<Device> {
        self.functions.devices()
    }

    /// Opens `device`. Over USB this takes some seconds after the device was plugged
    /// in, as it gets its firmware, and may never end.
    ///
    /// # Errors
    /// When libedgetpu can't open it.
    pub fn delegate(&self, device: &Device, options: &Options) -> Result<Delegate, DeviceError> {
        let refused = || DeviceError::Refused(device.clone());
        let path = CString::new(device.path.as_str()).map_err(|_| refused())?;
        self.functions.create_delegate(device.kind, &path, &options.entries()).ok_or_else(refused)
    }
}

/// The loader's words that `name` itself, not something it needs, is missing.
fn is_missing(name: &str, cause: &str) -> bool {
    cause.starts_with(name) && cause.contains("cannot open shared object file")
}

/// Where libraries are, for the reason why one was not loaded.
fn folders() -> impl Iterator<Item = PathBuf> {
    let named = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let multiarch = format!("{}-linux-gnu", std::env::consts::ARCH);
    let usual = ["/usr/local/lib", "/usr/lib", "/lib"].map(PathBuf::from);
    let multiarch = usual.clone().map(|folder| folder.join(&multiarch));
    std::env::split_paths(&named).chain(multiarch).chain(usual).collect::<Vec<_>>().into_iter()
}

/// Why the loader gave `cause` for `path`: it says of a library for another
/// processor that there is no such file.
fn explain(path: &Path, cause: String) -> LibraryError {
    let path = path.to_owned();
    if path.parent() == Some(Path::new("")) {
        // A name, which the loader looked for in its folders.
        let missing = path.to_str().is_some_and(|name| is_missing(name, &cause));
        return if missing { LibraryError::Missing(path) } else { LibraryError::Unloadable { path, cause } };
    }
    match machine(&path) {
        Machine::Absent => LibraryError::Missing(path),
        Machine::None => LibraryError::NotALibrary(path),
        Machine::Other(built_for) => LibraryError::WrongArchitecture { path, built_for },
        Machine::This => LibraryError::Unloadable { path, cause },
    }
}

/// What a file is built for.
#[derive(Debug, PartialEq, Eq)]
enum Machine {
    Absent,
    None,
    This,
    Other(String),
}

fn machine(path: &Path) -> Machine {
    let Ok(mut file) = File::open(path) else {
        return if path.exists() { Machine::This } else { Machine::Absent };
    };
    let mut header = [0; 20];
    if file.read_exact(&mut header).is_err() {
        return Machine::None;
    }
    machine_of(&header)
}

/// By an ELF header's beginning: mark, class, byte order, and at 18 the machine.
fn machine_of(header: &[u8; 20]) -> Machine {
    let &[0x7f, b'E', b'L', b'F', class, order, ..] = header else { return Machine::None };
    let bits = if class == 1 { 32 } else { 64 };
    let number = [header[18], header[19]];
    let number = if order == 2 { u16::from_be_bytes(number) } else { u16::from_le_bytes(number) };
    let name = match (number, bits) {
        (3, _) => "x86",
        (40, _) => "arm",
        (62, 64) => "x86_64",
        (183, 64) => "aarch64",
        (243, 64) => "riscv64",
        _ => return Machine::Other(format!("another processor (ELF machine {number}, {bits} bits)")),
    };
    if name == std::env::consts::ARCH { Machine::This } else { Machine::Other(name.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(class: u8, order: u8, machine: [u8; 2]) -> [u8; 20] {
        let mut header = [0; 20];
        header[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, order]);
        header[18..].copy_from_slice(&machine);
        header
    }

    #[test]
    fn a_file_tells_what_it_is_built_for() {
        let mut machines = vec![
            machine_of(&header(2, 1, [62, 0])),
            machine_of(&header(2, 1, [183, 0])),
            machine_of(&header(1, 1, [40, 0])),
            machine_of(&header(1, 1, [3, 0])),
        ];
        let this = machines.iter().position(|machine| *machine == Machine::This);
        machines.remove(this.expect("one of them is this machine"));
        let others = ["x86_64", "aarch64", "arm", "x86"].map(|name| Machine::Other(name.to_owned()));
        assert!(machines.iter().all(|machine| others.contains(machine)), "{machines:?}");
        let Machine::Other(big) = machine_of(&header(2, 2, [0, 21])) else { panic!("not this one") };
        assert!(big.contains("21") && big.contains("64"), "{big}");
        assert_eq!(machine_of(b"#!/bin/sh\necho hello"), Machine::None);
    }

    #[test]
    fn a_library_that_needs_a_missing_one_is_not_called_missing() {
        let gone = "libedgetpu.so.1: cannot open shared object file: No such file or directory";
        let needs = "libusb-1.0.so.0: cannot open shared object file: No such file or directory";
        assert!(is_missing("libedgetpu.so.1", gone));
        assert!(!is_missing("libedgetpu.so.1", needs));
        let error = explain(Path::new("libedgetpu.so.1"), needs.to_owned()).to_string();
        assert!(error.contains("can't load libedgetpu.so.1: libusb"), "{error}");
    }

    #[test]
    fn what_to_install_is_said() {
        let error = LibraryError::NotInstalled.to_string();
        assert!(error.contains("libedgetpu.so.1") && error.contains("2.17.1"), "{error}");
    }
}
