//! OData version 2 as SAP speaks it: reading what servers send, in all the forms
//! that versions of the protocol allow, and writing literals.

use std::time::{Duration, SystemTime};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::http::Reply;

/// What may stand in a query as it is.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Of an error that is no OData, so much is quoted.
const MAX_QUOTED: usize = 160;

/// The entity or the list of an answer, without its wrapper `d`.
///
/// # Errors
/// When it is no JSON, or nested deeper than any answer is.
pub fn read(reply: &Reply) -> Result<Value, String> {
    let mut value: Value = serde_json::from_slice(&reply.body).map_err(|error| {
        let start = String::from_utf8_lossy(&reply.body[..reply.body.len().min(40)]).trim().to_owned();
        match start.as_str() {
            "" => "the answer is empty".to_owned(),
            html if html.starts_with('<') => "the answer is a web page or XML, not JSON".to_owned(),
            _ => format!("the answer is no JSON: {error}"),
        }
    })?;
    Ok(match value.get_mut("d") {
        Some(inner) => inner.take(),
        None => value,
    })
}

/// A list: `{"results": [...]}` or a bare array. A collection that was not
/// expanded, or is not there, is empty.
#[must_use]
pub fn list(value: &Value) -> &[Value] {
    some_list(value).unwrap_or_default()
}

/// The same where a list has to be: an empty one is an answer, none is a
/// mistake.
#[must_use]
pub fn some_list(value: &Value) -> Option<&[Value]> {
    value.get("results").unwrap_or(value).as_array().map(Vec::as_slice)
}

/// The field as text; a number as it is written, "" for what is neither.
#[must_use]
pub fn text(value: &Value, field: &str) -> String {
    match value.get(field) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The field as a number, also when it is written as text.
#[must_use]
pub fn number(value: &Value, field: &str) -> Option<f64> {
    text(value, field).parse().ok().filter(|number: &f64| number.is_finite())
}

/// A point in time: `/Date(ms)/`, `/Date(ms+oooo)/` (the offset only says how to
/// display it) or ISO 8601.
#[must_use]
pub fn time(text: &str) -> Option<SystemTime> {
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        let end = inner.get(1..)?.find(['+', '-']).map_or(inner.len(), |place| place + 1);
        let millis: i64 = inner[..end].parse().ok()?;
        let since = Duration::from_millis(u64::try_from(millis).ok()?);
        return SystemTime::UNIX_EPOCH.checked_add(since);
    }
    let zoned = if text.ends_with('Z') || text.rfind(['+', '-']).is_some_and(|place| place > 10) {
        text.to_owned()
    } else {
        format!("{text}Z")
    };
    SystemTime::try_from(zoned.parse::<prost_types::Timestamp>().ok()?).ok()
}

/// `time` as `/Date(ms)/`.
#[must_use]
pub fn json_time(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("/Date({})/", since.as_millis())
}

/// `time` as a literal of a URL, encoded: `datetimeoffset'2026-01-01T10:00:00Z'`.
#[must_use]
pub fn time_literal(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    let whole = prost_types::Timestamp { seconds, nanos: 0 };
    format!("datetimeoffset{}", encode(&format!("'{whole}'")))
}

/// A string literal of a URL, encoded: in single quotes, those inside doubled.
#[must_use]
pub fn literal(text: &str) -> String {
    encode(&quoted(text))
}

/// A string literal: in single quotes, those inside doubled.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Percent-encoded for a query.
#[must_use]
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}

/// What an error answer says: its code and its message, from JSON, from XML, or
/// the start of the text.
#[must_use]
pub fn error_text(reply: &Reply) -> (String, String) {
    let body = String::from_utf8_lossy(&reply.body[..reply.body.len().min(16 * 1024)]);
    if let Ok(value) = serde_json::from_slice::<Value>(&reply.body)
        && let Some(error) = value.get("error")
    {
        let message = error.get("message").map_or_else(String::new, |message| match message {
            Value::String(text) => text.clone(),
            _ => text(message, "value"),
        });
        return (text(error, "code"), short(&message));
    }
    match (element(&body, "code"), element(&body, "message")) {
        (None, None) if body.trim_start().starts_with('<') => (String::new(), "a web page".to_owned()),
        (None, None) => (String::new(), short(&body)),
        (code, message) => (code.unwrap_or_default(), short(&message.unwrap_or_default())),
    }
}

