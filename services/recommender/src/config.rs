//! Settings: flags, or the environment variables named beside them.

use std::net::SocketAddr;
use std::path::PathBuf;

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

    /// Least cosine similarity with a stored sample for a picture to be known.
    #[arg(long, env = "MIRROR_UNKNOWN_THRESHOLD", default_value = "0.78", value_parser = parse_similarity)]
    pub unknown_threshold: f32,

    /// The catalogue that recommendations come from; unset: labels are shown
    /// without recommendations.
    #[arg(long, env = "MIRROR_CATALOGUE")]
    pub catalogue: Option<PathBuf>,
}

fn parse_similarity(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("use a number from 0 to 1".to_owned()),
    }
}
