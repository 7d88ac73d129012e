//! What can go wrong on the way, in words that name the host and the cause.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use url::Url;

use super::{Reply, host};
use crate::recommendations::{Fault, ProviderError};

/// No whole answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The name has no (usable) address.
    #[error("the name of {host} can't be resolved ({cause}); check the address and the network's DNS")]
    Dns {
        /// Whom.
        host: String,
        /// What the resolver said.
        cause: String,
    },
    /// Nothing listens, or nothing gets through.
    #[error("{host} can't be connected to ({cause}); check the address, the network and the firewall")]
    Connect {
        /// Whom.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// The certificate is not accepted, or there is no common version.
    #[error(
        "the TLS connection to {host} fails ({cause}); check this device's clock and, where the network \
         has its own certificates, MIRROR_PROVIDER_CA_FILE"
    )]
    Tls {
        /// Whom.
        host: String,
        /// What the library said.
        cause: String,
    },
    /// The time is over.
    #[error("{host} did not answer in time; check the network, or raise MIRROR_PROVIDER_TIMEOUT_MS")]
    Timeout {
        /// Whom.
        host: String,
    },
    /// More bytes than are taken.
    #[error("the answer of {host} has more than {most} bytes")]
    TooLarge {
        /// Whom.
        host: String,
        /// The limit.
        most: usize,
    },
    /// It leads elsewhere.
    #[error("{host} answers with a redirect to {to}, which is not followed; is the address right?")]
    Redirect {
        /// Whom.
        host: String,
        /// Where to.
        to: String,
    },
    /// The connection broke, or what came is no HTTP.
    #[error("the answer of {host} broke off ({cause})")]
    Broken {
        /// Whom.
        host: String,
        /// What the library said.
        cause: String,
    },
}

impl HttpError {
    pub(super) fn of(error: &reqwest::Error, url: Option<&Url>) -> Self {
        let host = url.map_or_else(|| "the server".to_owned(), host);
        let cause = root_cause(error);
        if error.is_timeout() {
            return Self::Timeout { host };
        }
        if !error.is_connect() {
            return Self::Broken { host, cause };
        }
        if chain(error).any(is_tls) {
            Self::Tls { host, cause }
        } else if chain(error).any(|cause| cause.to_string().contains("dns error")) {
            Self::Dns { host, cause }
        } else {
            Self::Connect { host, cause }
        }
    }

    pub(super) fn redirected(url: &Url, response: &Response) -> Self {
        let to = response.headers().get(LOCATION).and_then(|to| url.join(to.to_str().ok()?).ok());
        let to = to.map_or_else(|| "nowhere".to_owned(), |to| host(&to));
        Self::Redirect { host: host(url), to }
    }

    /// What it means for asking `provider` again.
    #[must_use]
    pub fn of_provider(&self, provider: &'static str) -> ProviderError {
        let fault = match self {
            Self::Redirect { .. } => Fault::Refused,
            Self::TooLarge { .. } => Fault::Malformed,
            _ => Fault::Unreachable,
        };
        ProviderError::new(provider, fault, self.to_string())
    }
}

/// The error and what led to it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        error.source()
    })
}

/// An I/O error that holds another doesn't name it as its source.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || inner.is_some_and(|inner| is_tls(inner))
}

/// The innermost cause: the others only say that there is one, and reqwest's
/// own text names the URL, whose query may hold secrets.
fn root_cause(error: &reqwest::Error) -> String {
    chain(error).skip(1).last().map_or_else(|| "no HTTP answer".to_owned(), ToString::to_string)
}

/// How long a busy server wants to be left alone; dates are not read, seconds
/// are what servers send.
pub(crate) fn retry_after(reply: &Reply) -> Option<Duration> {
    let seconds = reply.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What a status that is no success means, where nothing special is known.
pub(crate) fn fault_of(reply: &Reply) -> Fault {
    match reply.status {
        StatusCode::TOO_MANY_REQUESTS => Fault::Busy { retry_after: retry_after(reply) },
        StatusCode::SERVICE_UNAVAILABLE if retry_after(reply).is_some() => {
            Fault::Busy { retry_after: retry_after(reply) }
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Fault::Refused,
        StatusCode::REQUEST_TIMEOUT => Fault::Unreachable,
        status if status.is_client_error() => Fault::Rejected,
        _ => Fault::Unreachable,
    }
}
