//! A PIN's hash on disk.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};
use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, Params};

use super::pin::PinError;

/// Its name in the data directory.
pub(super) const FILE: &str = "pin";
/// A PIN's, in characters.
pub(super) const LENGTH: std::ops::RangeInclusive<usize> = 6..=32;

/// What MIRROR_PIN_FILE may hold instead of `pin`: its hash, as a PHC string.
///
/// # Errors
/// When `pin` is too short or too long.
pub fn hash_pin(pin: &str) -> anyhow::Result<String> {
    Ok(hash(pin)?)
}

pub(super) fn hash(pin: &str) -> Result<String, PinError> {
    if !LENGTH.contains(&pin.chars().count()) {
        return Err(PinError::Unfit);
    }
    let hash = Argon2::default().hash_password(pin.as_bytes());
    Ok(hash.expect("the parameters are good and the system has random numbers").to_string())
}

/// The hash in `file`, if there is one.
pub(super) fn kept(file: &Path) -> anyhow::Result<Option<String>> {
    let hash = match fs::read_to_string(file) {
        Ok(text) => text.trim().to_owned(),
        // Whether it can be kept there is found out when there is one.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error).with_context(|| format!("can't read {}", file.display())),
    };
    if !is_hash(&hash) {
        bail!("{} holds no argon2 hash; delete it to choose a new PIN", file.display());
    }
    Ok(Some(hash))
}

/// The hash of what the operator has put into `file`: a PIN, or a hash.
pub(super) fn managed(file: &Path) -> anyhow::Result<String> {
    let what = || format!("MIRROR_PIN_FILE, {}", file.display());
    let text = fs::read_to_string(file).with_context(what)?;
    let text = text.trim_end_matches(['\r', '\n']);
    if is_hash(text) {
        return Ok(text.to_owned());
    }
    if text.starts_with('$') {
        bail!("{}: this is no argon2 hash; `mirror-ui hash-pin` makes one", what());
    }
    hash_pin(text).with_context(what)
}

fn is_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| {
        hash.algorithm.as_str().starts_with("argon2")
            && hash.salt.is_some()
            && hash.hash.is_some()
            && Params::try_from(&hash).is_ok()
    })
}

/// Written whole or not at all, for this user only.
pub(super) fn write(file: &Path, hash: &str) -> io::Result<()> {
    let dir = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    // Mode 0600.
    let mut new = tempfile::NamedTempFile::new_in(dir)?;
    io::Write::write_all(&mut new, format!("{hash}\n").as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_pin_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        let error = |file: &Path| format!("{:#}", managed(file).unwrap_err());
        assert!(error(&file).contains("MIRROR_PIN_FILE") && error(&file).contains("No such file"));
        for (content, part) in [
            ("12345", "6 to 32 characters"),
            ("", "6 to 32 characters"),
            ("$argon2id$v=19$m=19456", "hash-pin"),
            ("$5$rounds=535000$c2FsdHNhbHQ$aGFzaGhhc2g", "hash-pin"),
        ] {
            fs::write(&file, content).unwrap();
            assert!(error(&file).contains(part), "{content}: {}", error(&file));
        }
        fs::write(&file, "damaged").unwrap();
        let error = format!("{:#}", kept(&file).unwrap_err());
        assert!(error.contains("no argon2 hash; delete it"), "{error}");
    }
}
