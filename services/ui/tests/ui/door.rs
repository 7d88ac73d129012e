//! The PIN, and sessions.

use std::io::Write as _;
use std::process::{Command, Stdio};

use hyper::Request;
use serde_json::json;

use crate::support::{Answer, Others, PIN, Ui};

async fn state(ui: &Ui, cookie: &str) -> serde_json::Value {
    ui.call("GET", "/api/session", cookie, "").await.json()
}

async fn try_pin(ui: &Ui, pin: &str) -> u16 {
    ui.call("POST", "/api/session", "", &json!({"pin": pin}).to_string()).await.status()
}

#[tokio::test]
async fn the_first_pin_is_set_with_the_code_from_the_log() {
    let ui = Ui::start(tempfile::tempdir().unwrap(), Others::Away, &[]).await;
    assert_eq!(state(&ui, "").await, json!({"state": "SETUP", "managed": false}));
    let code = ui.code().unwrap();
    let set = |code: &str, pin: &str| json!({"code": code, "pin": pin}).to_string();

    let wrong = ui.call("POST", "/api/pin", "", &set("AAAAAAAA", "161803")).await;
    assert_eq!((wrong.status(), wrong.error().as_str()), (401, "UNAUTHENTICATED"));
    let short = ui.call("POST", "/api/pin", "", &set(&code, "12345")).await;
    assert_eq!((short.status(), short.error().as_str()), (400, "INVALID_ARGUMENT"));
    let early = ui.call("POST", "/api/session", "", r#"{"pin":"161803"}"#).await;
    assert_eq!((early.status(), early.error().as_str()), (409, "FAILED_PRECONDITION"));
    let taken = ui.call("POST", "/api/pin", "", &set(&code, "161803")).await;
    assert_eq!((taken.status(), taken.body.len()), (204, 0));
    let cookie = taken.cookie().unwrap();
    assert_eq!(state(&ui, &cookie).await["state"], "OPEN");
    assert_eq!(state(&ui, "").await["state"], "LOCKED");
    let again = ui.call("POST", "/api/pin", "", &set(&code, "271828")).await;
    assert_eq!((again.status(), again.error().as_str()), (409, "FAILED_PRECONDITION"));
    assert!(!ui.log().contains("161803"));

    let ui = ui.restart().await;
    assert_eq!((state(&ui, &cookie).await["state"].as_str(), ui.code()), (Some("LOCKED"), None));
    assert_eq!(try_pin(&ui, "161803").await, 204);

    std::fs::remove_file(ui.dir.path().join("data").join("pin")).unwrap();
    let ui = ui.restart().await;
    assert_eq!(state(&ui, "").await["state"], "SETUP");
    assert_ne!(ui.code().unwrap(), code);
    ui.stop().await;
}

#[tokio::test]
async fn a_pin_that_can_not_be_kept_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    // Nothing can be made below a file, whoever tries.
    std::fs::write(dir.path().join("data"), "").unwrap();
    let ui = Ui::start(dir, Others::Away, &[]).await;
    assert_eq!(state(&ui, "").await["state"], "SETUP");
    let body = json!({"code": ui.code().unwrap(), "pin": "161803"}).to_string();
    let refused = ui.call("POST", "/api/pin", "", &body).await;
    assert_eq!((refused.status(), refused.error().as_str()), (502, "INTERNAL"));
    assert!(refused.text().contains("can't be kept") && refused.text().contains("MIRROR_DATA_DIR"));
    assert_eq!(state(&ui, "").await["state"], "SETUP");
    ui.stop().await;
}

#[tokio::test]
async fn the_cookie_is_strict_and_renewed() {
    let ui = Ui::boot(Others::Away).await;
    let entered = ui.call("POST", "/api/session", "", &json!({"pin": PIN}).to_string()).await;
    let set_cookie = entered.header("set-cookie").unwrap();
    for part in ["mirror_session=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"] {
        assert!(set_cookie.contains(part), "{set_cookie}");
    }
    let asked = ui.call("GET", "/api/session", &entered.cookie().unwrap(), "").await;
    assert_eq!(asked.header("set-cookie"), Some(set_cookie));
    assert_eq!(ui.get("/api/session").await.header("set-cookie"), None);
    ui.stop().await;
}

