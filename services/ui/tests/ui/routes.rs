//! All routes below `/api/`, and who may ask.

use hyper::Request;

use crate::support::{Others, Ui};

/// Each with a body that it takes, and the status of a good answer.
const ROUTES: [(&str, &str, &str, u16); 27] = [
    ("GET", "/api/labels", "", 200),
    ("POST", "/api/labels", r#"{"name":"Cap"}"#, 200),
    ("PATCH", "/api/labels/7", r#"{"name":"Cap"}"#, 200),
    ("DELETE", "/api/labels/7", "", 200),
    ("GET", "/api/labels/7/recommendations?lang=de", "", 200),
    ("GET", "/api/labels/7/samples?page_token=", "", 200),
    // This one ends by itself.
    ("POST", "/api/labels/8/capture", r#"{"count":5}"#, 200),
    ("GET", "/api/samples/71/picture", "", 200),
    ("POST", "/api/samples/71/move", r#"{"label_id":8}"#, 200),
    ("DELETE", "/api/samples/71", "", 204),
    ("POST", "/api/verdicts/samples", r#"{"verdict_ids":[11],"label_id":7}"#, 200),
    ("GET", "/api/changes", "", 200),
    ("POST", "/api/undo", "", 200),
    ("POST", "/api/purge", "{}", 200),
    ("GET", "/api/evaluation", "", 200),
    ("GET", "/api/gallery", "", 200),
    ("GET", "/api/export", "", 200),
    ("POST", "/api/import", "PK", 200),
    ("GET", "/api/models", "", 200),
    ("POST", "/api/models/select", r#"{"model_id":"mobilenet"}"#, 200),
    ("GET", "/api/cameras", "", 200),
    ("POST", "/api/cameras/select", r#"{"camera_id":"auto"}"#, 200),
    // What needs more than a table: see the other files.
    ("GET", "/api/teach", "", 0),
    ("PUT", "/api/pin", "{}", 400),
    ("GET", "/api/absent", "", 404),
    ("POST", "/api/labels/7", "{}", 404),
    ("GET", "/api/labels/hat/samples", "", 404),
];

fn media_type(path: &str) -> &'static str {
    if path == "/api/import" { "application/zip" } else { "application/json" }
}

fn request(method: &str, path: &str) -> hyper::http::request::Builder {
    Request::builder().method(method).uri(path).header("content-type", media_type(path))
}

#[tokio::test]
async fn without_a_session_nothing_is_answered() {
    let ui = Ui::boot(Others::Running).await;
    for (method, path, body, _) in ROUTES {
        for cookie in ["", "mirror_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let refused = ui.send(request(method, path).header("cookie", cookie), body).await;
            assert_eq!(
                (refused.status(), refused.error().as_str()),
                (401, "UNAUTHENTICATED"),
                "{method} {path}"
            );
        }
    }
    assert!(ui.recommender.requests.lock().unwrap().is_empty());
    assert!(ui.inference.selected.lock().unwrap().is_empty());
    ui.stop().await;
}

#[tokio::test]
async fn in_a_session_everything_is_answered() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    for (method, path, body, status) in ROUTES.into_iter().filter(|(.., status)| *status != 0) {
        let answer = ui.send(request(method, path).header("cookie", &cookie), body).await;
        assert_eq!(answer.status(), status, "{method} {path}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{method} {path}");
        if status == 204 {
            continue;
        }
        let media_type = answer.header("content-type").unwrap();
        let expected = match path {
            "/api/labels/8/capture" => "application/x-ndjson",
            "/api/samples/71/picture" => "image/jpeg",
            "/api/export" => "application/zip",
            _ => "application/json",
        };
        assert_eq!(media_type, expected, "{method} {path}");
    }
    ui.stop().await;
}

#[tokio::test]
async fn pages_from_elsewhere_may_ask_for_nothing() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let mut tried = 0;
    for (method, path, body, _) in ROUTES {
        for (name, value) in [("origin", "http://elsewhere"), ("sec-fetch-site", "same-site")] {
            let request = request(method, path).header("cookie", &cookie).header(name, value);
            let refused = ui.send(request, body).await;
            assert_eq!(
                (refused.status(), refused.error().as_str()),
                (403, "PERMISSION_DENIED"),
                "{method} {path}"
            );
        }
        tried += 1;
    }
    assert!(tried == ROUTES.len() && ui.recommender.requests.lock().unwrap().is_empty());
    ui.stop().await;
}

#[tokio::test]
async fn what_can_be_asked_for_can_be_asked_about() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    // Without content-type, as they have no body.
    let ask = |method: &str, path: &str| {
        ui.send(Request::builder().method(method).uri(path).header("cookie", &cookie), "")
    };
    let pages =
        ["/", "/preview.jpg", "/pictures/hat.webp", "/samples/71", "/story", "/report", "/diagnostics"];
    let health = ["/livez", "/readyz", "/metrics", "/api/session"];
    let inside = ROUTES.into_iter().filter(|(method, _, _, status)| *method == "GET" && *status == 200);
    for path in pages.into_iter().chain(health).chain(inside.map(|(_, path, ..)| path)) {
        let head = ask("HEAD", path).await;
        assert!(head.status() == 200 && head.body.is_empty(), "{path}: {}", head.status());
        let get = ask("GET", path).await;
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
    for path in ["/events", "/recognitions", "/space/events", "/api/teach", "/interactions"] {
        assert_eq!(ask("HEAD", path).await.status(), 405, "{path}");
    }
    assert_eq!(*ui.recommender.open.borrow(), 0);
    assert_eq!(ask("HEAD", "/api/undo").await.status(), 404);
    assert_eq!(ask("DELETE", "/api/samples/71").await.status(), 204);
    ui.stop().await;
}

#[tokio::test]
async fn a_body_has_to_say_what_it_is() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let bodies = ROUTES.into_iter().filter(|(method, ..)| matches!(*method, "POST" | "PUT" | "PATCH"));
    for (method, path, body, _) in bodies {
        for media_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
            let request = Request::builder().method(method).uri(path).header("cookie", &cookie);
            let refused = ui.send(request.header("content-type", media_type), body).await;
            assert_eq!(
                (refused.status(), refused.error().as_str()),
                (415, "INVALID_ARGUMENT"),
                "{method} {path}"
            );
        }
    }
    assert!(ui.recommender.requests.lock().unwrap().is_empty());
    ui.stop().await;
}

/// Every `METHOD /api/...` that docs/http.md promises is in the table.
#[test]
fn the_table_has_what_is_documented() {
    let promised = include_str!("../../../../docs/http.md");
    let mut found = 0;
    for row in promised.lines().filter(|row| row.starts_with("| `")) {
        let Some((method, rest)) = row[3..].split_once(" /api/") else { continue };
        let path = rest.split(['`', '?', ' ', ',']).next().unwrap();
        let at_the_door = path == "session" || (method, path) == ("POST", "pin");
        let known = ROUTES.iter().any(|(known, at, ..)| {
            let at = at.split('?').next().unwrap().trim_start_matches("/api/");
            let ids = at.split('/').map(|part| if part.parse::<i64>().is_ok() { "ID" } else { part });
            *known == method && ids.collect::<Vec<_>>().join("/") == path
        });
        assert!(known || at_the_door, "{method} /api/{path}");
        found += 1;
    }
    assert!(found > 25, "{found}");
}
