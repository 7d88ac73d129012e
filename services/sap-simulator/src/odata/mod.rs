//! What the OData V2 services have in common: envelope, literals, dates and
//! errors.

pub(crate) mod filter;

use std::time::{Duration, SystemTime};

use prost_types::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;
use warp::http::StatusCode;
use warp::http::header::{HeaderName, WWW_AUTHENTICATE};

use crate::answer::{Answer, Content};
use crate::request::Request;
use crate::table::millis;

/// Why a request isn't served.
pub(crate) enum Refusal {
    /// With an OData error as the body.
    Error { status: StatusCode, code: &'static str, message: String },
    /// In words of its own.
    Plain(Box<Answer>),
}

pub(crate) fn refused(status: StatusCode, code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::Error { status, code, message: message.into() }
}

pub(crate) fn bad(message: impl Into<String>) -> Refusal {
    refused(StatusCode::BAD_REQUEST, "SY/530", message)
}

/// The service has no such set or function.
pub(crate) fn unknown_set(name: &str) -> Refusal {
    let message = format!("Resource not found for segment '{name}'");
    refused(StatusCode::BAD_REQUEST, "/IWFND/CM_MGW/051", message)
}

pub(crate) fn not_found(message: impl Into<String>) -> Refusal {
    refused(StatusCode::NOT_FOUND, "/IWBEP/CM_MGW_RT/020", message)
}

pub(crate) fn wrong_method(request: &Request) -> Refusal {
    let message = format!("Method {} is not allowed here", request.method);
    refused(StatusCode::METHOD_NOT_ALLOWED, "/IWFND/CM_MGW/052", message)
}

/// The gateway has no such service, or nobody activated it.
pub(crate) fn unknown_service(name: &str) -> Refusal {
    let message = format!("No service found for namespace '', name '{name}', version '0001'");
    refused(StatusCode::FORBIDDEN, "/IWFND/MED/170", message)
}

pub(crate) fn logon_failed() -> Refusal {
    let page = "<html><head><title>Logon Error Message</title></head><body>\
        <p>Anmeldung fehlgeschlagen / Logon failed (simulator)</p></body></html>";
    let answer = Answer::new(StatusCode::UNAUTHORIZED, "text/html;charset=utf-8", Content::Text(page.into()));
    let realm = "Basic realm=\"SAP NetWeaver Application Server [SIM/100] (simulator)\"";
    Refusal::Plain(Box::new(answer.with(WWW_AUTHENTICATE, realm)))
}

/// What goes out for `result`; errors name `service`.
pub(crate) fn answer(result: Result<Answer, Refusal>, request: &Request, service: &str) -> Answer {
    let version = HeaderName::from_static("dataserviceversion");
    match result {
        Ok(answer) => answer,
        Err(Refusal::Plain(answer)) => *answer,
        Err(Refusal::Error { status, code, message }) => error(request, service, status, code, &message),
    }
    .with(version, "2.0")
}

/// An OData error, as JSON or, for who doesn't ask for JSON, as XML.
pub(crate) fn error(
    request: &Request,
    service: &str,
    status: StatusCode,
    code: &str,
    message: &str,
) -> Answer {
    if wants_xml(request) {
        return xml_error(status, code, message);
    }
    let now = Timestamp::from(SystemTime::now());
    let seconds: String =
        Timestamp { nanos: 0, ..now }.to_string().replace(|c: char| !c.is_ascii_digit(), "");
    let body = json!({"error": {
        "code": code,
        "message": {"lang": "en", "value": message},
        "innererror": {
            "application": {
                "component_id": "CEC-MKT",
                "service_namespace": "/SAP/",
                "service_id": service,
                "service_version": "0001",
            },
            "transactionid": Uuid::new_v4().simple().to_string().to_uppercase(),
            "timestamp": format!("{seconds}.{:07}", now.nanos / 100),
            "Error_Resolution": {"SAP_Transaction": "", "SAP_Note": ""},
            "errordetails": [
                {"code": code, "message": message, "propertyref": "", "severity": "error", "target": ""},
            ],
        },
    }});
    Answer::json(status, body)
}

pub(crate) fn xml_error(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <error xmlns=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\">\
         <code>{}</code><message xml:lang=\"en\">{}</message></error>",
        escaped(code),
        escaped(message),
    );
    Answer::new(status, "application/xml;charset=utf-8", Content::Text(body.into()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// XML is what a gateway speaks unless asked otherwise.
fn wants_xml(request: &Request) -> bool {
    match request.header("accept") {
        _ if request.param("$format").as_deref() == Some("json") => false,
        None => true,
        Some(accept) => accept.contains("xml") && !accept.contains("json"),
    }
}

/// The list form of the envelope.
pub(crate) fn list(items: Vec<Value>) -> Answer {
    Answer::json(StatusCode::OK, json!({"d": {"results": items}}))
}

/// Where the entity `path` of `service` is, for `__metadata` and `__deferred`.
pub(crate) fn uri(request: &Request, service: &str, path: &str) -> String {
    format!("{}/sap/opu/odata/sap/{service}/{path}", request.base_url())
}

/// `'O''Neill'`, without the quotes.
pub(crate) fn string_literal(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let halves = inner.replace("''", "");
    (!halves.contains('\'')).then(|| inner.replace("''", "'"))
}

/// The query parameter `name`, a string literal.
pub(crate) fn string_param(request: &Request, name: &str) -> Result<Option<String>, Refusal> {
    let Some(text) = request.param(name) else { return Ok(None) };
    let value =
        string_literal(&text).ok_or_else(|| bad(format!("Invalid string literal for {name}: {text}")))?;
    Ok(Some(value))
}

/// `Edm.DateTimeOffset` of the moment `ahead` from now.
pub(crate) fn date_ahead(ahead: Duration) -> String {
    format!("/Date({}+0000)/", millis(SystemTime::now() + ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_literals() {
        assert_eq!(string_literal("'a''b'").as_deref(), Some("a'b"));
        assert_eq!(string_literal("''").as_deref(), Some(""));
        for wrong in ["a", "'a", "a'", "'a'b'", "'", "'''"] {
            assert_eq!(string_literal(wrong), None, "{wrong}");
        }
    }
}
