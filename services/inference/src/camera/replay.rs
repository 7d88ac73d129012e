//! A folder of pictures as a camera: played in the order of their names, at a
//! chosen rate, again and again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::{Camera, CameraError};
use crate::frame::Taken;
use crate::picture;
use crate::pixels::{Broken, Pixels, jpeg_marks};

const ENDINGS: [&str; 5] = ["jpg", "jpeg", "png", "webp", "bmp"];

/// See the module's text.
#[derive(Debug)]
pub struct Replay {
    folder: PathBuf,
    files: Vec<PathBuf>,
    next: usize,
    interval: Duration,
    due: Instant,
}

impl Replay {
    /// Opens `folder` to be played at `fps` pictures a second.
    ///
    /// # Errors
    /// When the folder can't be read or holds no pictures.
    pub fn open(folder: &Path, fps: f32) -> Result<Self, CameraError> {
        let mut files = list(folder).map_err(|error| problem(folder, error.to_string()))?;
        files.sort();
        if files.is_empty() {
            return Err(problem(folder, "it holds no JPEG, PNG, WebP or BMP files".to_owned()));
        }
        let interval = Duration::from_secs_f32(fps.recip());
        Ok(Self { folder: folder.to_owned(), files, next: 0, interval, due: Instant::now() })
    }

    /// Reads the next file; one that is broken is passed over. A JPEG is decoded
    /// later, as a camera's is.
    fn take_next(&mut self) -> Option<Taken> {
        let file = &self.files[self.next];
        self.next = (self.next + 1) % self.files.len();
        let bytes = std::fs::read(file).inspect_err(|error| skipped(file, error)).ok()?;
        let (captured_at, captured) = (SystemTime::now(), Instant::now());
        let pixels = if jpeg_marks(&bytes) == (true, true) {
            Pixels::Jpeg(bytes)
        } else {
            Pixels::Rgb(picture::decode(&bytes).inspect_err(|error| skipped(file, error)).ok()?)
        };
        Some(Taken { pixels, captured_at, captured, source: source(file) })
    }
}

impl Camera for Replay {
    fn due(&self) -> Option<Instant> {
        Some(self.due)
    }

    fn mode(&self) -> String {
        String::new()
    }

    fn notes(&self) -> &[String] {
        &[]
    }

    fn next_picture(&mut self, _: Instant) -> Result<Option<Result<Taken, Broken>>, CameraError> {
        // After a pause (a suspended machine) go on from now, don't catch up.
        self.due = (self.due + self.interval).max(Instant::now());
        for _ in 0..self.files.len() {
            if let Some(taken) = self.take_next() {
                return Ok(Some(Ok(taken)));
            }
        }
        Err(problem(&self.folder, "none of its pictures can be decoded".to_owned()))
    }
}

fn list(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
            files.push(path);
        }
    }
    Ok(files)
}

/// "replay:scenes/0042.jpg": where the folder stands is nobody's business.
fn source(file: &Path) -> String {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    format!("replay:{}/{}", file.parent().map(name).unwrap_or_default(), name(file))
}

fn problem(folder: &Path, problem: String) -> CameraError {
    CameraError::Replay { folder: folder.display().to_string(), problem }
}

fn skipped(file: &Path, error: &dyn std::error::Error) {
    metrics::counter!("mirror_frames_broken_total").increment(1);
    tracing::warn!(file = %file.display(), %error, "Replay picture skipped");
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            RgbImage::new(8, 8).save(folder.path().join(name)).unwrap();
        }
        folder
    }

    #[test]
    fn plays_by_name_passes_over_broken_files_and_loops() {
        let folder = folder_with(&["b.png", "a.png"]);
        std::fs::write(folder.path().join("aa.jpg"), b"not a picture").unwrap();
        std::fs::write(folder.path().join("notes.txt"), b"not played").unwrap();
        let mut replay = Replay::open(folder.path(), 100.0).unwrap();
        let names: Vec<_> = (0..4)
            .map(|_| {
                let taken = replay.next_picture(Instant::now()).unwrap().unwrap().unwrap();
                taken.source.rsplit('/').next().unwrap().to_owned()
            })
            .collect();
        assert_eq!(names, ["a.png", "b.png", "a.png", "b.png"]);
    }

    #[test]
    fn a_folder_without_usable_pictures_says_so() {
        let empty = tempfile::tempdir().unwrap();
        let error = Replay::open(empty.path(), 10.0).unwrap_err().to_string();
        assert!(error.contains("holds no JPEG"), "{error}");
        std::fs::write(empty.path().join("a.jpg"), b"broken").unwrap();
        let mut broken = Replay::open(empty.path(), 10.0).unwrap();
        let error = broken.next_picture(Instant::now()).unwrap_err().to_string();
        assert!(error.contains("none of its pictures"), "{error}");
        let error = Replay::open(Path::new("/nowhere"), 10.0).unwrap_err().to_string();
        assert!(error.contains("/nowhere"), "{error}");
    }

    #[test]
    fn pictures_fall_due_at_the_chosen_rate() {
        let folder = folder_with(&["a.png"]);
        let mut replay = Replay::open(folder.path(), 4.0).unwrap();
        let before = replay.due().unwrap();
        replay.next_picture(Instant::now()).unwrap();
        assert!(replay.due().unwrap() - before >= Duration::from_millis(250));
    }
}
