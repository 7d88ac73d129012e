//! The live streams of the running service, and what happens when the services
//! around it come and go.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use mirror_proto::recommender::v1 as pb;
use pb::LabelKind::{Background, Product};
use pb::MirrorState::{Degraded, Idle, Looking, Recognised};
use support::{BLUE, FakeInference, GREEN, PATIENCE, RED, Service, catalogue, image_sample, pair, until};
use tonic::Code;

#[tokio::test]
async fn a_product_is_recognised_with_its_cards_and_left_again() {
    let (_catalogue, path) = catalogue();
    let (_data, inference, mut service) = pair(&["--catalogue", &path]).await;
    let red = service.label("Red hat", Product, "T-RED").await;
    let wall = service.label("Wall", Background, "").await;
    service.add(vec![image_sample(red.id, "red"), image_sample(wall.id, "blue")]).await.unwrap();
    let mut events = service.mirror("de").await;

    inference.showing(BLUE, until(&mut events, Idle)).await;
    inference.showing(GREEN, until(&mut events, Looking)).await;
    let event = inference.showing(RED, until(&mut events, Recognised)).await;
    let recognition = event.recognition.unwrap();
    assert_eq!((recognition.label_id, recognition.label_name.as_str()), (red.id, "Red hat"));
    assert!(event.degradations.is_empty() && event.frame_id > 0);
    let cards = event.recommendations.unwrap();
    assert_eq!((cards.provider.as_str(), cards.freshness()), ("catalogue", pb::Freshness::Fresh));
    assert_eq!((cards.items[0].name.as_str(), cards.items[0].price.as_str()), ("Schal", "19.90"));
    let left = inference.showing(BLUE, until(&mut events, Idle)).await;
    assert!(left.recognition.is_none() && left.recommendations.is_none());

    let metrics =
        reqwest::get(format!("http://{}/metrics", service.http)).await.unwrap().text().await.unwrap();
    for counted in [
        "mirror_products_recognised_total ",
        r#"mirror_recognitions_total{outcome="known"} "#,
        r#"mirror_recognitions_total{outcome="background"} "#,
    ] {
        assert!(metrics.contains(counted), "{counted}: {metrics}");
    }
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_new_subscriber_gets_the_current_state_first() {
    let (_data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    let mut early = service.mirror("").await;
    let seen = inference.showing(RED, until(&mut early, Recognised)).await;
    let mut late = service.mirror("").await;
    let first = late.message().await.unwrap().unwrap();
    assert_eq!((first.state(), first.sequence), (Recognised, seen.sequence));
    // A label without a trigger product is shown alone.
    assert_eq!(first.recommendations.unwrap().freshness(), pb::Freshness::None);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn every_frame_has_a_verdict_and_a_consensus() {
    let (_data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    let mut events =
        service.recognition.stream_recognitions(pb::StreamRecognitionsRequest {}).await.unwrap().into_inner();
    let settled = async {
        loop {
            let event = events.message().await.unwrap().unwrap();
            assert_eq!(event.source, format!("fake:{}", event.frame_id));
            assert_eq!(event.instant.unwrap().label_id, red.id);
            if event.stable.unwrap().outcome() == pb::Outcome::Known {
                return event.frame_id;
            }
        }
    };
    let frames = inference.showing(RED, settled).await;
    assert!(frames > 5, "a consensus needs more than a few frames, it took {frames}");
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_subscriber_that_stops_reading_holds_nobody_up() {
    let (_data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    let request = pb::StreamRecognitionsRequest {};
    let idle = service.recognition.stream_recognitions(request).await.unwrap().into_inner();
    let mut busy = service.recognition.stream_recognitions(request).await.unwrap().into_inner();
    let read = async {
        for _ in 0..100 {
            busy.message().await.unwrap().unwrap();
        }
    };
    inference.showing(RED, read).await;
    service.classify("red").await.unwrap();
    drop(idle);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn inference_may_come_late_go_and_come_back() {
    let data = tempfile::tempdir().unwrap();
    // A port that is free now and stays ours to use later.
    let addr = FakeInference::start().await.stop().await;
    let mut service = Service::boot(data.path(), addr, &[]).await;

    let mut events = service.mirror("").await;
    let first = events.message().await.unwrap().unwrap();
    assert_eq!(first.state(), Degraded);
    assert_eq!(first.degradations[0].component(), pb::Component::Inference);
    let status = service.classify("red").await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().contains(&addr.to_string()), "{}", status.message());
    // What needs no inference works.
    let red = service.label("Red hat", Product, "").await;
    mirror_ops::probe::ready(service.http).await.unwrap();

    let inference = FakeInference::start_at(addr).await;
    service.found_inference().await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    inference.showing(RED, until(&mut events, Recognised)).await;

    inference.stop().await;
    let lost = until(&mut events, Degraded).await;
    assert_eq!(lost.degradations[0].component(), pb::Component::Inference);
    assert!(lost.recognition.is_none(), "nothing that is no longer seen is shown");

    let inference = FakeInference::start_at(addr).await;
    inference.showing(RED, until(&mut events, Recognised)).await;
    service.stop().await.unwrap();
    inference.stop().await;
}

/// The next event whose degradations satisfy `condition`.
async fn event_when(
    events: &mut tonic::Streaming<pb::MirrorEvent>,
    condition: impl Fn(&[pb::Degradation]) -> bool,
) -> pb::MirrorEvent {
    let wanted = async {
        loop {
            let event = events.message().await.unwrap().expect("the stream goes on");
            if condition(&event.degradations) {
                return event;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wanted).await.expect("it is told in time")
}

#[tokio::test]
async fn a_lost_edge_tpu_is_told_and_stops_recognition_only_if_nothing_computes() {
    use mirror_proto::inference::v1::Accelerator;
    let (_data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    let mut events = service.mirror("").await;
    inference.accelerator(Accelerator::EdgeTpu, "");
    inference.showing(RED, until(&mut events, Recognised)).await;

    inference.accelerator(Accelerator::Cpu, "it was unplugged");
    let told = |degradations: &[pb::Degradation]| {
        degradations.iter().any(|d| d.component() == pb::Component::Accelerator)
    };
    let event = inference.showing(RED, event_when(&mut events, told)).await;
    assert_eq!(event.state(), Recognised, "the processor recognises as well");
    assert!(event.degradations[0].message.contains("it was unplugged"), "{event:?}");

    inference.accelerator(Accelerator::Unspecified, "it was unplugged");
    let event = until(&mut events, Degraded).await;
    let [degradation] = event.degradations.as_slice() else { panic!("one trouble, not {event:?}") };
    assert!(degradation.message.contains("nothing computes"), "{degradation:?}");
    let status = service.classify("red").await.unwrap_err();
    assert_eq!(
        (status.code(), status.message().contains("the Edge TPU was lost")),
        (Code::Unavailable, true)
    );

    inference.accelerator(Accelerator::EdgeTpu, "");
    inference.showing(RED, until(&mut events, Recognised)).await;
    let event = event_when(&mut service.mirror("").await, <[_]>::is_empty).await;
    assert_eq!(event.state(), Recognised);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_camera_that_delivers_nothing_is_told_with_its_reason() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let mut events = service.mirror("").await;
    let told = async {
        loop {
            let event = until(&mut events, Degraded).await;
            let camera = event.degradations.iter().find(|d| d.component() == pb::Component::Camera);
            if camera.is_some_and(|camera| camera.message.contains("the cable is out")) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, told).await.expect("the reason is told");
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_network_that_makes_nothing_is_not_the_cameras_trouble() {
    let (_data, inference, mut service) = pair(&[]).await;
    inference.camera_delivers();
    let mut events = service.mirror("").await;
    let told = |degradations: &[pb::Degradation]| {
        let components: Vec<_> = degradations.iter().map(pb::Degradation::component).collect();
        components == [pb::Component::Inference]
    };
    let event = event_when(&mut events, told).await;
    assert!(event.degradations[0].message.contains("The camera delivers"), "{event:?}");
    inference.showing(BLUE, event_when(&mut events, <[_]>::is_empty)).await;
    service.stop().await.unwrap();
}

#[tokio::test]
async fn another_model_is_not_the_cameras_trouble() {
    let (_data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    let mut events = service.mirror("").await;
    inference.showing(RED, until(&mut events, Recognised)).await;
    let watched = tokio::spawn(async move {
        let mut told = Vec::new();
        while let Ok(Some(event)) = events.message().await {
            told.extend(event.degradations);
        }
        told
    });

    inference.change_model("another-model");
    let changed = async {
        let request = || pb::GetGalleryRequest {};
        while service.training.get_gallery(request()).await.unwrap().into_inner().model_fingerprint
            != "another-model"
            || service.classify("red").await.is_err()
        {
            tokio::task::yield_now().await;
        }
        until(&mut service.mirror("").await, Recognised).await
    };
    inference.showing(RED, changed).await;
    service.stop().await.unwrap();
    let told = watched.await.unwrap();
    assert!(told.iter().all(|degradation| degradation.component() != pb::Component::Camera), "{told:?}");
}

#[tokio::test]
async fn recommendations_and_their_pictures_can_be_asked_for() {
    let (_catalogue, path) = catalogue();
    let (_data, _inference, mut service) = pair(&["--catalogue", &path]).await;
    let red = service.label("Red hat", Product, "T-RED").await;
    let request = pb::GetRecommendationsRequest { label_id: red.id, limit: 4, language: "en".to_owned() };
    let found = service.recommendation.get_recommendations(request.clone()).await.unwrap().into_inner();
    let picture_id = found.items[0].image_url.strip_prefix("/pictures/").unwrap().to_owned();
    let picture = service.recommendation.get_picture(pb::GetPictureRequest { picture_id }).await.unwrap();
    assert_eq!(picture.into_inner().media_type, "image/jpeg");

    let missing = pb::GetPictureRequest { picture_id: "../catalogue.json".to_owned() };
    assert_eq!(service.recommendation.get_picture(missing).await.unwrap_err().code(), Code::NotFound);
    let unknown = pb::GetRecommendationsRequest { label_id: 999, ..request.clone() };
    assert_eq!(service.recommendation.get_recommendations(unknown).await.unwrap_err().code(), Code::NotFound);
    let many = pb::GetRecommendationsRequest { limit: 51, ..request };
    assert_eq!(
        service.recommendation.get_recommendations(many).await.unwrap_err().code(),
        Code::InvalidArgument
    );
    service.stop().await.unwrap();
}
