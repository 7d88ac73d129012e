//! What can't be answered is told as JSON.

use crate::support::{Others, Ui};

#[tokio::test]
async fn a_services_refusal_is_passed_on() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    for (method, path, body, status, code, part) in [
        ("POST", "/api/labels", r#"{"name":"Sun hat"}"#, 409, "ALREADY_EXISTS", "is called Sun hat"),
        ("PATCH", "/api/labels/99", "{}", 404, "NOT_FOUND", "no label 99"),
        ("GET", "/api/samples/99/picture", "", 404, "NOT_FOUND", "no sample 99"),
        ("GET", "/api/samples/72/picture", "", 404, "NOT_FOUND", "no picture"),
        ("POST", "/api/labels/99/capture", r#"{"count":1}"#, 404, "NOT_FOUND", "no label 99"),
        ("POST", "/api/models/select", r#"{"model_id":"broken"}"#, 409, "FAILED_PRECONDITION", "self-test"),
        ("GET", "/api/absent", "", 404, "NOT_FOUND", "GET /api/absent"),
    ] {
        let refused = ui.call(method, path, &cookie, body).await;
        assert_eq!((refused.status(), refused.error().as_str()), (status, code), "{method} {path}");
        assert!(refused.text().contains(part), "{}", refused.text());
        assert_eq!(refused.header("cache-control"), Some("no-store"));
    }
    ui.stop().await;
}

#[tokio::test]
async fn a_bad_body_is_told_what_is_wrong() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(17 * 1024));
    for (body, status, code, part) in [
        ("", 400, "INVALID_ARGUMENT", "EOF"),
        ("[]", 400, "INVALID_ARGUMENT", "not what is needed"),
        ("{}", 400, "INVALID_ARGUMENT", "missing field `name`"),
        (r#"{"name":"Cap","kind":"HAT"}"#, 400, "INVALID_ARGUMENT", "unknown variant `HAT`"),
        (r#"{"name":"Cap","nmae":"Hat"}"#, 400, "INVALID_ARGUMENT", "unknown field `nmae`"),
        (&long, 413, "RESOURCE_EXHAUSTED", "16384 bytes"),
    ] {
        let refused = ui.call("POST", "/api/labels", &cookie, body).await;
        assert_eq!((refused.status(), refused.error().as_str()), (status, code), "{body}");
        assert!(refused.text().contains(part), "{}", refused.text());
    }
    assert!(ui.recommender.requests.lock().unwrap().is_empty());
    ui.stop().await;
}

#[tokio::test]
async fn services_that_are_away_are_503() {
    let ui = Ui::boot(Others::Away).await;
    let cookie = ui.enter().await;
    for (method, path, body) in [
        ("GET", "/api/labels", ""),
        ("POST", "/api/labels/7/capture", r#"{"count":1}"#),
        ("GET", "/api/export", ""),
        ("GET", "/api/models", ""),
        ("POST", "/api/undo", ""),
    ] {
        let refused = ui.call(method, path, &cookie, body).await;
        assert_eq!((refused.status(), refused.error().as_str()), (503, "UNAVAILABLE"), "{method} {path}");
    }
    ui.stop().await;
}
