//! The camera's streams of the running service, fed by a replay.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use std::time::Duration;

use mirror_proto::inference::v1 as pb;
use support::{PATIENCE, Service, cosine, picture, png, scenes};
use tonic::{Code, Streaming};

async fn next<T>(stream: &mut Streaming<T>) -> T {
    let message = tokio::time::timeout(PATIENCE, stream.message()).await.expect("a message in time");
    message.unwrap().expect("the stream goes on")
}

async fn embeddings(service: &mut Service, max_rate_hz: f32) -> Streaming<pb::EmbeddingEvent> {
    let request = pb::StreamEmbeddingsRequest { max_rate_hz, picture_size: 0 };
    service.client.stream_embeddings(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn frames_come_as_the_embeddings_of_their_pictures() {
    let folder = scenes();
    let mut service = Service::boot(&["--camera", &format!("replay:{}", folder.path().display())]).await;
    let request =
        pb::EmbedImageRequest { image: png(&picture(0)).into(), picture_size: 0, ..Default::default() };
    let still = service.client.embed_image(request).await.unwrap().into_inner().embedding.unwrap();

    let mut events = embeddings(&mut service, 0.0).await;
    let mut last = 0;
    let mut seen = false;
    for _ in 0..6 {
        let event = next(&mut events).await;
        assert!(event.frame_id > last);
        last = event.frame_id;
        assert!(event.captured_at.is_some() && event.timings.unwrap().embed_us > 0);
        assert!(event.sharpness > 1.0, "stripes are sharp");
        let embedding = event.embedding.unwrap();
        assert_eq!(embedding.model_fingerprint, still.model_fingerprint);
        if event.source.ends_with("0.png") {
            seen = true;
            assert_eq!(embedding.values, still.values);
        } else {
            assert!(cosine(&embedding.values, &still.values) < 0.95);
        }
    }
    assert!(seen, "the first picture was among six frames of two");
    let status = service.client.get_status(pb::GetStatusRequest {}).await.unwrap().into_inner();
    assert!(status.frames_captured >= last && status.frames_dropped < status.frames_captured, "{status:?}");
    assert!(status.resident_bytes > 0 && status.started_at.is_some() && !status.version.is_empty());
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_subscriber_that_stops_reading_slows_nobody_and_misses_frames() {
    let folder = scenes();
    let replay = format!("replay:{}", folder.path().display());
    let mut service = Service::boot(&["--camera", &replay, "--replay-fps", "60"]).await;
    let mut idle = embeddings(&mut service, 0.0).await;
    next(&mut idle).await;

    // An event has about 5 kB, so 200 of them are far more than the 64 kB that
    // HTTP/2 takes in for a reader that doesn't read.
    let mut busy = embeddings(&mut service, 0.0).await;
    for _ in 0..200 {
        next(&mut busy).await;
    }
    let mut late = next(&mut idle).await;
    for _ in 0..200 {
        if late.frames_dropped > 50 {
            break;
        }
        late = next(&mut idle).await;
    }
    assert!(late.frames_dropped > 50, "only {} frames were dropped", late.frames_dropped);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_stream_can_be_thinned_out_and_counts_what_it_leaves_out() {
    let folder = scenes();
    let replay = format!("replay:{}", folder.path().display());
    let mut service = Service::boot(&["--camera", &replay, "--replay-fps", "40"]).await;
    let mut events = embeddings(&mut service, 5.0).await;
    let first = next(&mut events).await;
    let mut last = first.clone();
    for _ in 0..4 {
        last = next(&mut events).await;
    }
    let time = |event: &pb::EmbeddingEvent| {
        let captured = event.captured_at.unwrap();
        Duration::new(captured.seconds as u64, captured.nanos as u32)
    };
    let took = time(&last) - time(&first);
    assert!(took >= Duration::from_millis(700), "four intervals of 200 ms took {took:?}");
    assert_eq!(last.frames_dropped, last.frame_id - first.frame_id - 4);
    let refused = service
        .client
        .stream_embeddings(pb::StreamEmbeddingsRequest { max_rate_hz: -3.0, picture_size: 0 })
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn previews_are_small_jpegs_and_their_number_is_bounded() {
    let folder = scenes();
    let mut service = Service::boot(&["--camera", &format!("replay:{}", folder.path().display())]).await;
    let request = pb::StreamPreviewRequest { width: 160, max_rate_hz: 0.0 };
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(service.client.stream_preview(request).await.unwrap().into_inner());
    }
    let frame = next(&mut open[0]).await;
    let picture = image::load_from_memory_with_format(&frame.jpeg, image::ImageFormat::Jpeg).unwrap();
    assert_eq!((picture.width(), picture.height()), (160, 120));
    let ninth = service.client.stream_preview(request).await.unwrap_err();
    assert_eq!(ninth.code(), Code::ResourceExhausted);

    // A closed preview makes room; the server notices when it sends the next frame.
    drop(open.pop());
    let reopened = async {
        while service.client.stream_preview(request).await.is_err() {
            next(&mut open[0]).await;
        }
    };
    tokio::time::timeout(PATIENCE, reopened).await.expect("a closed preview makes room");
    let wide =
        service.client.stream_preview(pb::StreamPreviewRequest { width: 9999, max_rate_hz: 0.0 }).await;
    assert_eq!(wide.unwrap_err().code(), Code::InvalidArgument);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn cameras_are_listed_and_selected() {
    let (first, second) = (scenes(), scenes());
    let id = |folder: &tempfile::TempDir| format!("replay:{}", folder.path().display());
    let source = |folder: &tempfile::TempDir| {
        format!("replay:{}/", folder.path().file_name().unwrap().to_string_lossy())
    };
    let replay_dir = second.path().display().to_string();
    let mut service = Service::boot(&["--camera", &id(&first), "--replay-dir", &replay_dir]).await;
    let mut events = embeddings(&mut service, 0.0).await;
    assert!(next(&mut events).await.source.starts_with(&source(&first)));

    let request = pb::SelectCameraRequest { camera_id: id(&second) };
    let selected = service.client.select_camera(request).await.unwrap().into_inner();
    assert!(selected.selected && selected.id == id(&second));
    while !next(&mut events).await.source.starts_with(&source(&second)) {}
    let cameras = service.client.list_cameras(pb::ListCamerasRequest {}).await.unwrap().into_inner().cameras;
    let states: Vec<_> = cameras.iter().map(|camera| (camera.id.clone(), camera.selected)).collect();
    assert!(states.contains(&(id(&second), true)) && states.contains(&(id(&first), false)), "{states:?}");

    let request = pb::SelectCameraRequest { camera_id: "replay:/etc".to_owned() };
    assert_eq!(service.client.select_camera(request).await.unwrap_err().code(), Code::NotFound);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn frames_and_previews_are_turned_alike() {
    let folder = tempfile::tempdir().unwrap();
    let upright = picture(1);
    std::fs::write(folder.path().join("0.png"), png(&image::imageops::rotate270(&upright))).unwrap();
    let replay = format!("replay:{}", folder.path().display());
    let mut service = Service::boot(&["--camera", &replay, "--camera-rotate", "90"]).await;
    let request =
        pb::EmbedImageRequest { image: png(&upright).into(), picture_size: 0, ..Default::default() };
    let still = service.client.embed_image(request).await.unwrap().into_inner().embedding.unwrap();

    let request = pb::StreamEmbeddingsRequest { max_rate_hz: 0.0, picture_size: 160 };
    let mut events = service.client.stream_embeddings(request).await.unwrap().into_inner();
    let event = next(&mut events).await;
    let similarity = cosine(&event.embedding.unwrap().values, &still.values);
    assert!(similarity > 0.999, "{similarity}");
    let taught = image::load_from_memory(&event.picture).unwrap();
    assert_eq!((taught.width(), taught.height()), (160, 120));

    let request = pb::StreamPreviewRequest { width: 80, max_rate_hz: 0.0 };
    let mut previews = service.client.stream_preview(request).await.unwrap().into_inner();
    let preview = image::load_from_memory(&next(&mut previews).await.jpeg).unwrap();
    assert_eq!((preview.width(), preview.height()), (80, 60));
    service.stop().await.unwrap();
}

#[tokio::test]
async fn broken_pictures_fail_the_camera_and_never_the_service() {
    let folder = tempfile::tempdir().unwrap();
    // A beginning and an end, and nothing of a picture in between.
    std::fs::write(folder.path().join("0.jpg"), b"\xff\xd8\xff\xe0 nothing \xff\xd9").unwrap();
    let replay = format!("replay:{}", folder.path().display());
    let mut service = Service::boot(&["--camera", &replay, "--replay-fps", "60"]).await;
    let failed = async {
        loop {
            let request = pb::ListCamerasRequest {};
            let cameras = service.client.list_cameras(request).await.unwrap().into_inner().cameras;
            let camera = cameras.into_iter().find(|camera| camera.selected).expect("the chosen one is shown");
            assert_ne!(camera.state(), pb::CameraState::Streaming, "it never delivered");
            if camera.state() == pb::CameraState::Failed {
                return camera;
            }
            tokio::task::yield_now().await;
        }
    };
    let camera = tokio::time::timeout(PATIENCE, failed).await.expect("it is told");
    assert!(camera.problem.contains("no usable pictures: 10 in a row"), "{}", camera.problem);

    std::fs::write(folder.path().join("0.jpg"), mirror_inference::picture::encode_jpeg(&picture(0))).unwrap();
    let mut events = embeddings(&mut service, 0.0).await;
    next(&mut events).await;
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_camera_that_is_missing_is_told_and_does_not_stop_the_service() {
    let mut service = Service::boot(&["--camera", "/dev/video99"]).await;
    let failed = async {
        loop {
            let cameras =
                service.client.list_cameras(pb::ListCamerasRequest {}).await.unwrap().into_inner().cameras;
            let selected =
                cameras.into_iter().find(|camera| camera.selected).expect("the chosen one is shown");
            if selected.state() == pb::CameraState::Failed {
                return selected;
            }
            tokio::task::yield_now().await;
        }
    };
    let camera = tokio::time::timeout(PATIENCE, failed).await.expect("it is told");
    assert!(camera.problem.contains("/dev/video99"), "{}", camera.problem);
    let request =
        pb::EmbedImageRequest { image: png(&picture(0)).into(), picture_size: 0, ..Default::default() };
    service.client.embed_image(request).await.unwrap();
    service.stop().await.unwrap();
}

#[tokio::test]
async fn open_streams_end_when_the_service_stops() {
    let folder = scenes();
    let mut service = Service::boot(&["--camera", &format!("replay:{}", folder.path().display())]).await;
    let mut events = embeddings(&mut service, 0.0).await;
    next(&mut events).await;
    service.stop().await.unwrap();
    let ended = async { while let Ok(Some(_)) = events.message().await {} };
    tokio::time::timeout(PATIENCE, ended).await.expect("the stream ends");
}
