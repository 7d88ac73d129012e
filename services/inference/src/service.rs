//! Putting the parts together, and taking them down in order.

use anyhow::bail;
use mirror_ops::listen::{ListenError, Listeners};
use mirror_ops::readiness::Readiness;
use mirror_ops::shutdown::Shutdown;
use mirror_ops::{grpc, http};
use mirror_proto::MAX_MESSAGE_BYTES;
use mirror_proto::inference::v1::inference_service_server::{InferenceServiceServer, SERVICE_NAME};
use tonic::service::Routes;

use crate::camera::{Capture, Sources};
use crate::config::{AcceleratorChoice, Config};
use crate::embedder::Embedder;
use crate::grpc::Inference;
use crate::inbox::Inbox;
use crate::model::Network;

/// Binds the service's ports.
///
/// # Errors
/// When a port is taken; the error names it and the variable that moves it.
pub async fn bind(config: &Config) -> Result<Listeners, ListenError> {
    let grpc = (config.grpc_addr, "MIRROR_INFERENCE_ADDR");
    let http = (config.http_addr, "MIRROR_INFERENCE_HTTP_ADDR");
    Listeners::bind(grpc, http).await
}

/// Serves until `shutdown`.
///
/// # Errors
/// When the model can't be used (the error names the file and what is wrong
/// with it), or a server fails.
pub async fn run(config: Config, listeners: Listeners, shutdown: Shutdown) -> anyhow::Result<()> {
    if config.accelerator == AcceleratorChoice::EdgeTpu {
        bail!("MIRROR_ACCELERATOR=edgetpu: this version computes on the CPU only; use auto or cpu");
    }
    let readiness = Readiness::default();
    let ready = readiness.condition("model");
    // Alive from the first moment: loading a large model takes a while.
    let http = tokio::spawn(http::run(listeners.http, readiness, shutdown.clone()));

    let network = Network::load(&config.model)?;
    tracing::info!(model = network.id, fingerprint = network.fingerprint, head = ?network.head, "Model loaded");
    let inbox = Inbox::default();
    let embedder = Embedder::start(network, config.network_threads(), inbox.clone()).await?;
    tracing::info!(dimensions = embedder.model().dimensions, "Self-test passed");
    let capture = Capture::start(config.camera.clone(), Sources::from_config(&config), inbox);
    ready.holds();

    let inference = Inference::new(embedder, capture, config.model, shutdown.clone());
    let service = InferenceServiceServer::new(inference)
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    tracing::info!(grpc = %listeners.grpc.local_addr()?, "Inference is ready");
    grpc::run(listeners.grpc, Routes::new(service), &[SERVICE_NAME], shutdown).await?;
    http.await?;
    Ok(())
}
