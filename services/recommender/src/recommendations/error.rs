//! Why a provider gives no answer, and what that means for asking again.

use std::time::Duration;

/// A provider can't answer. The message says in words what was asked, of which
/// host, and what is wrong; it never holds a secret.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{provider}: {message}")]
pub struct ProviderError {
    /// Which one.
    pub provider: &'static str,
    /// What it means for asking again.
    pub fault: Fault,
    /// In words.
    pub message: String,
}

/// What a failure means for asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No connection, no answer in time, or the server's own fault: may pass any
    /// moment.
    Unreachable,
    /// It asks to be left alone for a while.
    Busy {
        /// How long, if it says.
        retry_after: Option<Duration>,
    },
    /// It doesn't take this mirror's settings (user, service, address): passes
    /// when somebody changes them, and asking often may lock the user.
    Refused,
    /// It doesn't take this one question; others may be fine.
    Rejected,
    /// It doesn't have what was asked for.
    Missing,
    /// What it says can't be understood.
    Malformed,
}

impl Fault {
    /// Whether it is this question's alone: the provider is there, and answers.
    #[must_use]
    pub fn is_of_the_question(self) -> bool {
        matches!(self, Self::Rejected | Self::Missing)
    }
}

impl ProviderError {
    /// An error of `provider`.
    #[must_use]
    pub fn new(provider: &'static str, fault: Fault, message: impl Into<String>) -> Self {
        Self { provider, fault, message: message.into() }
    }
}
