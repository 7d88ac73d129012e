//! Settings: flags, or the environment variables named beside them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::recognition::{consensus, presence};
use crate::recommendations::settings::ProviderSettings;

/// Labelled vectors, recognition and recommendations.
#[derive(Debug, clap::Parser)]
#[command(name = "mirror-recommender", version)]
pub struct Cli {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// How to serve.
    #[command(flatten)]
    pub config: Config,
}

/// What the program can do beside serving.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Ask a running service whether it is ready; exits with 1 when not.
    Healthcheck,

    /// Ask the provider once, and say in words what comes of it; exits with 1 when
    /// something is wrong.
    CheckProvider {
        /// The trigger product to ask for; unset: that of the first label that has one.
        #[arg(long)]
        product: Option<String>,

        /// The language of names ("en", "de").
        #[arg(long, default_value = "en")]
        language: String,
    },
}

/// How the service runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    /// Where the gRPC server listens.
    #[arg(long, env = "MIRROR_RECOMMENDER_ADDR", default_value = "127.0.0.1:50052")]
    pub grpc_addr: SocketAddr,

    /// Where /metrics, /livez and /readyz listen.
    #[arg(long, env = "MIRROR_RECOMMENDER_HTTP_ADDR", default_value = "127.0.0.1:9052")]
    pub http_addr: SocketAddr,

    /// The inference service, HOST:PORT.
    #[arg(long, env = "MIRROR_INFERENCE_ADDR", default_value = "127.0.0.1:50051")]
    pub inference_addr: String,

    /// Where the database lives.
    #[arg(long, env = "MIRROR_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,

    /// Keep a small picture with each sample that is taught from a picture, to
    /// be shown and, with another model, to be embedded anew.
    #[arg(long, env = "MIRROR_KEEP_PICTURES", default_value = "true", action = clap::ArgAction::Set)]
    pub keep_pictures: bool,

    /// The share of unrelated pictures (of people, of other things) that may be
    /// taken for something that was taught. Look-alikes are another matter.
    #[arg(long, env = "MIRROR_FALSE_ACCEPT_RATE", default_value = "0.01", value_parser = parse_rate)]
    pub false_accept_rate: f64,

    /// How far back verdicts count for the consensus, in milliseconds.
    #[arg(long, env = "MIRROR_CONSENSUS_WINDOW_MS", default_value = "700", value_parser = clap::value_parser!(u16).range(50..=10_000))]
    pub consensus_window_ms: u16,

    /// Share of the verdicts in the window that have to agree.
    #[arg(long, env = "MIRROR_CONSENSUS_SHARE", default_value = "0.6", value_parser = parse_rate)]
    pub consensus_share: f64,

    /// How long a product has to be seen before it is shown, in milliseconds.
    #[arg(long, env = "MIRROR_CONSENSUS_ENTER_MS", default_value = "300", value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub consensus_enter_ms: u16,

    /// How long a product may be out of sight before it is left, in milliseconds.
    #[arg(long, env = "MIRROR_CONSENSUS_LEAVE_MS", default_value = "800", value_parser = clap::value_parser!(u16).range(0..=60_000))]
    pub consensus_leave_ms: u16,

    /// The mean change of brightness from one frame to the next, 0 to 1, from which
    /// something moves before the mirror.
    #[arg(long, env = "MIRROR_MOVING_FROM", default_value = "0.012", value_parser = parse_rate)]
    pub moving_from: f64,

    /// Where recommendations come from.
    #[command(flatten)]
    pub recommendations: ProviderSettings,
}

impl Config {
    /// When something counts as being before the mirror.
    #[must_use]
    pub fn presence(&self) -> presence::Settings {
        presence::Settings { moving_from: self.moving_from as f32, ..presence::Settings::default() }
    }

    /// How the consensus over frames is found.
    ///
    /// # Errors
    /// When nothing could ever be entered.
    pub fn consensus(&self) -> anyhow::Result<consensus::Settings> {
        anyhow::ensure!(
            self.consensus_enter_ms < self.consensus_window_ms,
            "MIRROR_CONSENSUS_ENTER_MS is {}; use less than MIRROR_CONSENSUS_WINDOW_MS, {}",
            self.consensus_enter_ms,
            self.consensus_window_ms
        );
        let millis = |millis: u16| Duration::from_millis(millis.into());
        Ok(consensus::Settings {
            window: millis(self.consensus_window_ms),
            share: self.consensus_share as f32,
            enter: millis(self.consensus_enter_ms),
            leave: millis(self.consensus_leave_ms),
        })
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err("use a number above 0 and below 1".to_owned()),
    }
}
