//! What operators ask for.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper::Request;
use serde_json::Value;

use crate::inference::PREVIEW;
use crate::recommender::{FRAME, HAT, NAMES, SHOP};
use crate::support::{Others, PIN, Ui, read_until, soon};

#[tokio::test]
async fn a_report_has_what_every_service_says() {
    let ui = Ui::boot(Others::Running).await;
    let report = ui.get("/report").await;
    assert_eq!((report.status(), report.header("cache-control")), (200, Some("no-store")));
    let report = report.json();
    assert_eq!(report["ui"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["ui"]["streams"], 0);
    assert!(report["ui"]["resident_bytes"].as_u64().unwrap() > 1 << 20);
    assert!(report["ui"]["started_at"].as_str().unwrap() <= report["at"].as_str().unwrap());
    assert_eq!(report["recommender"]["state"], "RECOGNISED");
    assert_eq!(report["recommender"]["degradations"][0]["component"], "PROVIDER");
    assert_eq!(report["gallery"]["samples"], 3);
    assert_eq!(report["inference"]["frames_dropped"], 3);
    assert_eq!(report["model"]["accelerator"], "CPU");
    assert_eq!(report["model"]["accelerator_problem"], "it was unplugged");
    assert_eq!(report["cameras"][0]["state"], "STREAMING");
    ui.stop().await;
}

#[tokio::test]
async fn open_event_streams_are_counted() {
    let ui = Ui::boot(Others::Running).await;
    let streams = async || ui.get("/report").await.json()["ui"]["streams"].clone();
    let mut open = ui.stream(Request::get("/events"), "").await;
    read_until(&mut open, "mirror").await;
    let second = ui.stream(Request::get("/recognitions"), "").await;
    assert_eq!(streams().await, 2);
    drop(second);
    let fewer = async {
        while streams().await != 1 {
            tokio::task::yield_now().await;
        }
    };
    soon(fewer).await;
    ui.stop().await;
}

#[tokio::test]
async fn services_that_are_away_are_null() {
    let ui = Ui::boot(Others::Away).await;
    let report = ui.get("/report").await.json();
    for service in ["recommender", "gallery", "inference", "model"] {
        assert_eq!(report.as_object().unwrap()[service], Value::Null);
    }
    assert_eq!(report["cameras"], serde_json::json!([]));
    ui.stop().await;
}

#[tokio::test]
async fn diagnostics_tell_nothing_of_what_was_taught_or_who_may_teach() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    // Everything that there is has been through the service.
    for path in ["/samples/71", "/preview.jpg", "/story", "/api/labels", "/api/samples/81/picture"] {
        assert_eq!(ui.call("GET", path, &cookie, "").await.status(), 200, "{path}");
    }
    ui.events_until(Ui::request("GET", "/api/teach", &cookie), "verdict").await;
    ui.events_until(Request::get("/space/events"), "frame").await;

    let file = ui.get("/diagnostics").await;
    let name = "attachment; filename=\"smart-mirror-diagnostics.json\"";
    assert_eq!((file.status(), file.header("content-disposition")), (200, Some(name)));
    let text = file.text();
    let token = cookie.split_once('=').unwrap().1;
    for secret in NAMES.into_iter().chain([HAT, SHOP, FRAME, PREVIEW, PIN, token, "argon2"]) {
        assert!(!text.contains(secret) && !text.contains(&BASE64.encode(secret)), "{secret} in {text}");
    }
    let file = file.json();
    assert_eq!(file["inference"]["frames_captured"], 1000);
    let metrics = file["metrics"].as_str().unwrap();
    assert!(metrics.contains("mirror_pin_attempts_total{outcome=\"taken\"}"), "{metrics}");
    ui.stop().await;
}

#[tokio::test]
async fn texts_are_compressed_where_the_browser_takes_it() {
    let ui = Ui::boot(Others::Running).await;
    let packed = ui.send(Request::get("/diagnostics").header("accept-encoding", "gzip"), "").await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.header("vary"), Some("accept-encoding"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.body.as_ref()).read_to_string(&mut text).unwrap();
    let unpacked: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(unpacked["recommender"]["provider"], "sap-runtime");
    ui.stop().await;
}
