//! Settings: flags, or the environment variables named beside them.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::language;

/// Serves the pages and feeds them.
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
    /// Read a PIN from standard input and print what MIRROR_PIN_FILE may hold
    /// instead of it: its argon2 hash.
    HashPin,
}

/// How the service runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    /// Where the pages, /metrics, /livez and /readyz listen.
    #[arg(long, env = "MIRROR_UI_ADDR", default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,

    /// The recommender, HOST:PORT.
    #[arg(long, env = "MIRROR_RECOMMENDER_ADDR", default_value = "127.0.0.1:50052")]
    pub recommender_addr: String,

    /// The inference service, HOST:PORT.
    #[arg(long, env = "MIRROR_INFERENCE_ADDR", default_value = "127.0.0.1:50051")]
    pub inference_addr: String,

    /// The pages' language (en, de); empty: as the browser prefers.
    #[arg(long, env = "MIRROR_LANGUAGE", default_value = "", value_parser = parse_language)]
    pub language: String,

    /// Whether the camera's picture is shown to everybody, or only to who is
    /// teaching.
    #[arg(long, env = "MIRROR_PREVIEW", default_value = "on")]
    pub preview: Switch,

    /// After how many seconds without anybody the kiosk goes dark; 0: never.
    #[arg(long, env = "MIRROR_DIM_AFTER_SECONDS", default_value = "600")]
    pub dim_after_seconds: u32,

    /// Where the PIN's hash is kept, as the file "pin". Delete it and start anew to
    /// choose another PIN without the one before.
    #[arg(long, env = "MIRROR_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,

    /// A file with the PIN, or with its hash (see hash-pin); then it can't be
    /// changed on the page.
    #[arg(long, env = "MIRROR_PIN_FILE")]
    pub pin_file: Option<PathBuf>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
pub enum Switch {
    /// It is done.
    On,
    /// It is not.
    Off,
}

fn parse_language(text: &str) -> Result<String, String> {
    if text.is_empty() || language::is_tag(text) {
        Ok(text.to_owned())
    } else {
        Err("use a language tag such as en or de, or nothing".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn settings_are_checked() {
        let parse = |arguments: &[&str]| {
            Cli::try_parse_from(std::iter::once(&"mirror-ui").chain(arguments)).map(|cli| cli.config)
        };
        let config = parse(&["--language", "de-AT", "--preview", "off", "--dim-after-seconds", "0"]).unwrap();
        assert_eq!((config.language.as_str(), config.preview), ("de-AT", Switch::Off));
        assert_eq!(config.dim_after_seconds, 0);
        assert_eq!(parse(&["--language", ""]).unwrap().language, "");
        for wrong in [["--language", "Deutsch!"], ["--preview", "maybe"], ["--dim-after-seconds", "-1"]] {
            parse(&wrong).unwrap_err();
        }
    }
}
