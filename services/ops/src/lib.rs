//! What every service offers the people who run it, alike in all of them:
//! logs ([`telemetry`]), metrics and liveness over HTTP ([`http`]), what is
//! ready and what isn't ([`readiness`]), listening addresses with errors that
//! help ([`listen`]), a clean stop ([`shutdown`]), the gRPC server's common
//! parts ([`grpc`]), the container's health command ([`probe`]), the process in
//! figures ([`process`]) and the pace of reconnecting ([`retry`]).
//!
//! Nothing here knows what a picture, a label or a product is.

pub mod grpc;
pub mod http;
pub mod listen;
pub mod probe;
pub mod process;
pub mod readiness;
pub mod retry;
pub mod shutdown;
pub mod telemetry;
