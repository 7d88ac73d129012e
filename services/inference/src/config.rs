//! Settings: flags, or the environment variables named beside them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::accelerator::AcceleratorSettings;
use crate::camera::settings::CameraSettings;

/// Turns camera frames and pictures into embeddings.
#[derive(Debug, clap::Parser)]
#[command(name = "mirror-inference", version)]
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

    /// Write the model's embeddings of the built-in pictures, the reference
    /// that later starts are compared with.
    RecordReference {
        /// Where to write them.
        file: PathBuf,
    },

    /// Run a network on an Edge TPU for the service that started this.
    #[command(hide = true)]
    EdgeTpuWorker,
}

/// How the service runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    /// Where the gRPC server listens.
    #[arg(long, env = "MIRROR_INFERENCE_ADDR", default_value = "127.0.0.1:50051")]
    pub grpc_addr: SocketAddr,

    /// Where /metrics, /livez and /readyz listen.
    #[arg(long, env = "MIRROR_INFERENCE_HTTP_ADDR", default_value = "127.0.0.1:9051")]
    pub http_addr: SocketAddr,

    /// The network: a .tflite file. A classifier's head is cut off in memory.
    #[arg(
        long,
        env = "MIRROR_MODEL",
        default_value = ".cache/models/efficientnet_lite0_headless_int8.tflite"
    )]
    pub model: PathBuf,

    /// auto (the first camera found, else the replay), /dev/videoN, or
    /// replay:DIR (a folder of pictures, played in the order of their names).
    #[arg(long, env = "MIRROR_CAMERA", default_value = "auto")]
    pub camera: CameraChoice,

    /// What auto plays when there is no camera.
    #[arg(long, env = "MIRROR_REPLAY_DIR")]
    pub replay_dir: Option<PathBuf>,

    /// Pictures a second in a replay, 0.5 to 120.
    #[arg(long, env = "MIRROR_REPLAY_FPS", default_value = "10", value_parser = parse_fps)]
    pub replay_fps: f32,

    /// How a camera's pictures are taken.
    #[command(flatten)]
    pub camera_settings: CameraSettings,

    /// What to compute with.
    #[command(flatten)]
    pub accelerator: AcceleratorSettings,
}

/// Which camera to take frames from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameraChoice {
    /// The first camera that opens, else the replay folder.
    Auto,
    /// A V4L2 device, `/dev/videoN`.
    Device(PathBuf),
    /// A folder of pictures.
    Replay(PathBuf),
}

impl FromStr for CameraChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            Ok(Self::Auto)
        } else if let Some(folder) = text.strip_prefix("replay:").filter(|folder| !folder.is_empty()) {
            Ok(Self::Replay(folder.into()))
        } else if text.starts_with("/dev/") {
            Ok(Self::Device(text.into()))
        } else {
            Err(format!("'{text}' is no camera: use auto, /dev/videoN or replay:DIR"))
        }
    }
}

impl std::fmt::Display for CameraChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Device(path) => write!(f, "{}", path.display()),
            Self::Replay(folder) => write!(f, "replay:{}", folder.display()),
        }
    }
}

fn parse_fps(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(fps) if (0.5..=120.0).contains(&fps) => Ok(fps),
        _ => Err("use a number from 0.5 to 120".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camera_choices_read_as_they_are_written() {
        for text in ["auto", "/dev/video2", "replay:/srv/scenes"] {
            assert_eq!(text.parse::<CameraChoice>().unwrap().to_string(), text);
        }
        let error = "webcam".parse::<CameraChoice>().unwrap_err();
        assert!(error.contains("/dev/videoN"), "{error}");
        assert!("replay:".parse::<CameraChoice>().is_err());
    }
}
