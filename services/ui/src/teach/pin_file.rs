//! A PIN's hash on disk.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use super::pin::PinError;

/// Its name in the data directory.
pub(super) const FILE: &str = "pin";
/// A PIN's, in characters.
pub(super) const LENGTH: std::ops::RangeInclusive<usize> = 6..=32;

/// A hash's: each attempt takes so much memory, in KiB, and goes over it so many times.
const MOST_MEMORY: u32 = 256 << 10;
const MOST_PASSES: u32 = 64;

/// What MIRROR_PIN_FILE may hold instead of `pin`, which is as a file has it: its
/// hash, as a PHC string.
///
/// # Errors
/// When it is no fit PIN.
pub fn hash_pin(pin: &str) -> anyhow::Result<String> {
    Ok(hash(bare(pin))?)
}

/// Whether `pin` may be one.
pub(super) fn fit(pin: &str) -> Result<(), PinError> {
    if !LENGTH.contains(&pin.chars().count()) {
        return Err(PinError::Unfit);
    }
    if is_plain(pin) { Err(PinError::Plain) } else { Ok(()) }
}

/// Whether each character is the one before, or the next, or the previous one: what
/// is guessed first.
fn is_plain(pin: &str) -> bool {
    let follows = |a: char, b: char| (a, b) == ('9', '0') || u32::from(a) + 1 == u32::from(b);
    let all = |is: &dyn Fn(char, char) -> bool| pin.chars().zip(pin.chars().skip(1)).all(|(a, b)| is(a, b));
    all(&|a, b| a == b) || all(&follows) || all(&|a, b| follows(b, a))
}

pub(super) fn hash(pin: &str) -> Result<String, PinError> {
    fit(pin)?;
    let hash = Argon2::default().hash_password(pin.as_bytes());
    Ok(hash.expect("the parameters are good and the system has random numbers").to_string())
}

/// The hash in `file`, if there is one.
pub(super) fn kept(file: &Path) -> anyhow::Result<Option<String>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        // Whether it can be kept there is found out when there is one.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error).with_context(|| format!("can't read {}", file.display())),
    };
    let hash = bare(&text).trim();
    checked(hash).with_context(|| format!("{}: delete it to choose a new PIN", file.display()))?;
    Ok(Some(hash.to_owned()))
}

/// The hash of what the operator has put into `file`: a PIN, or a hash.
pub(super) fn managed(file: &Path) -> anyhow::Result<String> {
    let what = || format!("MIRROR_PIN_FILE, {}", file.display());
    let text = fs::read_to_string(file).with_context(what)?;
    let text = bare(&text);
    if text.starts_with('$') {
        checked(text.trim_end()).with_context(|| format!("{}; `mirror-ui hash-pin` makes one", what()))?;
        return Ok(text.trim_end().to_owned());
    }
    hash(text).with_context(what)
}

/// `text` without what editors put before and after it.
fn bare(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n'])
}

/// Whether a PIN can be compared with `hash`: found out now, not when somebody
/// stands before the mirror and wants in.
fn checked(hash: &str) -> anyhow::Result<()> {
    let no_hash = "this is no argon2 hash";
    let Ok(parsed) = PasswordHash::new(hash) else { bail!(no_hash) };
    let algorithm = parsed.algorithm.as_str();
    ensure!(algorithm.starts_with("argon2") && parsed.salt.is_some() && parsed.hash.is_some(), no_hash);
    ensure!(Algorithm::try_from(algorithm).is_ok(), "the algorithm {algorithm} is not known");
    if let Some(version) = parsed.version {
        ensure!(Version::try_from(version).is_ok(), "version {version} of argon2 is not known");
    }
    let Ok(params) = Params::try_from(&parsed) else { bail!("its parameters are not argon2's") };
    let (memory, passes) = (params.m_cost(), params.t_cost());
    ensure!(memory <= MOST_MEMORY, "m={memory} is too much memory; at most {MOST_MEMORY}");
    ensure!(passes <= MOST_PASSES, "t={passes} takes too long; at most {MOST_PASSES}");
    match Argon2::default().verify_password(b"", &parsed) {
        Ok(()) | Err(password_hash::Error::PasswordInvalid) => Ok(()),
        Err(error) => bail!("no PIN can be compared with it: {error}"),
    }
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
    // It is there by now, whatever a loss of power may do to it.
    if let Err(error) = File::open(dir).and_then(|dir| dir.sync_all()) {
        tracing::warn!(dir = %dir.display(), %error, "The PIN is kept, but may not outlive a loss of power");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA";

    fn refusal(content: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        fs::write(&file, content).unwrap();
        format!("{:#}", managed(&file).unwrap_err())
    }

    #[test]
    fn a_file_without_a_pin_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        let absent = format!("{:#}", managed(&file).unwrap_err());
        assert!(absent.contains("MIRROR_PIN_FILE") && absent.contains("No such file"), "{absent}");
        for (content, part) in [
            ("12345", "6 to 32 characters"),
            ("", "6 to 32 characters"),
            ("123456", "nor a run"),
            ("$argon2id$v=19$m=19456", "hash-pin"),
            ("$5$rounds=535000$c2FsdHNhbHQ$aGFzaGhhc2g", "hash-pin"),
        ] {
            assert!(refusal(content).contains(part), "{content}: {}", refusal(content));
        }
        fs::write(&file, "damaged").unwrap();
        let error = format!("{:#}", kept(&file).unwrap_err());
        assert!(error.contains("delete it to choose a new PIN: this is no argon2 hash"), "{error}");
    }

    #[test]
    fn a_hash_that_no_pin_can_be_compared_with_is_told_at_once() {
        for (start, part) in [
            ("argon2x$v=19$m=19456,t=2,p=1", "argon2x is not known"),
            ("argon2id$v=18$m=19456,t=2,p=1", "version 18"),
            ("argon2id$v=19$m=262145,t=2,p=1", "m=262145 is too much memory"),
            ("argon2id$v=19$m=19456,t=4000000000,p=1", "t=4000000000 takes too long"),
            ("argon2id$v=19$m=1,t=2,p=1", "its parameters"),
        ] {
            let refusal = refusal(&format!("${start}${REST}"));
            assert!(refusal.contains(part) && refusal.contains("hash-pin"), "{start}: {refusal}");
        }
        checked(&format!("$argon2i$v=16$m=64,t=1,p=1${REST}")).unwrap();
    }

    #[test]
    fn what_editors_add_is_no_part_of_a_pin() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        for content in ["geheim", "geheim\n", "\u{feff}geheim\r\n"] {
            fs::write(&file, content).unwrap();
            let hash = managed(&file).unwrap();
            fs::write(&file, format!("\u{feff}{hash}\r\n")).unwrap();
            assert_eq!((managed(&file).unwrap(), kept(&file).unwrap()), (hash.clone(), Some(hash.clone())));
            let hash = PasswordHash::new(&hash).unwrap();
            Argon2::default().verify_password(b"geheim", &hash).unwrap();
        }
    }

    #[test]
    fn what_is_guessed_first_is_no_pin() {
        for plain in ["000000", "aaaaaaaa", "123456", "876543", "67890123", "3210987", "abcdef", "ZYXWVU"] {
            assert!(matches!(fit(plain), Err(PinError::Plain)), "{plain}");
        }
        for pin in ["123457", "112233", "135790", "AbCdEf", "000001", "geheim"] {
            fit(pin).unwrap();
        }
    }
}
