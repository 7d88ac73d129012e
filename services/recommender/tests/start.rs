//! Starting: what stops the service says why, and health answers.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use clap::Parser as _;
use mirror_recommender::bind;
use mirror_recommender::config::Cli;
use support::{FakeInference, Service, pair};

#[tokio::test]
async fn a_data_directory_that_can_not_be_written_stops_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let inference = FakeInference::start().await;
    let service = Service::boot(&file.path().join("data"), inference.addr, &[]).await;
    let error = service.ended().await.unwrap_err().to_string();
    assert!(error.contains("MIRROR_DATA_DIR") && error.contains(file.path().to_str().unwrap()), "{error}");
}

#[tokio::test]
async fn a_catalogue_with_a_mistake_stops_it() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("catalogue.json");
    std::fs::write(&path, "{").unwrap();
    let inference = FakeInference::start().await;
    let service = Service::boot(data.path(), inference.addr, &["--catalogue", path.to_str().unwrap()]).await;
    let error = service.ended().await.unwrap_err().to_string();
    assert!(error.contains("catalogue.json"), "{error}");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let arguments = ["mirror-recommender", "--grpc-addr", &addr, "--http-addr", "127.0.0.1:0"];
    let config = Cli::try_parse_from(arguments).unwrap().config;
    let error = bind(&config).await.unwrap_err().to_string();
    assert!(error.contains(&addr) && error.contains("MIRROR_RECOMMENDER_ADDR"), "{error}");
}

#[tokio::test]
async fn health_and_reflection_answer() {
    let (_data, _inference, service) = pair(&[]).await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(service.channel.clone());
    for name in ["Training", "Recognition", "Recommendation"] {
        let service = format!("smartmirror.recommender.v1.{name}Service");
        let status =
            health.check(tonic_health::pb::HealthCheckRequest { service }).await.unwrap().into_inner();
        assert_eq!(status.status(), tonic_health::pb::health_check_response::ServingStatus::Serving);
    }
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_message_over_every_limit_is_too_large_in_the_contracts_words() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let image = vec![0; mirror_proto::MAX_MESSAGE_BYTES + 1];
    let source = mirror_proto::recommender::v1::classify_request::Source::Image(image.into());
    let request = mirror_proto::recommender::v1::ClassifyRequest { source: Some(source) };
    let status = service.recognition.classify(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::ResourceExhausted, "{}", status.message());
    service.stop().await.unwrap();
}
