//! The running ui service, beside a recommender that the test controls.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser as _;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request as HttpRequest, Response as HttpResponse};
use hyper_util::rt::TokioIo;
use mirror_ops::shutdown::Shutdown;
use mirror_proto::recommender::v1 as pb;
use mirror_ui::config::Cli;
use pb::recognition_service_server::{RecognitionService, RecognitionServiceServer};
use pb::recommendation_service_server::{RecommendationService, RecommendationServiceServer};
use tokio::net::{TcpListener, TcpStream};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

const PATIENCE: Duration = Duration::from_secs(60);

/// Shows one recognised product, for ever.
#[derive(Clone, Default)]
struct Fake {
    interactions: Arc<Mutex<Vec<pb::RecordInteractionRequest>>>,
}

#[tonic::async_trait]
impl RecognitionService for Fake {
    async fn classify(&self, _: Request<pb::ClassifyRequest>) -> Result<Response<pb::Recognition>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    type StreamRecognitionsStream = BoxStream<'static, Result<pb::RecognitionEvent, Status>>;

    async fn stream_recognitions(
        &self,
        _: Request<pb::StreamRecognitionsRequest>,
    ) -> Result<Response<Self::StreamRecognitionsStream>, Status> {
        let event = pb::RecognitionEvent { frame_id: 42, source: "fake:42".to_owned(), ..Default::default() };
        Ok(Response::new(futures::stream::iter([Ok(event)]).chain(futures::stream::pending()).boxed()))
    }

    type StreamMirrorStream = BoxStream<'static, Result<pb::MirrorEvent, Status>>;

    async fn stream_mirror(
        &self,
        request: Request<pb::StreamMirrorRequest>,
    ) -> Result<Response<Self::StreamMirrorStream>, Status> {
        let label_name = format!("hat in {}", request.into_inner().language);
        let event = pb::MirrorEvent {
            sequence: 1,
            state: pb::MirrorState::Recognised.into(),
            recognition: Some(pb::Recognition { label_name, ..Default::default() }),
            ..Default::default()
        };
        Ok(Response::new(futures::stream::iter([Ok(event)]).chain(futures::stream::pending()).boxed()))
    }
}

#[tonic::async_trait]
impl RecommendationService for Fake {
    async fn get_recommendations(
        &self,
        _: Request<pb::GetRecommendationsRequest>,
    ) -> Result<Response<pb::Recommendations>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn get_picture(
        &self,
        request: Request<pb::GetPictureRequest>,
    ) -> Result<Response<pb::Picture>, Status> {
        let media_type = match request.into_inner().picture_id.as_str() {
            "hat.webp" => "image/webp",
            "hat.svg" => "image/svg+xml",
            _ => return Err(Status::not_found("no such picture")),
        };
        Ok(Response::new(pb::Picture { data: "a hat".into(), media_type: media_type.to_owned() }))
    }

    async fn record_interaction(
        &self,
        request: Request<pb::RecordInteractionRequest>,
    ) -> Result<Response<pb::RecordInteractionResponse>, Status> {
        let request = request.into_inner();
        if request.label_id != 7 {
            return Err(Status::not_found("There is no label 8."));
        }
        self.interactions.lock().unwrap().push(request);
        Ok(Response::new(pb::RecordInteractionResponse {}))
    }
}

struct Ui {
    addr: SocketAddr,
    fake: Fake,
    shutdown: Shutdown,
    tasks: Vec<tokio::task::JoinHandle<anyhow::Result<()>>>,
}

impl Ui {
    async fn boot(with_recommender: bool) -> Self {
        let shutdown = Shutdown::new();
        let recommender = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let recommender_addr = recommender.local_addr().unwrap().to_string();
        let (fake, mut tasks) = (Fake::default(), Vec::new());
        if with_recommender {
            let routes = Routes::new(RecognitionServiceServer::new(fake.clone()));
            let routes = routes.add_service(RecommendationServiceServer::new(fake.clone()));
            tasks.push(tokio::spawn(mirror_ops::grpc::run(recommender, routes, &[], shutdown.clone())));
        } else {
            drop(recommender);
        }
        let arguments =
            ["mirror-ui", "--recommender-addr", &recommender_addr, "--inference-addr", "127.0.0.1:1"];
        let config = Cli::try_parse_from(arguments).unwrap().config;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let stop = shutdown.clone();
        tasks.push(tokio::spawn(async move { mirror_ui::run(&config, listener, stop).await }));
        Self { addr, fake, shutdown, tasks }
    }

    async fn get(&self, path: &str) -> HttpResponse<Incoming> {
        self.send(HttpRequest::get(path), "").await
    }

    async fn post(&self, path: &str, body: &'static str) -> HttpResponse<Incoming> {
        let request = HttpRequest::post(path).header("content-type", "application/json");
        self.send(request.header("origin", "http://mirror"), body).await
    }

