//! The ui service: the page and what it shows.
//!
//! A state's way to the screen: [`feed`] subscribes to the recommender once a
//! browser, and goes on trying when it is away; [`view`] says how an event
//! looks as JSON; [`routes`] sends it as server-sent events. [`preview`] has
//! the camera's picture, [`pictures`] those of products, [`page`] the files of
//! the page. What visitors saw and touched comes back by [`interactions`].

pub mod config;
mod feed;
mod interactions;
mod own_page;
mod page;
mod pictures;
mod preview;
mod routes;
mod view;

use mirror_ops::readiness::Readiness;
use mirror_ops::shutdown::Shutdown;
use mirror_ops::{grpc, http};
use mirror_proto::inference::v1::inference_service_client::InferenceServiceClient;
use mirror_proto::recommender::v1::recognition_service_client::RecognitionServiceClient;
use mirror_proto::recommender::v1::recommendation_service_client::RecommendationServiceClient;
use tokio::net::TcpListener;

use config::Config;
use feed::Feed;
use preview::Preview;
use routes::Ui;

/// Serves until `shutdown`. The other services may come and go.
///
/// # Errors
/// When an address is no HOST:PORT.
pub async fn run(config: &Config, listener: TcpListener, shutdown: Shutdown) -> anyhow::Result<()> {
    let recommender = grpc::connect(&config.recommender_addr)?;
    let inference = InferenceServiceClient::new(grpc::connect(&config.inference_addr)?);
    let ui = Ui {
        feed: Feed::new(RecognitionServiceClient::new(recommender.clone())),
        recommendations: RecommendationServiceClient::new(recommender),
        preview: Preview::new(inference),
        shutdown: shutdown.clone(),
    };
    tracing::info!(addr = %listener.local_addr()?, "Ui is ready");
    let routes = routes::all(ui, Readiness::default());
    http::serve(routes, listener, shutdown).await;
    Ok(())
}
