//! Faults of answers, as a client meets them.

use std::io::Read as _;

use mirror_sap_simulator::{BodyFault, Faults, GzipFault, Service};
use serde_json::json;

use super::*;

/// What one question is answered with while `body` is wrong.
async fn spoilt(fault: BodyFault) -> Answer {
    let shop = Fixture::new();
    shop.simulator.set_faults(Faults { body: Some(fault), ..Faults::default() });
    shop.recommend("MIRROR_TRIGGER", "MUG-001").await
}

#[tokio::test]
async fn a_status_comes_instead_of_an_answer_as_often_as_is_asked() {
    let shop = Fixture::new();
    let path = "/occ/v2/mirror-shop/products/TEA-100";
    for status in [401, 403, 429, 500, 502, 503, 504] {
        let faults = Faults {
            only: vec![Service::Occ],
            remaining: Some(1),
            status: Some(status),
            retry_after_s: (status == 429).then_some(7),
            ..Faults::default()
        };
        shop.simulator.set_faults(faults);
        assert_eq!(shop.visit("/medias/tea-100.png").await.status(), 200);
        let answer = shop.visit(path).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers().get("retry-after").is_some(), status == 429);
        assert_eq!(shop.visit(path).await.status(), 200);
    }
    assert_eq!(shop.simulator.requests().iter().filter(|request| request.status >= 400).count(), 7);
}

#[tokio::test]
async fn refusals_and_redirects() {
    let shop = Fixture::new();
    shop.simulator.set_faults(Faults { csrf_rejected: true, ..Faults::default() });
    let answer = shop.recommend("MIRROR_TRIGGER", "MUG-001").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.body()[..]),
        (403, b"CSRF token validation failed".as_slice())
    );

    shop.simulator.set_faults(Faults { unknown_service: true, ..Faults::default() });
    let answer = shop.get(&format!("{RUNTIME}/")).await;
    assert_error(&answer, 403, "/IWFND/MED/170", "PROD_RECO_RUNTIME_SRV");

    let target = "http://127.0.0.1:9/elsewhere".to_owned();
    shop.simulator.set_faults(Faults { redirect: Some(target.clone()), ..Faults::default() });
    let answer = shop.get(&format!("{RUNTIME}/")).await;
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
        (302, target.as_str())
    );
}

#[tokio::test]
async fn bodies_that_are_no_answer() {
    let answer = spoilt(BodyFault::Malformed).await;
    assert!(answer.body().starts_with(b"{") && serde_json::from_slice::<Value>(answer.body()).is_err());
    let answer = spoilt(BodyFault::Empty).await;
    assert_eq!((answer.status().as_u16(), answer.body().len()), (200, 0));
    let answer = spoilt(BodyFault::Html).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"text/html;charset=utf-8".parse().unwrap())
    );
    let answer = spoilt(BodyFault::XmlError).await;
    assert_eq!(answer.status(), 500);
    assert!(String::from_utf8_lossy(answer.body()).contains("<message xml:lang=\"en\">"));
    let answer = spoilt(BodyFault::Deep).await;
    assert_eq!(answer.body().len(), 200_000);
    let answer = spoilt(BodyFault::Huge).await;
    assert_eq!(answer.body().len(), 100 * 1024 * 1024 + 2);
    assert!(answer.body().starts_with(b"\"x") && answer.body().ends_with(b"x\""));
}

#[tokio::test]
async fn answers_in_another_form() {
    let bare = body(&spoilt(BodyFault::Bare).await);
    assert_eq!(fields(&bare["d"]["ResultObjects"], "ResultObjectId"), ["TEA-100", "TEA-200"]);
    assert!(bare["d"]["ScenarioHashes"].is_array());

    let numbers = body(&spoilt(BodyFault::NumbersAsNumbers).await);
    let first = &numbers["d"]["ResultObjects"]["results"][0];
    assert_eq!((&first["ResultObjectScore"], &first["ResultObjectId"]), (&json!(1.0), &json!("TEA-100")));

    let expiry = |answer: Value| answer["d"]["ScenarioHashes"]["results"][0]["ExpiresOn"].clone();
    let iso = expiry(body(&spoilt(BodyFault::IsoDates).await));
    assert!(iso.as_str().unwrap().ends_with('Z') && iso.as_str().unwrap().contains('T'), "{iso}");
    let plain = expiry(body(&spoilt(BodyFault::PlainDates).await));
    let millis = plain.as_str().unwrap().strip_prefix("/Date(").unwrap().strip_suffix(")/").unwrap();
    assert!(millis.parse::<u64>().is_ok(), "{plain}");
    assert_eq!(expiry(body(&spoilt(BodyFault::NoExpiry).await)), Value::Null);
}

#[tokio::test]
async fn answers_that_say_something_else() {
    let results = |answer: &Value| answer["d"]["ResultObjects"]["results"].clone();
    assert_eq!(results(&body(&spoilt(BodyFault::EmptyList).await)), json!([]));
    let twice = results(&body(&spoilt(BodyFault::DuplicateItems).await));
    assert_eq!(fields(&twice, "ResultObjectId"), ["TEA-100", "TEA-100", "TEA-200", "TEA-200"]);
    let foreign = results(&body(&spoilt(BodyFault::ForeignScenario).await));
    assert_eq!(fields(&foreign, "ScenarioId").iter().filter(|id| **id != "MIRROR_TRIGGER").count(), 2);

    let shop = Fixture::new();
    shop.simulator.set_faults(Faults { body: Some(BodyFault::HtmlNames), ..Faults::default() });
    let product = body(&shop.visit("/occ/v2/mirror-shop/products/TEA-100").await);
    assert!(product["name"].as_str().unwrap().starts_with("<script>"));
    shop.simulator.set_faults(Faults { body: Some(BodyFault::EmptyList), ..Faults::default() });
    let nothing = body(&shop.visit("/merchants/SIMULATOR?f=f:POPULAR").await);
    assert_eq!(nothing["features"]["POPULAR"]["items"], json!([]));
    assert!(nothing.get("products").is_none());
}

#[tokio::test]
async fn bodies_are_compressed_for_those_who_take_it() {
    let shop = Fixture::new();
    let long = "/occ/v2/mirror-shop/products/TEA-100?fields=FULL";
    let short = "/occ/v2/mirror-shop/products/TEA-100?fields=code";
    let ask = async |path: &str, accepts: &str| {
        shop.request("GET", path).header("accept-encoding", accepts).reply(&shop.routes).await
    };
    let packed = |answer: &Answer| answer.headers().contains_key("content-encoding");
    assert!(!packed(&ask(long, "br").await) && !packed(&ask(long, "gzip;q=0").await));
    assert!(!packed(&ask(short, "gzip").await) && !packed(&ask("/medias/tea-100.png", "gzip").await));
    let answer = ask(long, "br, gzip").await;
    assert!(packed(&answer));
    let mut text = String::new();
    flate2::read::GzDecoder::new(answer.body().as_ref()).read_to_string(&mut text).unwrap();
    assert!(text.contains("TEA-100"));

    shop.simulator.set_faults(Faults { gzip: GzipFault::Never, ..Faults::default() });
    assert!(!packed(&ask(long, "gzip").await));
    shop.simulator.set_faults(Faults { gzip: GzipFault::Always, ..Faults::default() });
    assert!(packed(&ask(short, "br").await));
    shop.simulator.set_faults(Faults { gzip: GzipFault::Bomb, ..Faults::default() });
    let answer = ask(short, "gzip").await;
    assert!(packed(&answer) && answer.body().len() < 2 * 1024 * 1024);
}
