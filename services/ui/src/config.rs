//! Settings: flags, or the environment variables named beside them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::builder::{OsStringValueParser, TypedValueParser as _};

pub use crate::hosts::Hosts;
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

    /// Names by which the pages may be asked for, beside addresses, names without a
    /// dot, and those that end with .local, .lan, .home.arpa or .internal; with commas
    /// between them.
    #[arg(long, env = "MIRROR_UI_HOSTS", default_value = "", value_parser = Hosts::parse)]
    pub hosts: Hosts,

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
    /// changed on the page. Empty: none.
    #[arg(long, env = "MIRROR_PIN_FILE", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub pin_file: Option<PathBuf>,
}

impl Config {
    /// The file with the PIN, if one is set.
    pub(crate) fn pin_file(&self) -> Option<&Path> {
        self.pin_file.as_deref().filter(|file| !file.as_os_str().is_empty())
    }
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
        let wrong = [
            ["--language", "Deutsch!"],
            ["--preview", "maybe"],
            ["--dim-after-seconds", "-1"],
            ["--hosts", "http://mirror.example.com"],
        ];
        for wrong in wrong {
            parse(&wrong).unwrap_err();
        }
        let hosts = parse(&["--hosts", "mirror.example.com,shop.example"]).unwrap().hosts;
        assert_eq!(hosts, Hosts::parse("mirror.example.com, Shop.example").unwrap());
        // Compose sets what isn't set to nothing.
        assert_eq!(parse(&["--pin-file", "", "--hosts", ""]).unwrap().pin_file(), None);
        assert_eq!(parse(&["--pin-file", "pin"]).unwrap().pin_file(), Some(Path::new("pin")));
    }
}