    async fn send(
        &self,
        request: hyper::http::request::Builder,
        body: &'static str,
    ) -> HttpResponse<Incoming> {
        let stream = TcpStream::connect(self.addr).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = request.header("host", "mirror").body(Full::new(Bytes::from(body))).unwrap();
        sender.send_request(request).await.unwrap()
    }

    async fn body(&self, path: &str) -> String {
        let body = self.get(path).await.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8_lossy(&body).into_owned()
    }

    /// What an event stream says until `part` has come.
    async fn events_until(&self, path: &str, part: &str) -> String {
        let mut body = self.get(path).await.into_body();
        let read = async {
            let mut text = String::new();
            while !text.contains(part) {
                let frame = body.frame().await.expect("the stream goes on").unwrap();
                text.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap()));
            }
            text
        };
        tokio::time::timeout(PATIENCE, read).await.unwrap_or_else(|_| panic!("{part} comes in time"))
    }

    async fn stop(self) {
        self.shutdown.cancel();
        for task in self.tasks {
            tokio::time::timeout(PATIENCE, task).await.expect("it ends").unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn the_page_and_its_assets_come_with_strict_headers() {
    let ui = Ui::boot(false).await;
    let index = ui.get("/").await;
    assert_eq!(index.status(), 200);
    let policy = index.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(index.headers()["cache-control"], "no-cache");

    let page = ui.body("/").await;
    let script = page.split('"').find(|part| part.starts_with("/assets/") && part.ends_with(".js")).unwrap();
    let script = ui.get(script).await;
    assert_eq!(script.headers()["content-type"], "text/javascript");
    assert!(script.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    for path in ["/assets/absent.js", "/assets/..%2findex.html", "/elsewhere", "/data/mirror.db"] {
        assert_eq!(ui.get(path).await.status(), 404, "{path}");
    }
    ui.stop().await;
}

#[tokio::test]
async fn events_greet_then_show_the_state_in_the_language_asked_for() {
    let ui = Ui::boot(true).await;
    let text = ui.events_until("/events?lang=de", "hat in").await;
    let (hello, mirror) = (text.find("event:hello").unwrap(), text.find("event:mirror").unwrap());
    assert!(hello < mirror && text.contains("boot_id"), "{text}");
    assert!(text.contains("hat in de") && text.contains("\"state\":\"RECOGNISED\""), "{text}");
    let text = ui.events_until("/recognitions", "fake:42").await;
    assert!(text.contains("\"frame_id\":42"), "{text}");
    ui.stop().await;
}

#[tokio::test]
async fn without_the_recommender_the_screen_is_told() {
    let ui = Ui::boot(false).await;
    let text = ui.events_until("/events", "RECOMMENDER").await;
    assert!(text.contains("\"state\":\"DEGRADED\""), "{text}");
    assert_eq!(ui.get("/pictures/hat.webp").await.status(), 503);
    assert_eq!(ui.get("/preview.jpg").await.status(), 503);
    assert_eq!(ui.body("/readyz").await, "ready\n");
    ui.stop().await;
}

#[tokio::test]
async fn product_pictures_come_through_the_recommender() {
    let ui = Ui::boot(true).await;
    let picture = ui.get("/pictures/hat.webp").await;
    assert_eq!(
        (picture.status().as_u16(), &picture.headers()["content-type"]),
        (200, &"image/webp".parse().unwrap())
    );
    assert_eq!(ui.get("/pictures/absent.webp").await.status(), 404);
    assert_eq!(ui.get("/pictures/hat.svg").await.status(), 502);
    ui.stop().await;
}

#[tokio::test]
async fn what_visitors_did_reaches_the_recommender() {
    let ui = Ui::boot(true).await;
    let seen = r#"{"kind":"IMPRESSION","label_id":7,"product_ids":["A","B"]}"#;
    assert_eq!(ui.post("/interactions", seen).await.status(), 204);
    let touched = r#"{"kind":"CLICK","label_id":7,"product_ids":["B"]}"#;
    assert_eq!(ui.post("/interactions", touched).await.status(), 204);
    let interaction = |kind: pb::InteractionKind, ids: &[&str]| pb::RecordInteractionRequest {
        kind: kind.into(),
        label_id: 7,
        product_ids: ids.iter().map(|&id| id.to_owned()).collect(),
    };
    let expected = [
        interaction(pb::InteractionKind::Impression, &["A", "B"]),
        interaction(pb::InteractionKind::Click, &["B"]),
    ];
    assert_eq!(*ui.fake.interactions.lock().unwrap(), expected);

    let refused = ui.post("/interactions", r#"{"kind":"CLICK","label_id":8,"product_ids":["B"]}"#).await;
    assert_eq!(refused.status(), 400);
    let why = refused.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(why, "There is no label 8.\n");
    assert_eq!(ui.get("/interactions").await.status(), 405);
    ui.stop().await;
}
