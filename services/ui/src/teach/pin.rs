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

use super::pin_file::{self, FILE, fit, hash};

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
    #[error("A PIN is not one character again and again, nor a run such as 123456.")]
    Plain,
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
            // A warning, so that it is seen whatever is logged: without it nobody gets in.
            tracing::warn!(code = code.expose_secret(), "No PIN is set. Set-up code for /teach");
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

    /// Whether there is something to compare a PIN with.
    pub(super) fn may_check(&self) -> Result<(), PinError> {
        if self.is_set() { Ok(()) } else { Err(PinError::NotSet) }
    }

    /// Whether the set-up code could set `pin`.
    pub(super) fn may_set_up(&self, pin: &SecretString) -> Result<(), PinError> {
        self.shared.may_set_up()?;
        fit(pin.expose_secret())
    }

    /// Whether the PIN could be changed to `new`.
    pub(super) fn may_change(&self, new: &SecretString) -> Result<(), PinError> {
        self.shared.may_change()?;
        fit(new.expose_secret())
    }

    /// What follows from the right PIN is `then`, before anything else is done with
    /// the PIN: it is still the PIN.
    pub(super) async fn check<T: Send + 'static>(
        &self,
        pin: SecretString,
        then: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PinError> {
        self.compute(move |shared| shared.check(&pin).map(|()| then())).await
    }

    /// Sets the first one, for who knows the set-up code.
    pub(super) async fn set_up<T: Send + 'static>(
        &self,
        code: SecretString,
        pin: SecretString,
        then: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PinError> {
        self.compute(move |shared| {
            shared.may_set_up()?;
            let code = code.expose_secret().trim().to_ascii_uppercase();
            if !bool::from(code.as_bytes().ct_eq(shared.code.expose_secret().as_bytes())) {
                return Err(PinError::WrongCode);
            }
            shared.keep(&pin).map(|()| then())
        })
        .await
    }

    /// Sets another one. Nobody gets in with the one before between that and `then`.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        pin: SecretString,
        new: SecretString,
        then: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PinError> {
        self.compute(move |shared| {
            shared.may_change()?;
            shared.check(&pin)?;
            shared.keep(&new).map(|()| then())
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
    fn may_set_up(&self) -> Result<(), PinError> {
        self.may_change()?;
        if self.hash().is_some() { Err(PinError::Set) } else { Ok(()) }
    }

    fn may_change(&self) -> Result<(), PinError> {
        if self.managed { Err(PinError::Managed) } else { Ok(()) }
    }

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

    fn nothing() {}

    async fn set_up(dir: &Path, pin: &str) -> Pin {
        let loaded = Pin::load(dir, None).unwrap();
        loaded.set_up(loaded.shared.code.clone(), secret(pin), nothing).await.unwrap();
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
        assert!(matches!(pin.check(secret("161803"), nothing).await, Err(PinError::NotSet)));
        for wrong in ["", "AAAAAAAA", &code[1..], &format!("{code}A")] {
            let refused = pin.set_up(secret(wrong), secret("161803"), nothing).await;
            assert!(matches!(refused, Err(PinError::WrongCode)), "{wrong}");
        }
        for unfit in ["12345", "", &"1".repeat(33)] {
            let refused = pin.set_up(secret(&code), secret(unfit), nothing).await;
            assert!(matches!(refused, Err(PinError::Unfit)), "{unfit}");
            assert!(matches!(pin.may_set_up(&secret(unfit)), Err(PinError::Unfit)), "{unfit}");
        }
        pin.set_up(secret(&format!(" {} ", code.to_lowercase())), secret("1234 ä"), nothing).await.unwrap();
        assert!(matches!(pin.set_up(secret(&code), secret("271828"), nothing).await, Err(PinError::Set)));

        let mode = fs::metadata(data.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
        let again = Pin::load(&data, None).unwrap();
        assert_ne!(again.shared.code.expose_secret(), code);
        again.check(secret("1234 ä"), nothing).await.unwrap();
        assert!(matches!(again.check(secret("1234 a"), nothing).await, Err(PinError::WrongPin)));
        fs::remove_file(data.join(FILE)).unwrap();
        assert!(!Pin::load(&data, None).unwrap().is_set());
    }

    #[tokio::test]
    async fn another_pin_needs_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let pin = set_up(dir.path(), "161803").await;
        assert!(matches!(
            pin.change(secret("guessed"), secret("271828"), nothing).await,
            Err(PinError::WrongPin)
        ));
        assert!(matches!(pin.change(secret("161803"), secret("1"), nothing).await, Err(PinError::Unfit)));
        pin.change(secret("161803"), secret("271828"), nothing).await.unwrap();
        assert!(matches!(pin.check(secret("161803"), nothing).await, Err(PinError::WrongPin)));
        Pin::load(dir.path(), None).unwrap().check(secret("271828"), nothing).await.unwrap();
    }

    #[tokio::test]
    async fn a_pin_that_can_not_be_kept_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        // Nothing can be made below a file, whoever tries.
        let file = dir.path().join("a file");
        fs::write(&file, "").unwrap();
        let pin = Pin::load(&file, None).unwrap();
        let error = pin.set_up(pin.shared.code.clone(), secret("161803"), nothing).await.unwrap_err();
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
            pin.check(secret("geheim"), nothing).await.unwrap();
            let refused = [
                pin.change(secret("geheim"), secret("161803"), nothing).await,
                pin.set_up(pin.shared.code.clone(), secret("161803"), nothing).await,
            ];
            assert!(refused.iter().all(|refused| matches!(refused, Err(PinError::Managed))));
        }
        assert!(!dir.path().join(FILE).exists());
    }
}
