//! Settings: flags, or the environment variables named beside them.

use std::net::SocketAddr;

/// Serves the kiosk page and feeds it.
#[derive(Debug, clap::Parser)]
#[command(name = "mirror-ui", version)]
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
}

/// How the service runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    /// Where the page, /metrics, /livez and /readyz listen.
    #[arg(long, env = "MIRROR_UI_ADDR", default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,

    /// The recommender, HOST:PORT.
    #[arg(long, env = "MIRROR_RECOMMENDER_ADDR", default_value = "127.0.0.1:50052")]
    pub recommender_addr: String,

    /// The inference service, HOST:PORT.
    #[arg(long, env = "MIRROR_INFERENCE_ADDR", default_value = "127.0.0.1:50051")]
    pub inference_addr: String,
}
