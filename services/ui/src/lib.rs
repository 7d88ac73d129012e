//! The ui service: the pages and what they show.
//!
//! A state's way to the screen: [`feed`] subscribes to the recommender once a
//! browser, and goes on trying when it is away; [`view`] says how an event
//! looks as JSON; [`streams`] sends it as server-sent events. [`routes`] says what is
//! served where: [`pages`] has the files of the pages, [`preview`] the camera's
//! picture, [`pictures`] those of products, [`samples`] those that were taught,
//! [`story`] how one product is known, [`report`] how all services are doing. What
//! visitors saw and touched comes back by [`interactions`], what a store owner teaches
//! by [`teach`]. [`hosts`] says by which names all of it may be asked for.

mod body;
pub mod config;
mod encoding;
mod feed;
mod hosts;
mod interactions;
mod json;
mod language;
mod own_page;
mod pages;
mod peer;
mod pictures;
mod preview;
mod report;
mod routes;
mod samples;
mod story;
mod streams;
mod teach;
mod view;

use mirror_ops::readiness::Readiness;
use mirror_ops::shutdown::Shutdown;
use mirror_ops::{grpc, http, process, telemetry};
use mirror_proto::MAX_MESSAGE_BYTES;
use mirror_proto::inference::v1::inference_service_client::InferenceServiceClient;
use mirror_proto::recommender::v1::recognition_service_client::RecognitionServiceClient;
use mirror_proto::recommender::v1::recommendation_service_client::RecommendationServiceClient;
use mirror_proto::recommender::v1::training_service_client::TrainingServiceClient;
use tokio::net::TcpListener;

use config::{Config, Switch};
use feed::Feed;
use preview::Preview;
use report::Reporter;
use routes::Ui;
use story::Teller;
use streams::Streams;
pub use teach::hash_pin;
use teach::{Desk, Entry, Pin, Sessions};

/// Serves until `shutdown`. The other services may come and go.
///
/// # Errors
/// When an address is no HOST:PORT, or a file with the PIN can't be used.
pub async fn run(config: &Config, listener: TcpListener, shutdown: Shutdown) -> anyhow::Result<()> {
    process::started_at();
    // Installed before the first request, so that nothing counted is lost.
    telemetry::metrics();
    let ui = ui(config, &shutdown)?;
    let routes = routes::all(config, ui, Readiness::default())?;
    tracing::info!(addr = %listener.local_addr()?, "Ui is ready");
    http::serve(routes, listener, shutdown).await;
    Ok(())
}

fn ui(config: &Config, shutdown: &Shutdown) -> anyhow::Result<Ui> {
    let recommender = grpc::connect(&config.recommender_addr)?;
    let inference = InferenceServiceClient::new(grpc::connect(&config.inference_addr)?);
    let recognition = RecognitionServiceClient::new(recommender.clone());
    let recommendations = RecommendationServiceClient::new(recommender.clone());
    let training = TrainingServiceClient::new(recommender).max_decoding_message_size(MAX_MESSAGE_BYTES);
    let feed = Feed::new(recognition.clone(), training.clone());
    let streams = Streams::new(shutdown.clone());
    let pin = Pin::load(&config.data_dir, config.pin_file())?;
    Ok(Ui {
        feed: feed.clone(),
        recommendations: recommendations.clone(),
        training: training.clone(),
        preview: Preview::new(inference.clone()),
        open_preview: config.preview == Switch::On,
        streams: streams.clone(),
        teller: Teller::new(recognition.clone(), recommendations.clone(), training.clone()),
        reporter: Reporter::new(recognition, training.clone(), inference.clone(), streams.clone()),
        desk: Desk {
            feed,
            training,
            recommendations,
            inference,
            streams,
            entry: Entry::new(pin, Sessions::new(shutdown.clone())),
        },
    })
}
