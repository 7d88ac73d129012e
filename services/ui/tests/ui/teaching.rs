//! What is asked of the services, and how it is told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::BodyExt as _;
use hyper::Request;
use mirror_proto::recommender::v1 as pb;
use serde_json::{Value, json};

use crate::recommender::{BACKGROUND, FRAME, PRODUCT};
use crate::support::{Others, Ui, read_until, soon};

#[tokio::test]
async fn labels_are_made_changed_and_told() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let labels = ui.call("GET", "/api/labels", &cookie, "").await.json();
    let expected = json!({
        "id": 7,
        "name": "Sun hat",
        "kind": "PRODUCT",
        "product_id": "",
        "sample_count": 2,
        "quality": {
            "accuracy": 0.5,
            "advice": ["Teach more samples."],
            "reasons": [{"kind": "MORE_SAMPLES", "label_id": 0, "share": 0.0}],
        },
        "ignored_sample_count": 0,
        "product_origin": "",
    });
    assert_eq!((&labels["labels"][0], &labels["labels"][1]["kind"]), (&expected, &json!("BACKGROUND")));

    let body = r#"{"name":"Cap","kind":"BACKGROUND","product_id":"C-1","product_origin":"SHOP"}"#;
    let made = ui.call("POST", "/api/labels", &cookie, body).await.json();
    assert_eq!((&made["id"], &made["kind"]), (&json!(10), &json!("BACKGROUND")));
    let wanted = pb::CreateLabelRequest {
        name: "Cap".to_owned(),
        kind: pb::LabelKind::Background.into(),
        product_id: "C-1".to_owned(),
        product_origin: "SHOP".to_owned(),
    };
    assert!(ui.recommender.was_asked(&wanted));

    ui.call("PATCH", "/api/labels/7", &cookie, r#"{"product_id":""}"#).await;
    let wanted =
        pb::UpdateLabelRequest { label_id: PRODUCT, product_id: Some(String::new()), ..Default::default() };
    assert!(ui.recommender.was_asked(&wanted));
    let deleted = ui.call("DELETE", "/api/labels/7", &cookie, "").await.json();
    assert_eq!(deleted, json!({"deleted_samples": 2}));
    assert!(ui.recommender.was_asked(&pb::DeleteLabelRequest { label_id: PRODUCT }));
    ui.stop().await;
}

#[tokio::test]
async fn samples_are_told_without_pictures_and_pictures_by_themselves() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let last = ui.recommender.samples.lock().unwrap()[0].clone();
    let more = (1000..1061).map(|id| pb::Sample { id, ..last.clone() });
    ui.recommender.samples.lock().unwrap().extend(more);
    let page = ui.call("GET", "/api/labels/7/samples?page_token=0", &cookie, "").await.json();
    let sample = json!({"id": 71, "label_id": 7, "created_at": null, "ignored": false});
    assert_eq!((&page["samples"][0], &page["next_page_token"]), (&sample, &json!("60")));
    let wanted = pb::ListSamplesRequest {
        label_id: PRODUCT,
        with_thumbnails: false,
        page_size: 60,
        page_token: "0".to_owned(),
    };
    assert!(ui.recommender.was_asked(&wanted));

    // Who teaches sees BACKGROUND samples too.
    let picture = ui.call("GET", "/api/samples/81/picture", &cookie, "").await;
    assert_eq!((picture.status(), picture.text().as_str()), (200, crate::recommender::SHOP));
    let moved = ui.call("POST", "/api/samples/71/move", &cookie, r#"{"label_id":8}"#).await.json();
    assert_eq!(moved["label_id"], BACKGROUND);
    let gone = ui.call("DELETE", "/api/samples/71", &cookie, "").await;
    assert_eq!((gone.status(), gone.body.len()), (204, 0));
    assert!(ui.recommender.was_asked(&pb::DeleteSampleRequest { sample_id: 71 }));
    ui.stop().await;
}