#[tokio::test]
async fn a_wrong_pin_opens_nothing() {
    let ui = Ui::boot(Others::Away).await;
    let wrong = ui.call("POST", "/api/session", "", r#"{"pin":"guessed"}"#).await;
    assert_eq!((wrong.status(), wrong.error().as_str()), (401, "UNAUTHENTICATED"));
    assert_eq!(wrong.header("set-cookie"), None);
    for body in ["", "{}", r#"{"pin":161803}"#, r#"{"pin":"geheim","more":1}"#] {
        let bad = ui.call("POST", "/api/session", "", body).await;
        assert_eq!((bad.status(), bad.error().as_str()), (400, "INVALID_ARGUMENT"), "{body}");
    }
    ui.stop().await;
}

#[tokio::test]
async fn a_session_can_be_ended() {
    let ui = Ui::boot(Others::Running).await;
    let (cookie, other) = (ui.enter().await, ui.enter().await);
    let ended = ui.call("DELETE", "/api/session", &cookie, "").await;
    assert!(ended.status() == 204 && ended.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(ui.call("GET", "/api/labels", &cookie, "").await.status(), 401);
    assert_eq!(ui.call("GET", "/api/labels", &other, "").await.status(), 200);
    assert_eq!(ui.call("DELETE", "/api/session", &cookie, "").await.status(), 204);
    ui.stop().await;
}

#[tokio::test]
async fn another_pin_ends_all_other_sessions() {
    let ui = with_pin().await;
    let (cookie, other) = (ui.enter().await, ui.enter().await);
    let change = |pin: &str, new: &str| json!({"pin": pin, "new_pin": new}).to_string();

    let stranger = ui.call("PUT", "/api/pin", "", &change(PIN, "161803")).await;
    assert_eq!(stranger.status(), 401);
    let wrong = ui.call("PUT", "/api/pin", &cookie, &change("guessed", "161803")).await;
    assert_eq!((wrong.status(), wrong.error().as_str()), (403, "PERMISSION_DENIED"));
    assert_eq!(ui.call("GET", "/api/labels", &cookie, "").await.status(), 200);

    let changed = ui.call("PUT", "/api/pin", &cookie, &change(PIN, "161803")).await;
    assert_eq!(changed.status(), 204);
    let new = changed.cookie().unwrap();
    for (cookie, status) in [(&cookie, 401), (&other, 401), (&new, 200)] {
        assert_eq!(ui.call("GET", "/api/labels", cookie, "").await.status(), status);
    }
    assert_eq!((try_pin(&ui, "161803").await, try_pin(&ui, PIN).await), (204, 429));
    ui.stop().await;
}

#[tokio::test]
async fn the_program_makes_a_hash_that_the_operator_can_set() {
    let program = |input: &'static str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_mirror-ui"));
        let program =
            program.arg("hash-pin").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = program.spawn().unwrap();
        running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        running.wait_with_output().unwrap()
    };
    let refused = program("12345\n");
    assert!(!refused.status.success() && refused.stdout.is_empty());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("6 to 32 characters"));

    let hash = String::from_utf8(program("geheim\n").stdout).unwrap();
    assert!(hash.starts_with("$argon2id$") && hash.lines().count() == 1, "{hash}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hash");
    std::fs::write(&file, hash).unwrap();
    let ui = Ui::start(dir, Others::Away, &["--pin-file", file.to_str().unwrap()]).await;
    assert_eq!((try_pin(&ui, "geheim").await, try_pin(&ui, "geheim\n").await), (204, 401));
    ui.stop().await;
}

#[tokio::test]
async fn the_operators_pin_is_not_changed_here() {
    let ui = Ui::boot(Others::Away).await;
    assert_eq!(state(&ui, "").await, json!({"state": "LOCKED", "managed": true}));
    let cookie = ui.enter().await;
    let body = json!({"pin": PIN, "new_pin": "161803"}).to_string();
    let refused = ui.call("PUT", "/api/pin", &cookie, &body).await;
    assert_eq!((refused.status(), refused.error().as_str()), (409, "FAILED_PRECONDITION"));
    assert!(refused.text().contains("MIRROR_PIN_FILE"));
    assert_eq!(ui.code(), None);
    ui.stop().await;
}

