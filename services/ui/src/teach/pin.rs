//! The PIN that opens teaching. What is kept is its argon2id hash, in the file
//! `pin` of the data directory. Who has forgotten the PIN deletes that file and
//! starts the service anew: a new set-up code is in its log.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use argon2::Argon2;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use super::pin_file::{self, FILE, hash};

/// Thirty-two that can't be taken for one another, so that five bits of chance
/// make one.
const CODE_LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE_LENGTH: usize = 8;

/// Why a PIN is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum PinError {
    #[error("There is no PIN yet. Set one with the set-up code from the log of the ui service.")]
    NotSet,
    #[error("There is a PIN already.")]
    Set,
    #[error("The PIN is set by MIRROR_PIN_FILE and can't be changed here.")]
    Managed,
    #[error(
        "This is not the set-up code. It is in the log of the ui service, and another one at each start."
    )]
    WrongCode,
    #[error("This is not the PIN.")]
    WrongPin,
    #[error("A PIN has {} to {} characters.", pin_file::LENGTH.start(), pin_file::LENGTH.end())]
    Unfit,
    #[error(
        "The PIN can't be kept: {path}: {cause}. The ui service needs a MIRROR_DATA_DIR that it can write to."
    )]
    NotKept { path: String, cause: io::Error },
}

/// Whether there is a PIN. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Pin {
    shared: Arc<Shared>,
    /// argon2 takes 19 MiB and a while: one at a time.
    computing: Arc<Semaphore>,
}

#[derive(Debug)]
struct Shared {
    file: PathBuf,
    managed: bool,
    code: SecretString,
    hash: Mutex<Option<String>>,
}

impl Pin {
    /// As it was left, or as MIRROR_PIN_FILE says. While there is none, the set-up
    /// code is told to the log.
    ///
    /// # Errors
    /// When a file with a PIN can't be read or holds none.
    pub(crate) fn load(data_dir: &Path, pin_file: Option<&Path>) -> anyhow::Result<Self> {
        let file = data_dir.join(FILE);
        let hash = match pin_file {
            Some(path) => Some(pin_file::managed(path)?),
            None => pin_file::kept(&file)?,
        };
        let code = SecretString::from(code()?);
        if hash.is_none() {
            tracing::info!(code = code.expose_secret(), "Set-up code for /teach");
        }
        let managed = pin_file.is_some();
        let shared = Arc::new(Shared { file, managed, code, hash: Mutex::new(hash) });
        Ok(Self { shared, computing: Arc::new(Semaphore::new(1)) })
    }

    pub(super) fn is_set(&self) -> bool {
        self.shared.hash().is_some()
    }

    /// Whether it is set by a file.
    pub(super) fn is_managed(&self) -> bool {
        self.shared.managed
    }

    pub(super) async fn check(&self, pin: SecretString) -> Result<(), PinError> {
        self.compute(move |shared| shared.check(&pin)).await
    }

    /// Sets the first one, for who knows the set-up code.
    pub(super) async fn set_up(&self, code: SecretString, pin: SecretString) -> Result<(), PinError> {
        self.compute(move |shared| {
            if shared.managed {
                return Err(PinError::Managed);
            }
            if shared.hash().is_some() {
                return Err(PinError::Set);
            }
            let code = code.expose_secret().trim().to_ascii_uppercase();
            if !bool::from(code.as_bytes().ct_eq(shared.code.expose_secret().as_bytes())) {
                return Err(PinError::WrongCode);
            }
            shared.keep(&pin)
        })
        .await
    }

    /// Sets another one.
    pub(super) async fn change(&self, pin: SecretString, new: SecretString) -> Result<(), PinError> {
        self.compute(move |shared| {
            if shared.managed {
                return Err(PinError::Managed);
            }
            shared.check(&pin)?;
            shared.keep(&new)
        })
        .await
    }

    /// To its end, also when the caller has gone: what is on disk and what is in
    /// memory stay the same.
    async fn compute<T: Send + 'static>(&self, work: impl FnOnce(&Shared) -> T + Send + 'static) -> T {
        let place = Arc::clone(&self.computing).acquire_owned().await.expect("it is never closed");
        let shared = Arc::clone(&self.shared);
        let computed = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&shared)
        });
        computed.await.expect("hashing does not panic")
    }
}

