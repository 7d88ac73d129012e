//! Why a request can't be answered: a gRPC code and a sentence for people.

use std::error::Error as _;

use serde::Serialize;
use tonic::{Code, Status};
use warp::http::{HeaderValue, StatusCode, header};
use warp::reply::Response;

use crate::body::BodyError;
use crate::json;

/// An answer that says why not; as JSON `{"code", "error"}`.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ApiError {
    #[serde(skip)]
    status: StatusCode,
    /// Seconds until it may be tried again.
    #[serde(skip)]
    retry_after: Option<u64>,
    code: &'static str,
    error: String,
}

impl ApiError {
    pub(super) fn invalid(error: impl Into<String>) -> Self {
        Self::of(Code::InvalidArgument, error)
    }

    pub(super) fn precondition(error: impl Into<String>) -> Self {
        Self::of(Code::FailedPrecondition, error)
    }

    pub(super) fn not_found(error: impl Into<String>) -> Self {
        Self::of(Code::NotFound, error)
    }

    pub(super) fn unauthenticated(error: impl Into<String>) -> Self {
        let status = StatusCode::UNAUTHORIZED;
        Self { status, ..Self::of(Code::Unauthenticated, error) }
    }

    pub(super) fn forbidden(error: impl Into<String>) -> Self {
        let status = StatusCode::FORBIDDEN;
        Self { status, ..Self::of(Code::PermissionDenied, error) }
    }

    pub(super) fn media_type(wanted: &str) -> Self {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let error = format!("The body must be, and content-type say so: {wanted}.");
        Self { status, ..Self::of(Code::InvalidArgument, error) }
    }

    pub(super) fn too_large(error: impl Into<String>) -> Self {
        Self::of(Code::ResourceExhausted, error)
    }

    pub(super) fn unavailable(error: impl Into<String>) -> Self {
        Self::of(Code::Unavailable, error)
    }

    /// What was to be sent didn't come.
    pub(super) fn too_slow(error: impl Into<String>) -> Self {
        Self { status: StatusCode::REQUEST_TIMEOUT, ..Self::of(Code::DeadlineExceeded, error) }
    }

    pub(super) fn method(error: impl Into<String>) -> Self {
        Self { status: StatusCode::METHOD_NOT_ALLOWED, ..Self::of(Code::Unimplemented, error) }
    }

    /// For what a session's end has ended.
    pub(super) fn session_over() -> Self {
        Self::unauthenticated("The session is over: enter the PIN.")
    }

    pub(super) fn too_many_attempts(seconds: u64) -> Self {
        let error = format!("There were too many attempts; try again in {seconds} seconds.");
        let status = StatusCode::TOO_MANY_REQUESTS;
        Self { status, retry_after: Some(seconds), ..Self::of(Code::ResourceExhausted, error) }
    }

    pub(super) fn internal(error: impl Into<String>) -> Self {
        Self::of(Code::Internal, error)
    }

    /// A service's `code`. UNAUTHENTICATED and PERMISSION_DENIED are not among those
    /// that have a status of their own: they would be the mirror's fault, and no
    /// PIN helps.
    fn of(code: Code, error: impl Into<String>) -> Self {
        let status = match code {
            Code::InvalidArgument => StatusCode::BAD_REQUEST,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::AlreadyExists | Code::FailedPrecondition | Code::Aborted => StatusCode::CONFLICT,
            Code::ResourceExhausted => StatusCode::PAYLOAD_TOO_LARGE,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        };
        Self { status, retry_after: None, code: name(code), error: error.into() }
    }

    /// A wrong PIN of somebody who is in: 401 would say that the session is over.
    pub(super) fn in_a_session(self) -> Self {
        if self.status == StatusCode::UNAUTHORIZED { Self::forbidden(self.error) } else { self }
    }

    pub(super) fn reply(&self) -> Response {
        let mut answer = json::answer(self.status, self);
        if let Some(seconds) = self.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

impl From<Status> for ApiError {
    fn from(status: Status) -> Self {
        // What comes from this side of the line is about the line.
        if status.source().is_some() {
            tracing::debug!(error = %status, "Service not reached");
            let error = "A service that this needs is away; it is tried again by itself.";
            return Self::of(Code::Unavailable, error);
        }
        Self::of(status.code(), status.message())
    }
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        let text = error.to_string();
        match error {
            BodyError::TooLarge(_) => Self::too_large(text),
            BodyError::TooSlow => Self::too_slow(text),
            BodyError::BrokenOff => Self::invalid(text),
        }
    }
}

fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_refusal_keeps_its_code_and_words() {
        for (code, status) in [
            (Code::InvalidArgument, 400),
            (Code::NotFound, 404),
            (Code::AlreadyExists, 409),
            (Code::FailedPrecondition, 409),
            (Code::Aborted, 409),
            (Code::ResourceExhausted, 413),
            (Code::Unavailable, 503),
            (Code::Internal, 502),
            (Code::Unauthenticated, 502),
            (Code::PermissionDenied, 502),
        ] {
            let error = ApiError::from(Status::new(code, "name: too long"));
            assert_eq!(error.reply().status(), status, "{code:?}");
            let json = serde_json::to_value(&error).unwrap();
            assert_eq!(json["error"], "name: too long");
            assert_eq!(json.as_object().unwrap().len(), 2);
        }
        assert_eq!(ApiError::from(Status::already_exists("")).code, "ALREADY_EXISTS");
    }

    #[test]
    fn a_body_that_can_not_be_had_is_the_callers_fault() {
        for (error, status, code) in [
            (BodyError::TooLarge(4), 413, "RESOURCE_EXHAUSTED"),
            (BodyError::TooSlow, 408, "DEADLINE_EXCEEDED"),
            (BodyError::BrokenOff, 400, "INVALID_ARGUMENT"),
        ] {
            let error = ApiError::from(error);
            assert_eq!((error.reply().status().as_u16(), error.code), (status, code));
        }
    }

    #[test]
    fn who_has_to_wait_is_told_how_long() {
        let answer = ApiError::too_many_attempts(7).reply();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["retry-after"]),
            (429, &"7".parse().unwrap())
        );
    }
}
