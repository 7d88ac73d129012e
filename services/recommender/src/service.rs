//! Putting the parts together, and taking them down in order.

use std::sync::Arc;

use mirror_ops::listen::{ListenError, Listeners};
use mirror_ops::readiness::Readiness;
use mirror_ops::shutdown::Shutdown;
use mirror_ops::{grpc, http};
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::gallery::Galleries;
use crate::grpc::{PICTURE_SIZE, Recommender, SERVICES};
use crate::inference_link::InferenceLink;
use crate::live::Live;
use crate::recognition::Consensus;
use crate::recognition::presence::PresenceGate;
use crate::recommendations::desk::Desk;
use crate::spaces::Spaces;
use crate::store::Store;
use crate::teaching::Teaching;
use crate::{learner, model_change};

/// Binds the service's ports.
///
/// # Errors
/// When a port is taken; the error names it and the variable that moves it.
pub async fn bind(config: &Config) -> Result<Listeners, ListenError> {
    let grpc = (config.grpc_addr, "MIRROR_RECOMMENDER_ADDR");
    let http = (config.http_addr, "MIRROR_RECOMMENDER_HTTP_ADDR");
    Listeners::bind(grpc, http).await
}

/// Serves until `shutdown`. The inference service may come and go.
///
/// # Errors
/// When a setting of the provider is wrong (the error names it), the database
/// or the catalogue can't be opened (it names the file), or a server fails.
pub async fn run(config: Config, listeners: Listeners, shutdown: Shutdown) -> anyhow::Result<()> {
    let readiness = Readiness::default();
    let ready = readiness.condition("database");
    let http = tokio::spawn(http::run(listeners.http, readiness, shutdown.clone()));

    let store = Store::open(&config.data_dir).await?;
    let galleries = Arc::new(Galleries::open(store.clone(), config.false_accept_rate).await?);
    let recommendations = Desk::open(&config.recommendations, &config.data_dir, shutdown.clone()).await?;
    ready.holds();

    let link = InferenceLink::start(&config.inference_addr, shutdown.clone())?;
    model_change::start(link.clone(), Arc::clone(&galleries), shutdown.clone());
    learner::start(Arc::clone(&galleries), shutdown.clone());
    let teaching = Teaching::start(link.clone(), Arc::clone(&galleries), PICTURE_SIZE, shutdown.clone());
    let (consensus, presence) = (Consensus::new(config.consensus()?), PresenceGate::new(config.presence()));
    let live = Live::start(
        link.clone(),
        Arc::clone(&galleries),
        &teaching,
        recommendations.cache.problem(),
        consensus,
        presence,
        shutdown.clone(),
    );
    let recommender = Recommender {
        spaces: Arc::new(Spaces::new(Arc::clone(&galleries))),
        galleries,
        link,
        live,
        teaching,
        recommendations: recommendations.clone(),
        keep_pictures: config.keep_pictures,
        data_dir: config.data_dir,
        exporting: Arc::new(Semaphore::new(1)),
        shutdown: shutdown.clone(),
    };
    tracing::info!(grpc = %listeners.grpc.local_addr()?, "Recommender is ready");
    grpc::run(listeners.grpc, recommender.routes(), &SERVICES, shutdown).await?;
    http.await?;
    recommendations.close().await;
    store.close().await;
    Ok(())
}
