//! What everybody may ask.

use hyper::Request;
use mirror_proto::recommender::v1 as pb;
use serde_json::json;

use crate::inference::PREVIEW;
use crate::recommender::{HAT, PRODUCT};
use crate::support::{Others, Ui, soon};

#[tokio::test]
async fn product_pictures_come_through_the_recommender() {
    let ui = Ui::boot(Others::Running).await;
    let picture = ui.get("/pictures/hat.webp").await;
    assert_eq!((picture.status(), picture.header("content-type")), (200, Some("image/webp")));
    assert_eq!(ui.get("/pictures/absent.webp").await.status(), 404);
    assert_eq!(ui.get("/pictures/hat.svg").await.status(), 502);
    ui.stop().await;
}

#[tokio::test]
async fn samples_of_products_are_shown_and_no_others() {
    let ui = Ui::boot(Others::Running).await;
    let picture = ui.get("/samples/71").await;
    assert_eq!((picture.status(), picture.text().as_str()), (200, HAT));
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
    assert_eq!(picture.header("cache-control"), Some("private, max-age=60"));
    assert_eq!(picture.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    // Without a picture, of a BACKGROUND label, absent, no number.
    for id in ["72", "81", "99", "hat", "-1"] {
        let refused = ui.get(&format!("/samples/{id}")).await;
        assert!(refused.status() == 404 && !refused.text().contains("JPEG"), "{id}");
    }
    ui.stop().await;
}

#[tokio::test]
async fn the_preview_is_for_everybody_unless_it_is_off() {
    let ui = Ui::boot(Others::Running).await;
    let frame = ui.get("/preview.jpg").await;
    assert_eq!((frame.status(), frame.header("x-frame-id")), (200, Some("42")));
    assert_eq!(frame.text(), PREVIEW);
    ui.stop().await;

    let ui = Ui::boot_with(Others::Running, &["--preview", "off"]).await;
    let refused = ui.get("/preview.jpg").await;
    assert!(refused.status() == 403 && refused.body.is_empty());
    let cookie = ui.enter().await;
    assert_eq!(ui.call("GET", "/preview.jpg", &cookie, "").await.text(), PREVIEW);

    // What was taught shows what the camera saw.
    let refused = ui.get("/samples/71").await;
    assert!(refused.status() == 403 && refused.body.is_empty());
    let shown = ui.call("GET", "/samples/71", &cookie, "").await;
    assert_eq!((shown.text().as_str(), shown.header("cache-control")), (HAT, Some("no-store")));
    ui.stop().await;
}

#[tokio::test]
async fn who_asks_by_a_strangers_name_is_not_answered() {
    let ui = Ui::boot_with(Others::Away, &["--hosts", "mirror.example.com"]).await;
    let ask = async |path: &str, host: &str| ui.send_to(host, Request::get(path), "").await;
    for path in ["/", "/report", "/metrics", "/events", "/api/session", "/assets/absent.js", "/absent"] {
        let refused = ask(path, "evil.example").await;
        assert!(refused.status() == 421 && refused.text().contains("MIRROR_UI_HOSTS"), "{path}");
    }
    for host in ["127.0.0.1:8080", "localhost", "mirror.local", "MIRROR.example.com:443"] {
        assert_eq!(ask("/api/session", host).await.status(), 200, "{host}");
    }
    assert_eq!(ask("/readyz", "evil.example").await.status(), 200);
    ui.stop().await;
}

/// What watches the screen of a mirror goes by it, also before a page has come.
#[tokio::test]
async fn open_streams_are_counted_from_the_start() {
    let ui = Ui::boot(Others::Away).await;
    let metrics = ui.get("/metrics").await.text();
    assert!(metrics.contains("\nmirror_event_streams_open "), "{metrics}");
    ui.stop().await;
}

#[tokio::test]
async fn strangers_choose_among_the_pages_languages() {
    let ui = Ui::boot(Others::Running).await;
    for (lang, language) in [("de-AT", "de"), ("fr", ""), ("tlh-x-1", "")] {
        let told = ui.get(&format!("/story?lang={lang}")).await.json();
        let card = format!("Scarf in {language}");
        assert_eq!(told["recommendations"]["items"][0]["name"], card);
        let events = ui.events_until(Request::get(format!("/events?lang={lang}")), "hat in").await;
        assert!(events.contains(&format!("\"hat in {language}\"")), "{events}");
    }
    ui.stop().await;
}

#[tokio::test]
async fn what_visitors_did_reaches_the_recommender() {
    let ui = Ui::boot(Others::Running).await;
    let seen = r#"{"kind":"IMPRESSION","label_id":7,"product_ids":["A","B"]}"#;
    assert_eq!(ui.call("POST", "/interactions", "", seen).await.status(), 204);
    let touched = r#"{"kind":"CLICK","label_id":7,"product_ids":["B"]}"#;
    assert_eq!(ui.call("POST", "/interactions", "", touched).await.status(), 204);
    let interaction = |kind: pb::InteractionKind, ids: &[&str]| pb::RecordInteractionRequest {
        kind: kind.into(),
        label_id: 7,
        product_ids: ids.iter().map(|&id| id.to_owned()).collect(),
    };
    let expected = [
        interaction(pb::InteractionKind::Impression, &["A", "B"]),
        interaction(pb::InteractionKind::Click, &["B"]),
    ];
    assert_eq!(*ui.recommender.interactions.lock().unwrap(), expected);

    let unknown = r#"{"kind":"CLICK","label_id":8,"product_ids":["B"]}"#;
    let refused = ui.call("POST", "/interactions", "", unknown).await;
    assert_eq!((refused.status(), refused.text().as_str()), (400, "There is no label 8.\n"));
    assert_eq!(ui.get("/interactions").await.status(), 405);
    ui.stop().await;
}

#[tokio::test]
async fn a_story_is_of_a_products_sample_with_a_picture() {
    let ui = Ui::boot(Others::Running).await;
    let story = ui.get("/story?lang=de").await;
    assert_eq!((story.status(), story.header("cache-control")), (200, Some("no-store")));
    let expected = json!({
        "sample_id": 71,
        "label": {"id": 7, "name": "Sun hat"},
        "embedding": [0.1235, -0.5, 0.25, 0.0],
        "candidates": [{"label_id": 7, "label_name": "Sun hat", "score": 0.75}],
    });
    let mut told = story.json();
    let recommendations = told.as_object_mut().unwrap().remove("recommendations").unwrap();
    assert_eq!(told, expected);
    assert_eq!(recommendations["items"][0]["name"], "Scarf in de");
    let wanted = pb::GetRecommendationsRequest { label_id: PRODUCT, limit: 4, language: "de".to_owned() };
    assert!(ui.recommender.was_asked(&wanted));
    ui.stop().await;
}

#[tokio::test]
async fn another_story_is_told_at_each_call() {
    let ui = Ui::boot(Others::Running).await;
    let more = pb::Sample { id: 73, ..ui.recommender.samples.lock().unwrap()[0].clone() };
    ui.recommender.samples.lock().unwrap().push(more);
    let mut told = Vec::new();
    for _ in 0..8 {
        told.push(ui.get("/story").await.json()["sample_id"].as_i64().unwrap());
    }
    assert!(told.windows(2).all(|two| two[0] != two[1]), "{told:?}");
    ui.stop().await;
}

#[tokio::test]
async fn stories_are_sought_one_at_a_time() {
    let ui = Ui::boot(Others::Running).await;
    let more = pb::Sample { id: 73, ..ui.recommender.samples.lock().unwrap()[0].clone() };
    ui.recommender.samples.lock().unwrap().push(more);
    ui.recommender.classifying.forget_permits(1);
    let let_go = async {
        let asked = async {
            while ui.recommender.times_asked("ClassifyRequest") == 0 {
                tokio::task::yield_now().await;
            }
        };
        soon(asked).await;
        ui.recommender.classifying.add_permits(1);
    };
    let path = "/story?lang=en";
    let (one, other, third, ()) = tokio::join!(ui.get(path), ui.get(path), ui.get(path), let_go);
    assert_eq!((one.status(), one.text()), (200, other.text()));
    assert_eq!(one.text(), third.text());
    assert_eq!(ui.recommender.times_asked("ClassifyRequest"), 1);
    ui.stop().await;
}

/// `count` samples of the product, none of them with a picture.
fn bare(ui: &Ui, count: i64) -> Vec<pb::Sample> {
    let sample = ui.recommender.samples.lock().unwrap()[1].clone();
    (1000..1000 + count).map(|id| pb::Sample { id, ..sample.clone() }).collect()
}

#[tokio::test]
async fn the_one_picture_among_many_samples_is_found() {
    let ui = Ui::boot(Others::Running).await;
    let bare = bare(&ui, 250);
    ui.recommender.samples.lock().unwrap().splice(0..0, bare);
    for _ in 0..3 {
        assert_eq!(ui.get("/story").await.json()["sample_id"], 71);
    }
    ui.stop().await;
}

#[tokio::test]
async fn what_is_not_found_in_a_while_is_not_said_to_be_absent() {
    let ui = Ui::boot(Others::Running).await;
    *ui.recommender.samples.lock().unwrap() = bare(&ui, 5000);
    assert_eq!(ui.get("/story").await.status(), 503);
    let lists = ui.recommender.times_asked("ListSamplesRequest");
    assert_eq!((lists, ui.recommender.times_asked("GetSampleRequest")), (32, 3));
    ui.stop().await;
}

#[tokio::test]
async fn without_a_picture_there_is_no_story() {
    let ui = Ui::boot(Others::Running).await;
    // The shop's picture stays.
    ui.recommender.samples.lock().unwrap().retain(|sample| sample.id != 71);
    let none = ui.get("/story").await;
    assert!(none.status() == 204 && none.body.is_empty());
    ui.stop().await;
}

#[tokio::test]
async fn what_needs_a_service_that_is_away_says_so() {
    let ui = Ui::boot(Others::Away).await;
    for path in ["/pictures/hat.webp", "/preview.jpg", "/samples/71", "/story"] {
        assert_eq!(ui.get(path).await.status(), 503, "{path}");
    }
    ui.stop().await;
}
