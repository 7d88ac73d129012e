//! The map of the embedding space, and what operators are told.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use mirror_proto::recommender::v1 as pb;
use pb::LabelKind::{Background, Product};
use pb::space_event::Event;
use support::{BLUE, GREEN, PATIENCE, RED, Service, embedding, embedding_sample, image_sample, pair};
use tonic::{Code, Streaming};

async fn space(service: &mut Service, max_points: u32) -> Streaming<pb::SpaceEvent> {
    let request = pb::StreamSpaceRequest { max_points };
    service.recognition.stream_space(request).await.unwrap().into_inner()
}

async fn next(events: &mut Streaming<pb::SpaceEvent>) -> Event {
    let next = tokio::time::timeout(PATIENCE, events.message()).await.expect("it goes on");
    next.unwrap().unwrap().event.unwrap()
}

async fn next_map(events: &mut Streaming<pb::SpaceEvent>) -> pb::SpaceMap {
    loop {
        if let Event::Map(map) = next(events).await {
            return map;
        }
    }
}

/// The next frame of this outcome.
async fn next_frame(events: &mut Streaming<pb::SpaceEvent>, outcome: pb::Outcome) -> pb::SpaceFrame {
    loop {
        match next(events).await {
            Event::Frame(frame) if frame.recognition.as_ref().unwrap().outcome() == outcome => return frame,
            _ => {}
        }
    }
}

fn place(map: &pb::SpaceMap, sample: i64) -> [f32; 3] {
    let at = map.sample_ids.iter().position(|id| *id == sample).expect("it is in the map");
    map.positions[3 * at..3 * at + 3].try_into().unwrap()
}

fn radius(point: &[f32]) -> f32 {
    assert_eq!(point.len(), 3);
    point.iter().map(|v| v * v).sum::<f32>().sqrt()
}

#[tokio::test]
async fn the_map_grows_with_the_gallery_and_its_points_stay() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let mut events = space(&mut service, 0).await;
    let empty = next_map(&mut events).await;
    assert_eq!((empty.samples, empty.labels.len(), empty.positions.len()), (0, 0, 0));

    let red = service.label("Red hat", Product, "").await;
    let wall = service.label("A wall", Background, "").await;
    let near = |values: [f32; 4]| {
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        embedding(&values.map(|v| v / length))
    };
    let mut taught = Vec::new();
    for i in 0..6 {
        let shift = 0.05 * i as f32;
        taught.push(embedding_sample(red.id, near([1.0, shift, 0.1, 0.0])));
        taught.push(embedding_sample(wall.id, near([shift, 0.1, 1.0, 0.0])));
    }
    let samples = service.add(taught).await.unwrap();
    while next_map(&mut events).await.samples < 12 {}
    while !settled(&mut service).await {
        tokio::task::yield_now().await;
    }
    // What was learnt from them may have brought other axes; now they are chosen.
    let mut events = space(&mut service, 0).await;
    let map = next_map(&mut events).await;
    let names: Vec<_> =
        map.labels.iter().map(|label| (label.name.as_str(), label.kind(), label.samples)).collect();
    assert_eq!(names, [("A wall", Background, 6), ("Red hat", Product, 6)]);
    assert_eq!((map.sample_ids.len(), map.label_indices.len(), map.positions.len()), (12, 12, 36));
    for (sample, index) in map.sample_ids.iter().zip(&map.label_indices) {
        let label = samples.iter().find(|known| known.id == *sample).unwrap().label_id;
        assert_eq!(map.labels[*index as usize].label_id, label);
        assert!(radius(&place(&map, *sample)) <= 1.0);
    }

    let added = service.add(vec![embedding_sample(red.id, near([1.0, 0.12, 0.1, 0.0]))]).await.unwrap();
    let grown = loop {
        let map = next_map(&mut events).await;
        if map.samples == 13 {
            break map;
        }
    };
    assert!(grown.revision > map.revision);
    assert_eq!(grown.layout, map.layout);
    for sample in &map.sample_ids {
        assert_eq!(place(&grown, *sample), place(&map, *sample));
    }
    assert!(radius(&place(&grown, added[0].id)) <= 1.0);
    service.stop().await.unwrap();
}

async fn settled(service: &mut Service) -> bool {
    service.training.get_gallery(pb::GetGalleryRequest {}).await.unwrap().into_inner().metric_current
}

