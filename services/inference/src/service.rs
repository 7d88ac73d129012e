//! Putting the parts together, and taking them down in order.

use mirror_ops::listen::{ListenError, Listeners};
use mirror_ops::readiness::Readiness;
use mirror_ops::shutdown::Shutdown;
use mirror_ops::{grpc, http};
use mirror_proto::MAX_MESSAGE_BYTES;
use mirror_proto::inference::v1::inference_service_server::{InferenceServiceServer, SERVICE_NAME};
use tonic::service::Routes;

use crate::accelerator::Twins;
use crate::camera::{Capture, Sources};
use crate::config::Config;
use crate::embedder::Embedder;
use crate::grpc::{Inference, Models};
use crate::inbox::Inbox;

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
/// with it), a server fails, or what computes is gone for good.
pub async fn run(config: Config, listeners: Listeners, shutdown: Shutdown) -> anyhow::Result<()> {
    let readiness = Readiness::default();
    let ready = readiness.condition("model");
    // Alive from the first moment: loading a large model takes a while.
    let http = tokio::spawn(http::run(listeners.http, readiness, shutdown.clone()));

    let twins = Twins::load(&config.model, config.accelerator.accelerator)?;
    let inbox = Inbox::new(config.camera_settings.idle());
    let started = Embedder::start(twins, config.accelerator.clone(), inbox.clone(), ready);
    let (embedder, failure) = started.await?;
    let capture = Capture::start(config.camera.clone(), Sources::from_config(&config), inbox);

    let models = Models { started_with: config.model, accelerator: config.accelerator.accelerator };
    let inference = Inference::new(embedder, capture, models, shutdown.clone());
    let service = InferenceServiceServer::new(inference)
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    tracing::info!(grpc = %listeners.grpc.local_addr()?, "Inference is ready");
    tokio::select! {
        served = grpc::run(listeners.grpc, Routes::new(service), &[SERVICE_NAME], shutdown) => served?,
        Ok(failure) = failure => return Err(failure.into()),
    }
    http.await?;
    Ok(())
}