/// The text of the first XML element of this name. The error format is fixed
/// and flat; anything else is not found, which does no harm.
fn element(xml: &str, name: &str) -> Option<String> {
    let start = xml.find(&format!("<{name}"))?;
    let inner = &xml[start..][xml[start..].find('>')? + 1..];
    let text = &inner[..inner.find(&format!("</{name}"))?];
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(plain.iter().fold(text.trim().to_owned(), |text, (entity, plain)| text.replace(entity, plain)))
}

fn short(text: &str) -> String {
    let mut line: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect();
    if let Some((end, _)) = line.char_indices().nth(MAX_QUOTED) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::json;

    use super::*;

    fn reply(body: impl Into<Vec<u8>>) -> Reply {
        Reply { status: StatusCode::OK, headers: Default::default(), body: body.into() }
    }

    #[test]
    fn wrappers_may_be_there_or_not() {
        for body in [r#"{"d":{"results":[1,2]}}"#, r#"{"d":[1,2]}"#, r#"{"results":[1,2]}"#, "[1,2]"] {
            assert_eq!(list(&read(&reply(body)).unwrap()).len(), 2, "{body}");
        }
        for body in [r#"{"d":{"__deferred":{"uri":"x"}}}"#, r#"{"d":null}"#, "7"] {
            assert!(list(&read(&reply(body)).unwrap()).is_empty(), "{body}");
        }
    }

    #[test]
    fn what_is_no_json_says_what_it_is() {
        let deep = "[".repeat(100_000);
        for (body, part) in [
            ("", "empty"),
            ("<html><body>Login", "a web page"),
            ("{\"d\":", "EOF"),
            (&*deep, "recursion limit"),
        ] {
            let error = read(&reply(body)).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn numbers_may_be_text_and_text_numbers() {
        let value = json!({"a": "0.81000", "b": 0.5, "c": "x", "d": 12, "e": "NaN"});
        assert_eq!((number(&value, "a"), number(&value, "b")), (Some(0.81), Some(0.5)));
        assert_eq!((number(&value, "c"), number(&value, "f"), number(&value, "e")), (None, None, None));
        assert_eq!(text(&value, "d"), "12");
    }

    #[test]
    fn all_forms_of_a_date_are_one_point_in_time() {
        let then = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_225_600_000);
        for text in [
            "/Date(1767225600000)/",
            "/Date(1767225600000+0000)/",
            "/Date(1767225600000-0480)/",
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00:00+01:00",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.000Z",
        ] {
            assert_eq!(time(text), Some(then), "{text}");
        }
        for text in
            ["", "/Date()/", "/Date(x)/", "/Date(-1)/", "tomorrow", "/Date(99999999999999999999)/", "é"]
        {
            assert_eq!(time(text), None, "{text}");
        }
        assert_eq!(json_time(then), "/Date(1767225600000)/");
        assert_eq!(time_literal(then), "datetimeoffset%272026-01-01T00%3A00%3A00Z%27");
    }

    #[test]
    fn literals_can_not_be_left() {
        assert_eq!(literal("O'Neill & Söhne"), "%27O%27%27Neill%20%26%20S%C3%B6hne%27");
    }

    #[test]
    fn errors_are_read_from_json_xml_and_text() {
        let json =
            r#"{"error":{"code":"SY/530","message":{"lang":"en","value":"Scenario FOO does not exist"}}}"#;
        let xml = r#"<?xml version="1.0"?><error xmlns="x"><code>/IWFND/MED/170</code>
            <message xml:lang="en">No service &amp; no
            name</message></error>"#;
        let long = "x".repeat(1000);
        for (body, code, message) in [
            (json, "SY/530", "Scenario FOO does not exist"),
            (xml, "/IWFND/MED/170", "No service & no name"),
            (r#"{"error":{"code":"1","message":"plain"}}"#, "1", "plain"),
            ("CSRF token validation failed", "", "CSRF token validation failed"),
            ("<html><h1>Oops", "", "a web page"),
        ] {
            assert_eq!(error_text(&reply(body)), (code.to_owned(), message.to_owned()));
        }
        assert!(error_text(&reply(long)).1.chars().count() <= MAX_QUOTED + 1);
    }

    proptest::proptest! {
        #[test]
        fn nothing_a_server_sends_makes_it_panic(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200), text in ".{0,40}") {
            let reply = reply(body);
            let _ = read(&reply).map(|value| list(&value).len());
            let _ = error_text(&reply);
            let _ = time(&text);
        }
    }
}