impl Shared {
    fn hash(&self) -> Option<String> {
        self.hash.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn check(&self, pin: &SecretString) -> Result<(), PinError> {
        let hash = self.hash().ok_or(PinError::NotSet)?;
        let hash = PasswordHash::new(&hash).expect("it was looked at when it was read");
        let checked = Argon2::default().verify_password(pin.expose_secret().as_bytes(), &hash);
        checked.map_err(|_| PinError::WrongPin)
    }

    fn keep(&self, pin: &SecretString) -> Result<(), PinError> {
        let hash = hash(pin.expose_secret())?;
        pin_file::write(&self.file, &hash).map_err(|cause| {
            tracing::warn!(path = %self.file.display(), error = %cause, "The PIN can't be kept");
            PinError::NotKept { path: self.file.display().to_string(), cause }
        })?;
        *self.hash.lock().unwrap_or_else(PoisonError::into_inner) = Some(hash);
        tracing::info!("PIN set");
        Ok(())
    }
}

fn code() -> anyhow::Result<String> {
    let mut chance = [0_u8; CODE_LENGTH];
    getrandom::fill(&mut chance).context("the system has no random numbers")?;
    Ok(chance.iter().map(|byte| char::from(CODE_LETTERS[usize::from(byte % 32)])).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::teach::hash_pin;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    async fn set_up(dir: &Path, pin: &str) -> Pin {
        let loaded = Pin::load(dir, None).unwrap();
        loaded.set_up(loaded.shared.code.clone(), secret(pin)).await.unwrap();
        loaded
    }

    #[tokio::test]
    async fn the_first_pin_needs_the_code_and_outlives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("new").join("data");
        let pin = Pin::load(&data, None).unwrap();
        let code = pin.shared.code.expose_secret().to_owned();
        assert!(code.len() == 8 && code.bytes().all(|letter| CODE_LETTERS.contains(&letter)), "{code}");
        assert!(!pin.is_set());
        assert!(matches!(pin.check(secret("123456")).await, Err(PinError::NotSet)));
        for wrong in ["", "AAAAAAAA", &code[1..], &format!("{code}A")] {
            let refused = pin.set_up(secret(wrong), secret("123456")).await;
            assert!(matches!(refused, Err(PinError::WrongCode)), "{wrong}");
        }
        for unfit in ["12345", "", &"1".repeat(33)] {
            let refused = pin.set_up(secret(&code), secret(unfit)).await;
            assert!(matches!(refused, Err(PinError::Unfit)), "{unfit}");
        }
        pin.set_up(secret(&format!(" {} ", code.to_lowercase())), secret("1234 ä")).await.unwrap();
        assert!(matches!(pin.set_up(secret(&code), secret("654321")).await, Err(PinError::Set)));

        let mode = fs::metadata(data.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
        let again = Pin::load(&data, None).unwrap();
        assert_ne!(again.shared.code.expose_secret(), code);
        again.check(secret("1234 ä")).await.unwrap();
        assert!(matches!(again.check(secret("1234 a")).await, Err(PinError::WrongPin)));
        fs::remove_file(data.join(FILE)).unwrap();
        assert!(!Pin::load(&data, None).unwrap().is_set());
    }

    #[tokio::test]
    async fn another_pin_needs_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let pin = set_up(dir.path(), "123456").await;
        assert!(matches!(pin.change(secret("111111"), secret("654321")).await, Err(PinError::WrongPin)));
        assert!(matches!(pin.change(secret("123456"), secret("1")).await, Err(PinError::Unfit)));
        pin.change(secret("123456"), secret("654321")).await.unwrap();
        assert!(matches!(pin.check(secret("123456")).await, Err(PinError::WrongPin)));
        Pin::load(dir.path(), None).unwrap().check(secret("654321")).await.unwrap();
    }

    #[tokio::test]
    async fn a_pin_that_can_not_be_kept_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        // Nothing can be made below a file, whoever tries.
        let file = dir.path().join("a file");
        fs::write(&file, "").unwrap();
        let pin = Pin::load(&file, None).unwrap();
        let error = pin.set_up(pin.shared.code.clone(), secret("123456")).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("a file/pin") && text.contains("MIRROR_DATA_DIR"), "{text}");
        assert!(!pin.is_set());
    }

    #[tokio::test]
    async fn the_operators_pin_stays() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        for content in
            ["geheim\n".to_owned(), hash_pin("geheim").unwrap(), hash_pin("geheim").unwrap() + "\r\n"]
        {
            fs::write(&file, &content).unwrap();
            let pin = Pin::load(dir.path(), Some(&file)).unwrap();
            assert!(pin.is_managed() && pin.is_set());
            pin.check(secret("geheim")).await.unwrap();
            let refused = [
                pin.change(secret("geheim"), secret("123456")).await,
                pin.set_up(pin.shared.code.clone(), secret("123456")).await,
            ];
            assert!(refused.iter().all(|refused| matches!(refused, Err(PinError::Managed))));
        }
        assert!(!dir.path().join(FILE).exists());
    }
}
