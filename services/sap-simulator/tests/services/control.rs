//! The page and what it asks for.

use mirror_sap_simulator::BodyFault;
use serde_json::json;

use super::*;

impl Fixture {
    async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(method, &format!("/simulator/api/{path}"));
        request.header("content-type", "application/json").body(body.to_string()).reply(&self.routes).await
    }

    async fn state(&self) -> Value {
        body(&self.visit("/simulator/api/state").await)
    }
}

fn edit(results: &[&str]) -> Value {
    json!({
        "scenario": "MIRROR_TRIGGER", "leading_type": "SAP_HYBRIS_PRODUCT", "leading_id": "MUG-001",
        "results": results, "who": "Ada",
    })
}

#[tokio::test]
async fn the_page_says_that_it_is_a_simulator_and_runs_nothing_from_elsewhere() {
    let shop = Fixture::new();
    let page = shop.visit("/").await;
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self';"));
    let text = String::from_utf8_lossy(page.body()).into_owned();
    assert!(text.contains("<title>Simulator") && text.contains("not an SAP product"));
    assert!(!text.contains("style=") && !text.contains("onclick="));
    for (part, kind) in
        [("main.js", "text/javascript"), ("page.css", "text/css"), ("icon.svg", "image/svg+xml")]
    {
        let file = shop.visit(&format!("/page/{part}")).await;
        assert!(text.contains(&format!("/page/{part}")) && file.status() == 200, "{part}");
        assert!(file.headers()["content-type"].to_str().unwrap().starts_with(kind), "{:?}", file.headers());
    }
    assert_eq!(shop.visit("/page/../Cargo.toml").await.status(), 404);
}

#[tokio::test]
async fn an_edit_is_taken_logged_and_answered_with_its_version() {
    let shop = Fixture::new();
    let before = shop.state().await;
    assert_eq!(before["scenarios"][1]["rows"][0]["results"], json!(["TEA-100", "TEA-200"]));
    let answer = shop.send("PUT", "recommendations", &edit(&["HON-100", "TEA-100"])).await;
    assert_eq!((answer.status().as_u16(), body(&answer)), (200, json!({"version": 2})));
    let state = shop.state().await;
    assert_eq!(state["scenarios"][1]["rows"][0]["results"], json!(["HON-100", "TEA-100"]));
    assert_eq!((&state["edits"][0]["who"], &state["edits"][0]["version"]), (&json!("Ada"), &json!(2)));
    let answer = body(&shop.recommend("MIRROR_TRIGGER", "MUG-001").await);
    assert_eq!(fields(&answer["d"]["ResultObjects"]["results"], "ResultObjectId"), ["HON-100", "TEA-100"]);

    let mut fallback = edit(&["TEA-300"]);
    fallback["leading_id"] = json!("");
    assert_eq!(shop.send("PUT", "recommendations", &fallback).await.status(), 200);
    let answer = body(&shop.recommend("MIRROR_TRIGGER", "unheard of").await);
    assert_eq!(fields(&answer["d"]["ResultObjects"]["results"], "ResultObjectId"), ["TEA-300"]);
}

#[tokio::test]
async fn an_edit_with_a_mistake_is_refused_in_words() {
    let shop = Fixture::new();
    let with = |name: &str, value: Value| {
        let mut edit = edit(&["TEA-100"]);
        edit[name] = value;
        edit
    };
    for (wrong, words) in [
        (with("scenario", json!("FOO")), "no scenario FOO"),
        (with("leading_id", json!("none")), "no product none"),
        (with("leading_type", json!("OTHER")), "of OTHER"),
        (edit(&["none"]), "no product none"),
        (edit(&["TEA-100", "TEA-100"]), "twice"),
        (with("who", json!("  ")), "who you are"),
        (with("who", json!("a".repeat(61))), "60 letters"),
        (with("more", json!(1)), "more"),
        (json!([]), "can't be read"),
    ] {
        let answer = shop.send("PUT", "recommendations", &wrong).await;
        assert_eq!(answer.status(), 400, "{wrong}");
        let error = body(&answer)["error"].to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(shop.state().await["edits"], json!([]));
}

#[tokio::test]
async fn faults_and_sessions_are_switched() {
    let shop = Fixture::new();
    let session = shop.session().await;
    assert_eq!(shop.send("POST", "sessions/expire", &json!({})).await.status(), 204);
    assert_eq!(shop.post(&session, "RecommendationScenarios", "{}").await.status(), 401);

    let faults = json!({"only": ["occ"], "body": "html", "remaining": 3});
    assert_eq!(shop.send("PUT", "faults", &faults).await.status(), 204);
    assert!(shop.visit("/occ/v2/mirror-shop/products/TEA-100").await.body().starts_with(b"<!doctype"));
    let state = shop.state().await;
    assert_eq!(
        (&state["faults"]["body"], &state["faults"]["remaining"]),
        (&json!(BodyFault::Html), &json!(2))
    );
    for wrong in [json!({"status": 200}), json!({"latency_ms": 600_001}), json!({"only": ["all"]}), json!(1)]
    {
        assert_eq!(shop.send("PUT", "faults", &wrong).await.status(), 400, "{wrong}");
    }
}

#[tokio::test]
async fn pages_from_elsewhere_change_nothing() {
    let shop = Fixture::new();
    let put = || shop.request("PUT", "/simulator/api/recommendations").body(edit(&[]).to_string());
    let form = put().header("content-type", "text/plain").reply(&shop.routes).await;
    assert_eq!(form.status(), 415);
    let json = || put().header("content-type", "application/json; charset=utf-8");
    let other = json().header("origin", "http://evil.example").reply(&shop.routes).await;
    assert_eq!(other.status(), 403);
    assert_eq!(shop.state().await["edits"], json!([]));
    let own = json().header("origin", "http://mirror.example:8090").reply(&shop.routes).await;
    assert_eq!(own.status(), 200);
    assert_eq!(shop.send("DELETE", "state", &json!({})).await.status(), 405);
    assert_eq!(shop.send("GET", "others", &json!({})).await.status(), 404);
}
