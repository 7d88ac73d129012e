//! The health command: what a container engine runs to see whether a service
//! is well, without a shell or curl in the image.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(2);

/// Asks `/readyz` on a service's HTTP port.
///
/// # Errors
/// When nothing listens there, no answer comes within two seconds, or the
/// service says it isn't ready; the error says which.
pub async fn ready(addr: SocketAddr) -> anyhow::Result<()> {
    tokio::time::timeout(PATIENCE, ask(addr))
        .await
        .with_context(|| format!("no answer from http://{addr}/readyz within {PATIENCE:?}"))?
}

async fn ask(addr: SocketAddr) -> anyhow::Result<()> {
    let stream = TcpStream::connect(addr).await.with_context(|| format!("nothing listens on {addr}"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::get("/readyz").header("host", addr.to_string()).body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    connection.abort();
    if !status.is_success() {
        bail!("not ready: {}", String::from_utf8_lossy(&body).trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{http, readiness::Readiness, shutdown::Shutdown};

    #[tokio::test]
    async fn tells_ready_from_not_ready_from_absent() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (readiness, shutdown) = (Readiness::default(), Shutdown::new());
        let model = readiness.condition("model");
        let server = tokio::spawn(http::run(listener, readiness, shutdown.clone()));

        assert_eq!(ready(addr).await.unwrap_err().to_string(), "not ready: model: starting");
        model.holds();
        ready(addr).await.unwrap();

        shutdown.cancel();
        server.await.unwrap();
        assert!(ready(addr).await.unwrap_err().to_string().contains("nothing listens"));
    }
}
