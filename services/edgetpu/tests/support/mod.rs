//! The stand-in for libedgetpu, and models small enough to be written by hand. The
//! tests of inference use it too.

mod model;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use mirror_edgetpu::{Choice, Delegate, Library, Options};
use tempfile::TempDir;

pub(crate) use model::{Graph, compiled_model, tiny_model};

/// Compiled once a run; put where it belongs in one step, as runs may overlap.
static COMPILED: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = folder.join("libedgetpu-stand-in.so");
    let unfinished = TempDir::new_in(folder).unwrap();
    let output = unfinished.path().join("stand-in.so");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc)
        .args(["--crate-type", "cdylib", "--crate-name", "stand_in", "--edition", "2024", "-O", "-o"])
        .arg(&output)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../edgetpu/tests/stand-in/lib.rs"))
        .output()
        .expect("rustc runs");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    fs::rename(output, &library).unwrap();
    library
});

/// A libedgetpu of a test's own.
pub(crate) struct StandIn {
    folder: TempDir,
    pub(crate) library: Library,
}

impl StandIn {
    /// One that behaves as the words say; see `tests/stand-in/lib.rs`.
    pub(crate) fn new(script: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("libedgetpu.so.1");
        fs::copy(&*COMPILED, &file).unwrap();
        let library = Library::load(Some(&file)).unwrap();
        let this = Self { folder, library };
        this.tell(script);
        this
    }

    /// The library's file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("libedgetpu.so.1")
    }

    /// Its own kernel computes `network` from now on.
    pub(crate) fn computes(&self, network: &Path) {
        fs::copy(network, self.folder.path().join("network")).unwrap();
    }

    pub(crate) fn tell(&self, script: &str) {
        fs::write(self.folder.path().join("script"), script).unwrap();
    }

    /// What was called, but for the lists.
    pub(crate) fn events(&self) -> Vec<String> {
        let events = self.all_events();
        events.into_iter().filter(|event| !event.contains("list")).collect()
    }

    pub(crate) fn all_events(&self) -> Vec<String> {
        let events = fs::read_to_string(self.folder.path().join("events")).unwrap_or_default();
        events.lines().map(str::to_owned).collect()
    }

    pub(crate) fn count(&self, event: &str) -> usize {
        self.events().iter().filter(|line| line.starts_with(event)).count()
    }

    /// Where it comes when it stops.
    pub(crate) fn gate(&self) -> Gate {
        let listener = UnixListener::bind(self.folder.path().join("gate")).unwrap();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let mut place = String::new();
                BufReader::new(&stream).read_line(&mut place).unwrap();
                if sender.send((place, stream)).is_err() {
                    break;
                }
            }
        });
        Gate(receiver)
    }

    pub(crate) fn delegate(&self) -> Delegate {
        let devices = self.library.devices();
        self.library.delegate(Choice::First.pick(&devices).unwrap(), &Options::default()).unwrap()
    }
}

pub(crate) struct Gate(Receiver<(String, UnixStream)>);

impl Gate {
    /// Waits until the stand-in stops at `place`. It goes on when what this gives is dropped.
    #[must_use]
    pub(crate) fn stopped_at(&self, place: &str) -> UnixStream {
        let (stopped, stream) = self.0.recv_timeout(Duration::from_secs(60)).expect("it stops");
        assert_eq!(stopped.trim(), place);
        stream
    }
}
