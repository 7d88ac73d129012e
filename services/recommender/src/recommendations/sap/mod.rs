//! SAP Marketing Cloud: the runtime service that answers a mirror directly
//! ([`runtime`], behind a [`session`]), the recommendation cache on the cloud
//! platform ([`cache_service`]), and the product master ([`product_master`]).

pub mod cache_service;
pub mod product_master;
pub mod runtime;
pub mod session;

use super::http::{Reply, fault_of};
use super::{ProviderError, odata};

/// An answer that is no success, in words.
fn refusal(provider: &'static str, what: &str, reply: &Reply) -> ProviderError {
    let (code, message) = odata::error_text(reply);
    let quoted = match (code.is_empty(), message.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(": {message}"),
        (false, _) => format!(": {message} ({code})"),
    };
    let message = format!("{what} answers with status {}{quoted}", reply.status.as_u16());
    ProviderError::new(provider, fault_of(reply), message)
}

/// What was answered can't be understood.
fn malformed(provider: &'static str, what: &str, why: &str) -> ProviderError {
    ProviderError::new(provider, super::Fault::Malformed, format!("{what}: {why}"))
}