/// With a PIN that can be changed.
async fn with_pin() -> Ui {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    std::fs::write(dir.path().join("data").join("pin"), mirror_ui::hash_pin(PIN).unwrap()).unwrap();
    Ui::start(dir, Others::Running, &[]).await
}

fn assert_refused(refused: &Answer) {
    assert_eq!((refused.status(), refused.error().as_str()), (429, "RESOURCE_EXHAUSTED"));
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=20).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn guessing_is_stopped_wherever_it_is_tried() {
    let ui = with_pin().await;
    let cookie = ui.enter().await;
    for _ in 0..4 {
        assert_eq!(try_pin(&ui, "guessed").await, 401);
    }
    let right = json!({"pin": PIN}).to_string();
    let another = json!({"pin": PIN, "new_pin": "161803"}).to_string();
    for (method, path, body) in [("POST", "/api/session", &right), ("PUT", "/api/pin", &another)] {
        assert_refused(&ui.call(method, path, &cookie, body).await);
    }
    // Who is in stays in.
    assert_eq!(state(&ui, &cookie).await["state"], "OPEN");
    ui.stop().await;

    let ui = Ui::start(tempfile::tempdir().unwrap(), Others::Away, &[]).await;
    let set = |code: &str| json!({"code": code, "pin": "161803"}).to_string();
    for _ in 0..5 {
        assert_eq!(ui.call("POST", "/api/pin", "", &set("AAAAAAAA")).await.status(), 401);
    }
    assert_refused(&ui.call("POST", "/api/pin", "", &set(&ui.code().unwrap())).await);
    ui.stop().await;
}

#[tokio::test]
async fn a_pin_that_is_guessed_first_is_none() {
    let ui = Ui::start(tempfile::tempdir().unwrap(), Others::Away, &[]).await;
    assert_eq!(state(&ui, "").await["state"], "SETUP");
    let code = ui.code().unwrap();
    for pin in ["111111", "123456", "987654"] {
        let body = json!({"code": code, "pin": pin}).to_string();
        let refused = ui.call("POST", "/api/pin", "", &body).await;
        assert_eq!((refused.status(), refused.error().as_str()), (400, "INVALID_ARGUMENT"), "{pin}");
        assert!(refused.text().contains("a run such as") && !refused.text().contains("111111"));
    }
    // None of these was an attempt, nor is what has no PIN to be compared with.
    for _ in 0..5 {
        assert_eq!(try_pin(&ui, "guessed").await, 409);
    }
    let body = json!({"code": code, "pin": "161803"}).to_string();
    assert_eq!(ui.call("POST", "/api/pin", "", &body).await.status(), 204);
    ui.stop().await;
}

#[tokio::test]
async fn the_set_up_code_is_a_warning() {
    let ui = Ui::start(tempfile::tempdir().unwrap(), Others::Away, &[]).await;
    assert_eq!(state(&ui, "").await["state"], "SETUP");
    let log = ui.log();
    let line = log.lines().find(|line| line.contains("Set-up code for /teach")).unwrap();
    assert!(line.contains("WARN") && line.contains("No PIN is set"), "{line}");
    ui.stop().await;
}

#[tokio::test]
async fn other_sites_pages_may_not_try() {
    let ui = Ui::boot(Others::Away).await;
    let body = json!({"pin": PIN}).to_string();
    for (name, value) in [("origin", "http://elsewhere"), ("sec-fetch-site", "cross-site")] {
        let request = Request::post("/api/session").header("content-type", "application/json");
        let refused = ui.send(request.header(name, value), body.clone()).await;
        assert_eq!((refused.status(), refused.error().as_str()), (403, "PERMISSION_DENIED"), "{name}");
    }
    let program = Request::post("/api/session").header("content-type", "application/json");
    assert_eq!(ui.send(program, body).await.status(), 204);
    ui.stop().await;
}
