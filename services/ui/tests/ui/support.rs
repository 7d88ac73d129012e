//! The service under test, and a client that speaks plain HTTP to it.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser as _;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::http::request::Builder;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use mirror_ops::shutdown::Shutdown;
use mirror_ui::config::Cli;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tracing::instrument::WithSubscriber as _;

use crate::inference::Inference;
use crate::recommender::Recommender;

/// For what has to come, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the operator has set, where a test doesn't set up one.
pub(crate) const PIN: &str = "geheim";

/// What runs beside the service.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Others {
    Running,
    Away,
}

pub(crate) struct Ui {
    pub(crate) addr: SocketAddr,
    pub(crate) recommender: Recommender,
    pub(crate) inference: Inference,
    pub(crate) dir: tempfile::TempDir,
    log: Log,
    shutdown: Shutdown,
    tasks: Vec<JoinHandle<anyhow::Result<()>>>,
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) head: hyper::http::response::Parts,
    pub(crate) body: Bytes,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Ui {
    /// With a PIN that the operator has set.
    pub(crate) async fn boot(others: Others) -> Self {
        Self::boot_with(others, &[]).await
    }

    pub(crate) async fn boot_with(others: Others, arguments: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let pin_file = dir.path().join("operators-pin");
        std::fs::write(&pin_file, PIN).unwrap();
        let pin_file = pin_file.to_str().unwrap().to_owned();
        Self::start(dir, others, &[arguments, &["--pin-file", &pin_file]].concat()).await
    }

    /// With the data in `dir`'s folder `data`, and no PIN from elsewhere.
    pub(crate) async fn start(dir: tempfile::TempDir, others: Others, arguments: &[&str]) -> Self {
        let (recommender, inference) = (Recommender::default(), Inference::default());
        let shutdown = Shutdown::new();
        let mut tasks = Vec::new();
        let mut addresses = Vec::new();
        for routes in [recommender.routes(), inference.routes()] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            addresses.push(listener.local_addr().unwrap().to_string());
            if others == Others::Running {
                tasks.push(tokio::spawn(mirror_ops::grpc::run(listener, routes, &[], shutdown.clone())));
            }
        }
        let data = dir.path().join("data");
        let fixed = [
            "mirror-ui",
            "--recommender-addr",
            &addresses[0],
            "--inference-addr",
            &addresses[1],
            "--data-dir",
            data.to_str().unwrap(),
        ];
        let config = Cli::try_parse_from(fixed.iter().chain(arguments)).unwrap().config;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, log) = (shutdown.clone(), Log::default());
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let service = async move { mirror_ui::run(&config, listener, stop).await };
        tasks.push(tokio::spawn(service.with_subscriber(subscriber)));
        Self { addr, recommender, inference, dir, log, shutdown, tasks }
    }

    /// Ends it, and starts it anew on the same data.
    pub(crate) async fn restart(self) -> Self {
        let dir = self.stop().await;
        Self::start(dir, Others::Away, &[]).await
    }

    pub(crate) async fn stop(self) -> tempfile::TempDir {
        self.shutdown.cancel();
        for task in self.tasks {
            soon(task).await.unwrap().unwrap();
        }
        self.dir
    }

    pub(crate) fn log(&self) -> String {
        String::from_utf8(self.log.0.lock().unwrap().clone()).unwrap()
    }

    /// The set-up code that the log tells.
    pub(crate) fn code(&self) -> Option<String> {
        let log = self.log();
        let (_, rest) = log.split_once("Set-up code for /teach code=\"")?;
        Some(rest.split_once('"')?.0.to_owned())
    }

    /// Sends a request and reads the head of the answer; the connection lives as
    /// long as the answer's body does.
    pub(crate) async fn open(
        &self,
        request: Builder,
        body: BoxStream<'static, std::io::Result<Bytes>>,
    ) -> hyper::Result<Response<Incoming>> {
        self.open_at("mirror", request, body).await
    }

    /// As [`Ui::open`], by the name `host`.
    async fn open_at(
        &self,
        host: &str,
        request: Builder,
        body: BoxStream<'static, std::io::Result<Bytes>>,
    ) -> hyper::Result<Response<Incoming>> {
        let stream = TcpStream::connect(self.addr).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let body = StreamBody::new(body.map(|data| data.map(Frame::data)));
        let request = request.header("host", host).body(body).unwrap();
        soon(sender.send_request(request)).await
    }

    /// As [`Ui::open`], for what goes on without an end.
    pub(crate) async fn stream(&self, request: Builder, body: &'static str) -> Incoming {
        let body = futures::stream::iter([Ok(Bytes::from(body))]).boxed();
        let answer = self.open(request, body).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.into_body()
    }

    pub(crate) async fn send(&self, request: Builder, body: impl Into<Bytes>) -> Answer {
        self.send_to("mirror", request, body).await
    }

    /// As [`Ui::send`], by the name `host`.
    pub(crate) async fn send_to(&self, host: &str, request: Builder, body: impl Into<Bytes>) -> Answer {
        let body = body.into();
        let request = request.header("content-length", body.len());
        let answer = self.open_at(host, request, futures::stream::iter([Ok(body)]).boxed()).await.unwrap();
        let (head, body) = answer.into_parts();
        Answer { head, body: soon(body.collect()).await.unwrap().to_bytes() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), "").await
    }

    /// As the mirror's own page does, in the session of `cookie`.
    pub(crate) fn request(method: &str, path: &str, cookie: &str) -> Builder {
        let request = Request::builder().method(method).uri(path).header("cookie", cookie);
        let request = request.header("origin", "http://mirror").header("sec-fetch-site", "same-origin");
        if method == "GET" { request } else { request.header("content-type", "application/json") }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, cookie: &str, body: &str) -> Answer {
        self.send(Self::request(method, path, cookie), body.to_owned()).await
    }

    /// The cookie of a new session, for who knows [`PIN`].
    pub(crate) async fn enter(&self) -> String {
        let answer = self.call("POST", "/api/session", "", &format!(r#"{{"pin":"{PIN}"}}"#)).await;
        assert_eq!(answer.status(), 204, "{}", answer.text());
        answer.cookie().unwrap()
    }

    /// What an event stream says until `part` has come.
    pub(crate) async fn events_until(&self, request: Builder, part: &str) -> String {
        read_until(&mut self.stream(request, "").await, part).await
    }
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// What a browser would send back.
    pub(crate) fn cookie(&self) -> Option<String> {
        Some(self.header("set-cookie")?.split(';').next().unwrap().to_owned())
    }

    /// The code of an error, which has to be one with a sentence.
    pub(crate) fn error(&self) -> String {
        let json = self.json();
        assert_eq!(json.as_object().unwrap().len(), 2, "{json}");
        assert!(json["error"].as_str().unwrap().ends_with('.'), "{json}");
        json["code"].as_str().unwrap().to_owned()
    }
}

/// What `body` says until `part` has come.
pub(crate) async fn read_until(body: &mut Incoming, part: &str) -> String {
    let mut text = String::new();
    while !text.contains(part) {
        let frame = soon(body.frame()).await.unwrap_or_else(|| panic!("{part} comes after {text}"));
        text.push_str(&String::from_utf8_lossy(&frame.unwrap().into_data().unwrap()));
    }
    text
}

/// What has to come.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it comes in time")
}
