//! Recommendations through the running service: mapping, screen, feedback.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;
#[path = "support/tenant.rs"]
#[allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
mod tenant;

use std::time::Duration;

use mirror_proto::recommender::v1 as pb;
use mirror_sap_simulator::Faults;
use pb::LabelKind::Product;
use pb::MirrorState::Recognised;
use support::{PATIENCE, RED, Service, image_sample, pair, until};
use tenant::Tenant;
use tonic::{Code, Streaming};

const LONG: Duration = Duration::from_secs(600);

fn flags(url: &str) -> [&str; 6] {
    ["--provider", "emarsys", "--emarsys-url", url, "--emarsys-merchant", "SIMULATOR"]
}

async fn recommended(service: &mut Service, label_id: i64, limit: u32) -> pb::Recommendations {
    let request = pb::GetRecommendationsRequest { label_id, limit, language: "de".to_owned() };
    service.recommendation.get_recommendations(request).await.unwrap().into_inner()
}

fn ids(found: &pb::Recommendations) -> Vec<&str> {
    found.items.iter().map(|card| card.product_id.as_str()).collect()
}

/// The next event whose cards are these.
async fn cards(events: &mut Streaming<pb::MirrorEvent>, wanted: &[&str]) -> pb::MirrorEvent {
    let found = async {
        loop {
            let event = events.message().await.unwrap().unwrap();
            if event.recommendations.as_ref().is_some_and(|found| ids(found) == wanted) {
                return event;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("they come in time")
}

#[tokio::test]
async fn what_a_label_stands_for_can_be_changed_while_it_runs() {
    let tenant = Tenant::start(LONG).await;
    let url = tenant.url();
    let (_data, _inference, mut service) = pair(&flags(&url)).await;
    let blue = service.label("Blue mug", Product, "MUG-001").await;
    let other = service.label("Blue mug, back", Product, "MUG-001").await;
    let plain = service.label("Plain", Product, "").await;
    assert_eq!(ids(&recommended(&mut service, blue.id, 0).await), ["TEA-100", "TEA-200"]);
    assert_eq!(ids(&recommended(&mut service, other.id, 1).await), ["TEA-100"]);
    assert_eq!(tenant.simulator.requests().iter().filter(|r| r.path.contains("/merchants/")).count(), 1);
    assert_eq!(recommended(&mut service, plain.id, 0).await.freshness(), pb::Freshness::None);

    let change = pb::UpdateLabelRequest {
        label_id: plain.id,
        product_id: Some("MUG-002".to_owned()),
        product_origin: Some("OTHER_SHOP".to_owned()),
        ..Default::default()
    };
    let changed = service.training.update_label(change).await.unwrap().into_inner();
    assert_eq!((changed.product_id.as_str(), changed.product_origin.as_str()), ("MUG-002", "OTHER_SHOP"));
    assert_eq!(ids(&recommended(&mut service, plain.id, 0).await), ["TEA-200", "TEA-300"]);
    service.training.undo_last_change(pb::UndoLastChangeRequest::default()).await.unwrap();
    assert_eq!(recommended(&mut service, plain.id, 0).await.freshness(), pb::Freshness::None);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn the_label_is_shown_before_the_provider_has_answered() {
    let tenant = Tenant::start(LONG).await;
    tenant.fails(Faults { latency_ms: 700, ..Faults::default() });
    let url = tenant.url();
    let (_data, inference, mut service) = pair(&flags(&url)).await;
    let mug = service.label("Mug", Product, "MUG-001").await;
    service.add(vec![image_sample(mug.id, "red")]).await.unwrap();
    let mut events = service.mirror("en").await;
    let both = async {
        let first = until(&mut events, Recognised).await;
        (first, cards(&mut events, &["TEA-100", "TEA-200"]).await)
    };
    let (first, second) = inference.showing(RED, both).await;
    assert!(first.recommendations.is_none());
    assert_eq!(second.state(), Recognised);
    let card = &second.recommendations.unwrap().items[0];
    assert!(card.image_url.starts_with("/pictures/"), "{}", card.image_url);
    let picture_id = card.image_url.strip_prefix("/pictures/").unwrap().to_owned();
    let picture =
        service.recommendation.get_picture(pb::GetPictureRequest { picture_id }).await.unwrap().into_inner();
    assert!(picture.media_type == "image/jpeg" && picture.data.starts_with(&[0xff, 0xd8]));
    // A second look is answered from what is kept.
    let mut again = service.mirror("en").await;
    let first = again.message().await.unwrap().unwrap();
    assert_eq!(ids(&first.recommendations.unwrap()), ["TEA-100", "TEA-200"]);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_and_holds_nothing_up() {
    let tenant = Tenant::start(LONG).await;
    tenant.fails(Faults { retry_after_s: Some(1), status: Some(429), ..Faults::default() });
    let url = tenant.url();
    let (_data, inference, mut service) = pair(&flags(&url)).await;
    let mug = service.label("Mug", Product, "MUG-001").await;
    service.add(vec![image_sample(mug.id, "red")]).await.unwrap();
    let mut events = service.mirror("en").await;
    let told = async {
        loop {
            let event = until(&mut events, Recognised).await;
            let away = event
                .degradations
                .iter()
                .find(|degradation| degradation.component() == pb::Component::Provider);
            if let Some(away) = away {
                return away.message.clone();
            }
        }
    };
    let message = inference.showing(RED, told).await;
    assert!(message.contains("429"), "{message}");
    tenant.fails(Faults::default());
    let back = async {
        loop {
            let event = cards(&mut events, &["TEA-100", "TEA-200"]).await;
            if event.degradations.is_empty() {
                return event;
            }
        }
    };
    assert_eq!(inference.showing(RED, back).await.state(), Recognised);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn interactions_are_checked_and_told() {
    let tenant = Tenant::start(LONG).await;
    let url = tenant.url();
    let (_data, _inference, mut service) = pair(&flags(&url)).await;
    let mug = service.label("Mug", Product, "MUG-001").await;
    recommended(&mut service, mug.id, 0).await;
    let click = pb::InteractionKind::Click;
    let mut record = async |kind: pb::InteractionKind, label_id: i64, ids: &[&str]| {
        let product_ids = ids.iter().map(|id| (*id).to_owned()).collect();
        let request = pb::RecordInteractionRequest { kind: kind.into(), label_id, product_ids };
        service.recommendation.record_interaction(request).await
    };
    record(click, mug.id, &["TEA-200"]).await.unwrap();
    // Emarsys hears of clicks alone, which is no error.
    record(pb::InteractionKind::Impression, mug.id, &["TEA-100", "TEA-200"]).await.unwrap();
    for (kind, label_id, ids, code, part) in [
        (pb::InteractionKind::Unspecified, mug.id, &["TEA-200"][..], Code::InvalidArgument, "kind"),
        (click, mug.id, &["TEA-100", "TEA-200"], Code::InvalidArgument, "the one that was touched"),
        (click, mug.id, &["X"], Code::InvalidArgument, "none of the products"),
        (pb::InteractionKind::Impression, mug.id, &[], Code::InvalidArgument, "1 to 50"),
        (click, 99, &["TEA-200"], Code::NotFound, "label"),
    ] {
        let status = record(kind, label_id, ids).await.unwrap_err();
        assert!(status.code() == code && status.message().contains(part), "{status:?}");
    }
    let told = async {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        while tenant.simulator.feedback().clicks.is_empty() {
            pace.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, told).await.expect("the click is told");
    service.stop().await.unwrap();
}