#[tokio::test]
async fn frames_are_inside_near_their_sample_or_outside() {
    let (_data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    let blue = service.label("Blue hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red"), image_sample(blue.id, "blue")]).await.unwrap();
    let mut events = space(&mut service, 0).await;
    let first = next(&mut events).await;
    assert!(matches!(first, Event::Map(_)), "the map comes first");

    for (colour, label) in [(RED, red.id), (BLUE, blue.id)] {
        let frame = inference.showing(colour, async {
            loop {
                let frame = next_frame(&mut events, pb::Outcome::Known).await;
                if frame.recognition.as_ref().unwrap().label_id == label {
                    return frame;
                }
            }
        });
        let frame = frame.await;
        assert!(radius(&frame.position) <= 1.0);
        // It is the very picture that was taught.
        let apart: Vec<_> = frame.position.iter().zip(&frame.nearest_position).map(|(a, b)| a - b).collect();
        assert!(radius(&apart) < 1e-3, "{apart:?}");
    }
    let frame = inference.showing(GREEN, next_frame(&mut events, pb::Outcome::Unknown)).await;
    assert!(radius(&frame.position) > 1.1);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_large_gallery_shows_each_labels_share() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let (many, few) = (service.label("Many", Product, "").await, service.label("Few", Product, "").await);
    let around = |i: i32| {
        let angle = 0.002 * i as f32;
        embedding(&[angle.cos(), angle.sin(), 0.0, 0.0])
    };
    service.add((0..90).map(|i| embedding_sample(many.id, around(i))).collect()).await.unwrap();
    service.add((700..710).map(|i| embedding_sample(few.id, around(i))).collect()).await.unwrap();
    let map = next_map(&mut space(&mut service, 20).await).await;
    assert_eq!((map.samples, map.sample_ids.len()), (100, 20));
    let of_few = map.label_indices.iter().filter(|index| map.labels[**index as usize].name == "Few").count();
    assert_eq!(of_few, 2);

    let refused = service.recognition.stream_space(pb::StreamSpaceRequest { max_points: 20_001 }).await;
    let refused = refused.unwrap_err();
    assert!(refused.code() == Code::InvalidArgument && refused.message().contains("20000"), "{refused:?}");
    service.stop().await.unwrap();
}

#[tokio::test]
async fn one_sample_has_its_picture_and_its_embedding() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    let sample = service.add(vec![image_sample(red.id, "red")]).await.unwrap().remove(0);
    let asked = pb::GetSampleRequest { sample_id: sample.id, with_thumbnail: true, with_embedding: true };
    let whole = service.training.get_sample(asked).await.unwrap().into_inner();
    assert_eq!((whole.label_id, whole.thumbnail.is_empty()), (red.id, false));
    assert_eq!(whole.embedding.unwrap().values, RED);
    let bare = pb::GetSampleRequest { sample_id: sample.id, ..Default::default() };
    let bare = service.training.get_sample(bare).await.unwrap().into_inner();
    assert!(bare.thumbnail.is_empty() && bare.embedding.is_none());
    let absent =
        service.training.get_sample(pb::GetSampleRequest { sample_id: 99, ..Default::default() }).await;
    assert_eq!(absent.unwrap_err().code(), Code::NotFound);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn operators_are_told_how_it_is() {
    let (data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    let mut mirror = service.mirror("").await;
    inference.showing(RED, support::until(&mut mirror, pb::MirrorState::Recognised)).await;
    let _teaching = service.training.teach(pb::TeachRequest {}).await.unwrap();
    support::until(&mut mirror, pb::MirrorState::Teaching).await;

    let status = service.recognition.get_status(pb::GetStatusRequest {}).await.unwrap().into_inner();
    assert_eq!(status.version, env!("CARGO_PKG_VERSION"));
    assert_eq!((status.state(), status.teaching), (pb::MirrorState::Teaching, 1));
    assert_eq!((status.provider.as_str(), status.queued_interactions), ("none", 0));
    let database = std::fs::metadata(data.path().join("mirror.db")).unwrap().len();
    assert!(status.database_bytes >= database && database > 0);
    assert!(status.recommendations_bytes > 0 && status.disk_free_bytes > 0 && status.resident_bytes > 0);
    assert!(status.started_at.is_some());
    service.stop().await.unwrap();
}