#[tokio::test]
async fn changes_evaluation_and_devices_are_told() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let get = async |path: &str| ui.call("GET", path, &cookie, "").await.json();
    let changes = get("/api/changes").await;
    assert_eq!(changes["changes"][0]["kind"], "DELETE_SAMPLE");
    assert!(ui.recommender.was_asked(&pb::ListChangesRequest { page_size: 50, page_token: String::new() }));
    assert_eq!(ui.call("POST", "/api/undo", &cookie, "{}").await.json()["kind"], "UNDO");
    let purged = ui.call("POST", "/api/purge", &cookie, "{}").await.json();
    assert_eq!(purged, json!({"purged_labels": 1, "purged_samples": 2}));
    let evaluation = get("/api/evaluation").await;
    assert_eq!(evaluation["confusions"][0], json!({"label_id": 7, "recognised_label_id": 9, "count": 3}));
    assert_eq!(evaluation["advice"][0]["quality"]["reasons"][0]["kind"], "MORE_SAMPLES");
    assert_eq!(get("/api/gallery").await["metric_current"], true);
    let cards = get("/api/labels/7/recommendations?lang=de").await;
    assert_eq!((&cards["items"][0]["name"], &cards["freshness"]), (&json!("Scarf in de"), &json!("FRESH")));

    let models = get("/api/models").await;
    assert_eq!(models["models"][1], json!({"id": "mobilenet", "selected": false}));
    assert_eq!(models["model"]["fingerprint"], "f00d");
    let model = ui.call("POST", "/api/models/select", &cookie, r#"{"model_id":"mobilenet"}"#).await.json();
    assert_eq!(model["id"], "mobilenet");
    assert_eq!(get("/api/cameras").await["cameras"][0]["name"], "Lens");
    let camera = ui.call("POST", "/api/cameras/select", &cookie, r#"{"camera_id":"auto"}"#).await.json();
    assert_eq!(camera["id"], "auto");
    assert_eq!(*ui.inference.selected.lock().unwrap(), ["mobilenet", "auto"]);
    ui.stop().await;
}

/// The lines of a capture so far, until there are `count`.
async fn lines(body: &mut hyper::body::Incoming, count: usize) -> Vec<Value> {
    let mut text = String::new();
    while text.lines().count() < count {
        let frame = soon(body.frame()).await.unwrap().unwrap();
        text.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap()));
    }
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_capture_is_told_line_by_line_and_ends_when_the_page_hangs_up() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let request = Ui::request("POST", "/api/labels/7/capture", &cookie);
    let mut capture = ui.stream(request, r#"{"count":5}"#).await;
    let told = lines(&mut capture, 2).await;
    assert_eq!((&told[0]["captured"], &told[0]["sample"]["id"]), (&json!(1), &json!(71)));
    assert_eq!((&told[1]["sample"], &told[1]["message"]), (&Value::Null, &json!("The frame is blurred.")));
    assert!(ui.recommender.was_asked(&pb::CaptureSamplesRequest { label_id: PRODUCT, count: 5 }));

    let mut open = ui.recommender.open.subscribe();
    assert_eq!(*open.borrow(), 1);
    drop(capture);
    soon(open.wait_for(|open| *open == 0)).await.unwrap();
    ui.stop().await;
}

#[tokio::test]
async fn a_capture_that_fails_says_so_in_its_last_line() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let capture = ui.call("POST", "/api/labels/8/capture", &cookie, "{}").await.text();
    let told: Vec<Value> = capture.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((told.len(), &told[0]["captured"]), (2, &json!(1)));
    assert_eq!(told[1], json!({"code": "UNAVAILABLE", "error": "The camera is away."}));
    ui.stop().await;
}

#[tokio::test]
async fn verdicts_come_with_their_pictures_and_become_samples() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let mut teach = ui.stream(Ui::request("GET", "/api/teach", &cookie), "").await;
    let text = read_until(&mut teach, "\"picture\"").await;
    assert!(text.starts_with("event:hello") && text.contains("event:verdict"), "{text}");
    assert!(text.contains(&format!("\"picture\":\"{}\"", BASE64.encode(FRAME))), "{text}");
    let body = r#"{"verdict_ids":[11],"label_id":7}"#;
    let added = ui.call("POST", "/api/verdicts/samples", &cookie, body).await.json();
    assert_eq!(added["samples"][0]["id"], 71);
    assert!(ui.recommender.was_asked(&pb::AddVerdictSamplesRequest { verdict_ids: vec![11], label_id: 7 }));

    let mut open = ui.recommender.open.subscribe();
    assert_eq!(*open.borrow(), 1);
    drop(teach);
    soon(open.wait_for(|open| *open == 0)).await.unwrap();
    ui.stop().await;
}

#[tokio::test]
async fn teaching_has_places_of_its_own() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(ui.stream(Request::get("/recognitions"), "").await);
    }
    let refused = ui.get("/events").await;
    assert_eq!((refused.status(), refused.text().contains("from this address")), (503, true));
    for _ in 16..64 {
        open.push(ui.stream(Ui::request("GET", "/api/teach", &cookie), "").await);
    }
    let refused = ui.call("GET", "/api/teach", &cookie, "").await;
    assert_eq!((refused.status(), refused.error().as_str()), (503, "UNAVAILABLE"));
    drop(open);
    ui.stop().await;
}

#[tokio::test]
async fn what_goes_on_in_a_session_ends_with_it() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let mut teach = ui.stream(Ui::request("GET", "/api/teach", &cookie), "").await;
    read_until(&mut teach, "verdict").await;
    let request = Ui::request("POST", "/api/labels/7/capture", &cookie);
    let mut capture = ui.stream(request, "{}").await;
    lines(&mut capture, 2).await;
    assert_eq!(*ui.recommender.open.borrow(), 2);

    assert_eq!(ui.call("DELETE", "/api/session", &cookie, "").await.status(), 204);
    soon(teach.collect()).await.unwrap();
    let told = lines(&mut capture, 1).await;
    assert_eq!(told, [json!({"code": "UNAUTHENTICATED", "error": "The session is over: enter the PIN."})]);
    assert!(soon(capture.frame()).await.is_none());
    soon(ui.recommender.open.subscribe().wait_for(|open| *open == 0)).await.unwrap();
    ui.stop().await;
}
