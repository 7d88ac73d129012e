//! What leaves the device: every byte that a provider receives is looked at.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

#[path = "support/tenant.rs"]
#[allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
mod tenant;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mirror_recommender::recommendations::feedback::Interaction;
use mirror_recommender::recommendations::pictures;
use serde_json::json;
use tenant::{Tenant, desk, get, settings_at};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(60);
const LONG: Duration = Duration::from_secs(600);

/// Stands on the line before `to` and keeps every byte that goes there.
async fn tap(to: SocketAddr) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(to).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
                    kept.lock().unwrap().extend_from_slice(&buffer[..read]);
                    to_server.write_all(&buffer[..read]).await.unwrap();
                }
            });
        }
    });
    (url, seen)
}

/// A request as it was on the wire.
#[derive(Debug)]
struct Sent {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// All of the bytes, as requests: nothing may be left over.
fn requests(bytes: &[u8]) -> Vec<Sent> {
    let mut rest = std::str::from_utf8(bytes).expect("nothing but text is sent");
    let mut sent = Vec::new();
    while !rest.is_empty() {
        let (head, after) = rest.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let line = lines.next().unwrap().to_owned();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, value)| value.parse::<usize>().unwrap());
        sent.push(Sent { line, headers, body: after[..length].to_owned() });
        rest = &after[length..];
    }
    sent
}

#[tokio::test]
async fn nothing_but_product_numbers_scenario_and_pseudonym_leaves_the_device() {
    for device in ["", "0123456789abcdef"] {
        let tenant = Tenant::start(LONG).await;
        let (url, seen) = tap(tenant.addr).await;
        let folder = tempfile::tempdir().unwrap();
        let settings =
            settings_at(&url, "sap-runtime", &["--device-id", device, "--feedback-window-seconds", "1"]);
        let desk = desk(&settings, folder.path()).await;
        let cards = get(&desk, "MUG-001").await.items;
        for card in &cards {
            desk.pictures.get(&pictures::id(card.picture.as_ref().unwrap())).await.unwrap();
        }
        let ids: Vec<String> = cards.iter().map(|card| card.product.id.clone()).collect();
        desk.feedback.note(Interaction::Impression, &"MUG-001".into(), &ids).await.unwrap();
        desk.feedback.note(Interaction::Click, &"MUG-001".into(), &ids[..1]).await.unwrap();
        let told = async {
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            while tenant.simulator.feedback().impressions.is_empty()
                || tenant.simulator.feedback().clicks.is_empty()
            {
                pace.tick().await;
            }
        };
        tokio::time::timeout(PATIENCE, told).await.expect("feedback is told");

        let sent = requests(&seen.lock().unwrap().clone());
        let host = url.strip_prefix("http://").unwrap();
        for request in &sent {
            for (name, value) in &request.headers {
                let expected = match name.as_str() {
                    "accept" => value == "application/json" || value == "*/*",
                    "accept-encoding" => value == "gzip",
                    // The user and password of the settings.
                    "authorization" => value == "Basic TUlSUk9SOnNpbXVsYXRvcg==",
                    "content-length" => value.parse::<usize>().unwrap() == request.body.len(),
                    "content-type" => value == "application/json",
                    // What the server itself handed out.
                    "cookie" => value.split("; ").all(|pair| pair.to_ascii_lowercase().starts_with("sap")),
                    "host" => value == host,
                    "user-agent" => value.strip_prefix("smart-mirror/").is_some_and(|v| v.len() < 12),
                    "x-csrf-token" => value == "Fetch" || !value.contains(' '),
                    _ => false,
                };
                assert!(expected, "{name}: {value}");
            }
        }

        let runtime = "/sap/opu/odata/sap/PROD_RECO_RUNTIME_SRV";
        let master = "/sap/opu/odata/sap/API_MKT_PRODUCT_SRV";
        let term = |id: &str| {
            format!("%28ProductOrigin%20eq%20%27SAP_HYBRIS_PRODUCT%27%20and%20ProductID%20eq%20%27{id}%27%29")
        };
        let filter = format!("{}%20or%20{}", term("TEA-100"), term("TEA-200"));
        let lines: BTreeSet<String> = sent
            .iter()
            .map(|request| {
                request
                    .line
                    .split_once("&TimeStamp=datetimeoffset")
                    .map_or(&*request.line, |(line, _)| line)
                    .to_owned()
            })
            .collect();
        let expected = BTreeSet::from([
            format!("GET {runtime}/?saml2=disabled HTTP/1.1"),
            format!("POST {runtime}/RecommendationScenarios?saml2=disabled HTTP/1.1"),
            format!("POST {runtime}/Interactions?saml2=disabled HTTP/1.1"),
            format!(
                "POST {runtime}/PostImpressions?ScenarioId=%27MIRROR_TRIGGER%27&ImpressionCount=1&ItemCount=2"
            ),
            format!(
                "GET {master}/ProductOriginDataSet?$filter={filter}&$expand=ProductNames&$format=json&saml2=disabled HTTP/1.1"
            ),
            "GET /medias/tea-100.png HTTP/1.1".to_owned(),
            "GET /medias/tea-200.png HTTP/1.1".to_owned(),
        ]);
        assert_eq!(lines, expected);

        let kind = if device.is_empty() { "ANONYMOUS" } else { "COOKIE_ID" };
        let question = json!({
            "UserId": device, "UserType": kind, "ExternalTracking": true, "ScenarioHashes": [], "ResultObjects": [],
            "Scenarios": [{"ScenarioId": "MIRROR_TRIGGER", "BasketObjects": [],
                "LeadingObjects": [{"LeadingObjectType": "SAP_HYBRIS_PRODUCT", "LeadingObjectId": "MUG-001"}]}],
        });
        let click = json!({
            "ScenarioId": "MIRROR_TRIGGER", "UserId": device, "UserType": kind, "InteractionType": "CLICK_THROUGH",
            "SourceObjectId": if device.is_empty() { "smart-mirror" } else { device },
            "InteractionItems": [{"ItemType": "SAP_HYBRIS_PRODUCT", "ItemId": "TEA-100"}],
        });
        for request in sent.iter().filter(|request| !request.body.is_empty()) {
            let mut body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            if body.as_object_mut().unwrap().remove("TimeStamp").is_some() {
                assert_eq!(body, click);
            } else {
                assert_eq!(body, question);
            }
        }
        desk.close().await;
    }
}
