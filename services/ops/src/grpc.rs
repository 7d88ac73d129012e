//! What all gRPC servers have in common (health, reflection, ending when the
//! service stops), and how their clients connect.

use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tonic::codegen::http;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tower::util::MapResponseLayer;

use crate::shutdown::{Shutdown, drain};

/// Bytes of a stream that may be under way unread.
const STREAM_WINDOW: u32 = 64 * 1024;

/// Serves `routes` with `grpc.health.v1` and reflection until `shutdown`.
/// `services` are the full names that health answers for.
///
/// # Errors
/// When the server's transport fails.
pub async fn run(
    listener: TcpListener,
    mut routes: Routes,
    services: &[&'static str],
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let (mut health, health_service) = tonic_health::server::health_reporter();
    for name in services {
        health.set_service_status(*name, tonic_health::ServingStatus::Serving).await;
    }
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(mirror_proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;
    routes = routes.add_service(health_service).add_service(reflection);
    let token = shutdown.clone();
    // A health watcher's stream would keep a graceful stop waiting.
    let stop = async move {
        token.cancelled().await;
        for name in services.iter().copied().chain([""]) {
            health.clear_service_status(name).await;
        }
    };
    // An answer in more than one packet would wait 40 ms for an acknowledgement.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let server = Server::builder()
        .layer(MapResponseLayer::new(name_too_large))
        // Notices a peer that vanished without a word.
        .http2_keepalive_interval(Some(Duration::from_secs(10)))
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, stop);
    drain(server, shutdown).await.unwrap_or(Ok(())).context("gRPC server")
}

/// tonic refuses a message over its limit with OUT_OF_RANGE, which no call here
/// uses for anything else; RESOURCE_EXHAUSTED is what the contract says.
fn name_too_large<B>(mut response: http::Response<B>) -> http::Response<B> {
    let status = response.headers_mut().get_mut("grpc-status");
    if let Some(status) = status.filter(|status| *status == "11") {
        *status = http::HeaderValue::from_static("8");
    }
    response
}

/// A connection to the gRPC server at `addr` (HOST:PORT), made when it is first
/// used and made anew when it is lost.
///
/// # Errors
/// When `addr` is no HOST:PORT.
pub fn connect(addr: &str) -> anyhow::Result<Channel> {
    let endpoint = Endpoint::from_shared(format!("http://{addr}"))
        .with_context(|| format!("'{addr}' is no address; use HOST:PORT"))?
        .connect_timeout(Duration::from_secs(2))
        // Notices a peer that vanished without a word.
        .http2_keep_alive_interval(Duration::from_secs(3))
        .keep_alive_timeout(Duration::from_secs(3))
        .keep_alive_while_idle(true)
        // What is on its way to a slow reader grows old: a dozen embeddings
        // are enough, the default would hold hundreds.
        .initial_stream_window_size(STREAM_WINDOW)
        .tcp_nodelay(true);
    Ok(endpoint.connect_lazy())
}
