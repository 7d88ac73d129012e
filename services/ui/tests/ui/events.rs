//! Event streams.

use hyper::Request;
use serde_json::{Value, json};

use crate::support::{Others, Ui};

/// The data of the first event called `name`.
fn data(text: &str, name: &str) -> Value {
    let (_, rest) =
        text.split_once(&format!("event:{name}\ndata:")).unwrap_or_else(|| panic!("{name}: {text}"));
    serde_json::from_str(rest.lines().next().unwrap()).unwrap()
}

#[tokio::test]
async fn events_greet_then_show_the_state_in_the_language_asked_for() {
    let ui = Ui::boot(Others::Running).await;
    let text = ui.events_until(Request::get("/events?lang=de"), "hat in").await;
    let (hello, mirror) = (text.find("event:hello").unwrap(), text.find("event:mirror").unwrap());
    assert!(hello < mirror && text.contains("boot_id"), "{text}");
    assert!(text.contains("hat in de") && text.contains("\"state\":\"RECOGNISED\""), "{text}");
    let text = ui.events_until(Request::get("/recognitions"), "fake:42").await;
    assert_eq!(data(&text, "recognition")["frame_id"], 42);
    ui.stop().await;
}

#[tokio::test]
async fn the_space_is_a_map_and_frames_in_it() {
    let ui = Ui::boot(Others::Running).await;
    let packed = Request::get("/space/events").header("accept-encoding", "gzip, br");
    let text = ui.events_until(packed, "\"nearest_position\"").await;
    assert!(text.starts_with("event:hello"), "{text}");
    let map = data(&text, "map");
    let expected = json!({
        "revision": 3,
        "layout": 1,
        "labels": [{"label_id": 7, "name": "Sun hat", "kind": "PRODUCT", "samples": 1}],
        "sample_ids": [71],
        "label_indices": [0],
        "positions": [123, -1000, 1],
        "samples": 1,
        "explained": 0.5,
    });
    assert_eq!(map, expected);
    let frame = data(&text, "frame");
    assert_eq!(frame["position"], json!([0.5, 0.25, -0.125]));
    assert_eq!(frame["recognition"]["outcome"], "KNOWN");
    ui.stop().await;
}

#[tokio::test]
async fn without_the_recommender_the_screen_is_told() {
    let ui = Ui::boot(Others::Away).await;
    let text = ui.events_until(Request::get("/events"), "RECOMMENDER").await;
    assert!(text.contains("\"state\":\"DEGRADED\""), "{text}");
    assert_eq!(ui.get("/readyz").await.text(), "ready\n");
    ui.stop().await;
}
