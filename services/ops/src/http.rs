//! The small HTTP port of a service: `/livez`, `/readyz`, `/metrics`; and serving
//! HTTP to people who may be slow, gone, or not well-meaning.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Service as _;
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use crate::readiness::Readiness;
use crate::shutdown::{Shutdown, drain};
use crate::telemetry;

/// What a client may take for itself.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Connections at once; one more waits until another ends.
    connections: usize,
    /// How long a request's head may take, and how long a connection may say nothing.
    head: Duration,
    /// How long what was sent may lie unread; then who should read it has gone, or has stopped.
    unread: Duration,
}

const LIMITS: Limits =
    Limits { connections: 512, head: Duration::from_secs(10), unread: Duration::from_secs(20) };

/// The other end of a request's connection.
#[derive(Clone, Copy, Debug)]
struct Peer(SocketAddr);

/// The three routes, for a service that has an HTTP port of its own anyway.
#[must_use]
pub fn routes(readiness: Readiness) -> BoxedFilter<(Response,)> {
    let livez = warp::path!("livez").map(|| "alive\n".into_response());
    let readyz = warp::path!("readyz").map(move || ready(&readiness));
    let metrics = warp::path!("metrics").map(|| {
        let body = telemetry::metrics().render();
        warp::reply::with_header(body, "content-type", "text/plain; version=0.0.4").into_response()
    });
    read().and(livez.or(readyz).unify().or(metrics).unify()).boxed()
}

/// GET, or HEAD, whose answer is the same without its body.
pub fn read() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    warp::get().or(warp::head()).unify()
}

/// Who asks; `None` where [`serve`] doesn't.
pub fn peer() -> impl Filter<Extract = (Option<SocketAddr>,), Error = Infallible> + Copy {
    warp::ext::optional().map(|peer: Option<Peer>| peer.map(|Peer(addr)| addr))
}

/// Serves the three routes until `shutdown`.
pub async fn run(listener: TcpListener, readiness: Readiness, shutdown: Shutdown) {
    // Installed before the first request, so that nothing counted is lost.
    telemetry::metrics();
    serve(routes(readiness), listener, shutdown).await;
}

/// Serves `routes` until `shutdown`, by HTTP/1.1.
pub async fn serve(routes: BoxedFilter<(impl Reply + 'static,)>, listener: TcpListener, shutdown: Shutdown) {
    let server = serve_within(LIMITS, routes, listener, shutdown.clone());
    drain(server, shutdown).await;
}

/// Ends when `shutdown` has come and all connections have ended.
async fn serve_within(
    limits: Limits,
    routes: BoxedFilter<(impl Reply + 'static,)>,
    listener: TcpListener,
    shutdown: Shutdown,
) {
    let service = warp::service(routes);
    let places = Arc::new(Semaphore::new(limits.connections));
    let connections = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = shutdown.cancelled() => break,
        };
        let (place, stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                refused(&error).await;
                continue;
            }
        };
        notice_when_unread(&stream, limits.unread);
        let service = service.clone();
        let answer = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            service.clone().call(request)
        });
        let connection = connections.watch(builder.serve_connection(TokioIo::new(stream), answer));
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "Connection broke off");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let place = Arc::clone(places).acquire_owned().await.expect("it is never closed");
    let (stream, peer) = listener.accept().await?;
    Ok((place, stream, peer))
}

