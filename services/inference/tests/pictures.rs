//! EmbedImage and GetModel of the running service, with good and bad pictures.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use mirror_proto::inference::v1 as pb;
use support::{Service, cosine, picture, png};
use tonic::Code;

#[tokio::test]
async fn a_picture_becomes_a_unit_vector_and_the_same_one_each_time() {
    let mut service = Service::boot(&["--camera", "replay:/nowhere"]).await;
    let model = service.client.get_model(pb::GetModelRequest {}).await.unwrap().into_inner();
    assert_eq!((model.dimensions, model.input_width, model.input_height), (1280, 224, 224));
    assert_eq!(model.fingerprint.len(), 64);
    assert_eq!(model.accelerator(), pb::Accelerator::Cpu);

    let mut embeddings = Vec::new();
    for kind in [0, 1, 0] {
        let request = pb::EmbedImageRequest {
            image: png(&picture(kind)).into(),
            picture_size: 0,
            ..Default::default()
        };
        let answer = service.client.embed_image(request).await.unwrap().into_inner();
        assert!(answer.picture.is_empty());
        let embedding = answer.embedding.unwrap();
        assert_eq!(embedding.model_fingerprint, model.fingerprint);
        assert!((cosine(&embedding.values, &embedding.values) - 1.0).abs() < 1e-4);
        embeddings.push(embedding.values);
    }
    assert_eq!(embeddings[0], embeddings[2]);
    assert!(cosine(&embeddings[0], &embeddings[1]) < 0.95);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_small_upright_picture_comes_along_when_asked_for() {
    let mut service = Service::boot(&["--camera", "replay:/nowhere"]).await;
    let request =
        pb::EmbedImageRequest { image: png(&picture(1)).into(), picture_size: 64, ..Default::default() };
    let small = service.client.embed_image(request).await.unwrap().into_inner().picture;
    let small = image::load_from_memory_with_format(&small, image::ImageFormat::Jpeg).unwrap();
    assert_eq!((small.width(), small.height()), (64, 48));
    let request =
        pb::EmbedImageRequest { image: png(&picture(1)).into(), picture_size: 5, ..Default::default() };
    let refused = service.client.embed_image(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("picture_size"), "{}", refused.message());
    service.stop().await.unwrap();
}

#[tokio::test]
async fn views_are_of_the_middle_seen_closer() {
    let mut service = Service::boot(&["--camera", "replay:/nowhere"]).await;
    let embed = async |service: &mut Service, image: &image::RgbImage, with_views| {
        let request = pb::EmbedImageRequest { image: png(image).into(), with_views, ..Default::default() };
        service.client.embed_image(request).await.unwrap().into_inner()
    };
    let whole = picture(2);
    let answer = embed(&mut service, &whole, true).await;
    assert!(embed(&mut service, &whole, false).await.views.is_empty());
    // 80 and 60 % of 320 x 240.
    let parts = [(32, 24, 256, 192), (64, 48, 192, 144)];
    assert_eq!(answer.views.len(), parts.len());
    for (view, (x, y, width, height)) in answer.views.iter().zip(parts) {
        let part = image::imageops::crop_imm(&whole, x, y, width, height).to_image();
        let expected = embed(&mut service, &part, false).await.embedding.unwrap();
        assert_eq!(*view, expected);
    }
    service.stop().await.unwrap();
}

#[tokio::test]
async fn bad_pictures_are_refused_in_words_and_the_service_goes_on() {
    let mut service = Service::boot(&["--camera", "replay:/nowhere"]).await;
    let good = png(&picture(0));
    let mut huge = Vec::new();
    let fifty_megapixels = image::GrayImage::new(10_000, 5_000);
    fifty_megapixels.write_to(&mut std::io::Cursor::new(&mut huge), image::ImageFormat::Png).unwrap();
    for (image, code, part) in [
        (Vec::new(), Code::InvalidArgument, "empty"),
        (b"%PDF-1.7 nothing to see".to_vec(), Code::InvalidArgument, "JPEG, PNG, WebP or BMP"),
        (good[..good.len() / 2].to_vec(), Code::InvalidArgument, "can't be decoded"),
        (huge, Code::ResourceExhausted, "10000 x 5000"),
        (vec![0; 17 * 1024 * 1024], Code::ResourceExhausted, "bytes"),
    ] {
        let request = pb::EmbedImageRequest { image: image.into(), picture_size: 0, ..Default::default() };
        let status = service.client.embed_image(request).await.unwrap_err();
        assert_eq!(status.code(), code, "{}", status.message());
        assert!(status.message().contains(part), "{}", status.message());
    }
    let request = pb::EmbedImageRequest { image: good.into(), picture_size: 0, ..Default::default() };
    service.client.embed_image(request).await.unwrap();
    service.stop().await.unwrap();
}

#[tokio::test]
async fn health_reflection_and_readiness_answer() {
    let service = Service::boot(&["--camera", "replay:/nowhere"]).await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(service.channel.clone());
    for name in ["", "smartmirror.inference.v1.InferenceService"] {
        let request = tonic_health::pb::HealthCheckRequest { service: name.to_owned() };
        let status = health.check(request).await.unwrap().into_inner().status();
        assert_eq!(status, tonic_health::pb::health_check_response::ServingStatus::Serving, "{name}");
    }
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    let request = tonic_reflection::pb::v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut reflection = ServerReflectionClient::new(service.channel.clone());
    let answers = reflection.server_reflection_info(tokio_stream::once(request)).await.unwrap();
    let answer = answers.into_inner().message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("no list")
    };
    assert!(list.service.iter().any(|s| s.name == "smartmirror.inference.v1.InferenceService"));
    mirror_ops::probe::ready(service.http).await.unwrap();
    service.stop().await.unwrap();
}