/// Waits where the fault is this machine's, as a lack of file descriptors is: asked
/// again at once, it would be the same.
async fn refused(error: &io::Error) {
    let of_the_caller =
        [io::ErrorKind::ConnectionRefused, io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
    if !of_the_caller.contains(&error.kind()) {
        tracing::error!(%error, "Connections can't be accepted");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Has the system end the connection when what was sent lies unread for `limit`: a
/// phone that has left the network never says so.
fn notice_when_unread(stream: &TcpStream, limit: Duration) {
    let limit = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = set_tcp_user_timeout(stream, limit) {
        tracing::debug!(%error, "Connections that hang will not be noticed");
    }
}

fn ready(readiness: &Readiness) -> Response {
    let missing = readiness.missing();
    if missing.is_empty() {
        return "ready\n".into_response();
    }
    let lines: String = missing.iter().map(|(name, why)| format!("{name}: {why}\n")).collect();
    warp::reply::with_status(lines, StatusCode::SERVICE_UNAVAILABLE).into_response()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::task::JoinHandle;

    use super::*;

    /// Long for what has to come on a busy machine.
    const PATIENCE: Duration = Duration::from_secs(60);
    const LONG: Limits = Limits { head: PATIENCE, unread: PATIENCE, ..LIMITS };

    #[tokio::test]
    async fn readyz_names_what_is_missing() {
        let readiness = Readiness::default();
        let model = readiness.condition("model");
        let routes = routes(readiness);
        let answer = warp::test::request().path("/readyz").reply(&routes).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.body(), "model: starting\n");
        model.holds();
        for method in ["GET", "HEAD"] {
            let answer = warp::test::request().method(method).path("/readyz").reply(&routes).await;
            assert_eq!(answer.status(), StatusCode::OK);
        }
        let answer = warp::test::request().method("POST").path("/readyz").reply(&routes).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn metrics_are_rendered() {
        let routes = routes(Readiness::default());
        telemetry::metrics();
        metrics::counter!("mirror_test_total").increment(3);
        let answer = warp::test::request().path("/metrics").reply(&routes).await;
        let text = String::from_utf8_lossy(answer.body());
        assert!(text.contains("mirror_test_total 3"), "{text}");
    }

    struct Server {
        addr: SocketAddr,
        shutdown: Shutdown,
        ended: JoinHandle<()>,
    }

    async fn server(limits: Limits, routes: BoxedFilter<(Response,)>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (addr, shutdown) = (listener.local_addr().unwrap(), Shutdown::new());
        let ended = tokio::spawn(serve_within(limits, routes, listener, shutdown.clone()));
        Server { addr, shutdown, ended }
    }

    impl Server {
        async fn connect(&self, said: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.addr).await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
            stream
        }
    }

    /// What comes until the other side hangs up.
    async fn heard(mut stream: TcpStream) -> String {
        let mut text = String::new();
        tokio::time::timeout(PATIENCE, stream.read_to_string(&mut text)).await.unwrap().unwrap();
        text
    }

    fn who() -> BoxedFilter<(Response,)> {
        peer().map(|peer: Option<SocketAddr>| peer.unwrap().to_string().into_response()).boxed()
    }

    const LAST: &str = "GET / HTTP/1.1\r\nhost: mirror\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn routes_know_who_asks() {
        let server = server(LONG, who()).await;
        let stream = server.connect(LAST).await;
        let peer = stream.local_addr().unwrap().to_string();
        assert!(heard(stream).await.ends_with(&format!("\r\n\r\n{peer}")));
    }

    #[tokio::test]
    async fn who_does_not_finish_its_request_is_hung_up_on() {
        let limits = Limits { head: Duration::from_millis(100), ..LONG };
        let server = server(limits, who()).await;
        for said in ["", "GET / HTTP/1.1\r\nhost: mir"] {
            assert!(!heard(server.connect(said).await).await.contains("200 OK"), "{said}");
        }
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_than_its_request() {
        let slow = warp::any().map(|| {
            let parts = futures::stream::iter(["slow", " but", " whole"]);
            let parts = futures::StreamExt::then(parts, async |part| {
                tokio::time::sleep(Duration::from_millis(150)).await;
                Ok::<_, Infallible>(part)
            });
            warp::reply::stream(Box::pin(parts)).into_response()
        });
        let server = server(Limits { head: Duration::from_millis(200), ..LONG }, slow.boxed()).await;
        let heard = heard(server.connect(LAST).await).await;
        assert!(heard.contains(" whole") && heard.ends_with("0\r\n\r\n"), "{heard}");
    }

    #[tokio::test]
    async fn connections_are_few_and_the_next_one_waits() {
        let limits = Limits { connections: 1, ..LONG };
        let server = server(limits, who()).await;
        let first = server.connect("").await;
        let second = server.connect(LAST).await;
        let mut byte = [0];
        let early = tokio::time::timeout(Duration::from_millis(200), second.peek(&mut byte)).await;
        assert!(early.is_err(), "the second is answered beside the first");
        drop(first);
        assert!(heard(second).await.contains("200 OK"));
    }

    #[tokio::test]
    async fn who_stops_reading_is_noticed() {
        let (open, mut closed) = tokio::sync::mpsc::channel::<()>(1);
        let endless = warp::any().map(move || {
            let open = open.clone();
            let chunks = futures::stream::repeat_with(move || {
                let _open = &open;
                Ok::<_, Infallible>(vec![0_u8; 64 * 1024])
            });
            warp::reply::stream(chunks).into_response()
        });
        let server = server(Limits { unread: Duration::from_millis(500), ..LONG }, endless.boxed()).await;
        let reader = server.connect(LAST).await;
        // It is being answered.
        reader.peek(&mut [0]).await.unwrap();
        // The route's own sender goes with the server.
        server.shutdown.cancel();
        assert!(tokio::time::timeout(PATIENCE, closed.recv()).await.unwrap().is_none());
        tokio::time::timeout(PATIENCE, server.ended).await.unwrap().unwrap();
        drop(reader);
    }

    #[tokio::test]
    async fn idle_connections_do_not_keep_it_from_stopping() {
        let server = server(LONG, who()).await;
        let mut idle = server.connect("GET / HTTP/1.1\r\nhost: mirror\r\n\r\n").await;
        let mut answer = [0; 12];
        idle.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        server.shutdown.cancel();
        tokio::time::timeout(PATIENCE, server.ended).await.unwrap().unwrap();
        TcpStream::connect(server.addr).await.unwrap_err();
    }

    #[tokio::test]
    async fn what_goes_on_does_not_keep_it_from_stopping() {
        let endless = warp::any().map(|| {
            warp::reply::stream(futures::stream::pending::<Result<Vec<u8>, Infallible>>()).into_response()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (addr, shutdown) = (listener.local_addr().unwrap(), Shutdown::new());
        let server = tokio::spawn(serve(endless.boxed(), listener, shutdown.clone()));
        let mut open = TcpStream::connect(addr).await.unwrap();
        open.write_all(LAST.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        open.read_exact(&mut answer).await.unwrap();
        shutdown.cancel();
        tokio::time::timeout(PATIENCE, server).await.unwrap().unwrap();
    }
}
