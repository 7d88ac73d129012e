//! Boots the real service on free ports, with the default model.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser as _;
use image::RgbImage;
use mirror_inference::config::Cli;
use mirror_inference::{bind, run};
use mirror_ops::shutdown::Shutdown;
use mirror_proto::MAX_MESSAGE_BYTES;
use mirror_proto::inference::v1::inference_service_client::InferenceServiceClient;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;
use tonic::transport::Channel;

/// How long any single thing may take before a test gives it up.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Service {
    pub client: InferenceServiceClient<Channel>,
    pub channel: Channel,
    pub http: std::net::SocketAddr,
    shutdown: Shutdown,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Service {
    /// With these flags beside the ports, and `--model` unless it is among them.
    pub async fn boot(flags: &[&str]) -> Self {
        let model = default_model();
        let mut arguments =
            vec!["mirror-inference", "--grpc-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0"];
        // Where this program is a test, another has to run the Edge TPU.
        arguments.extend(["--edgetpu-worker", env!("CARGO_BIN_EXE_mirror-inference")]);
        if !flags.contains(&"--model") {
            arguments.extend(["--model", model.to_str().unwrap()]);
        }
        arguments.extend(flags);
        let config = Cli::try_parse_from(arguments).unwrap().config;
        let listeners = bind(&config).await.unwrap();
        let (grpc, http) = (listeners.grpc.local_addr().unwrap(), listeners.http.local_addr().unwrap());
        let shutdown = Shutdown::new();
        let task = tokio::spawn(run(config, listeners, shutdown.clone()));
        let channel = mirror_ops::grpc::connect(&grpc.to_string()).unwrap();
        let client = InferenceServiceClient::new(channel.clone())
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
            .max_decoding_message_size(MAX_MESSAGE_BYTES);
        Self { client, channel, http, shutdown, task }
    }

    /// Stops it; what it ended with.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        self.ended().await
    }

    /// Waits until it ends by itself.
    pub async fn ended(self) -> anyhow::Result<()> {
        tokio::time::timeout(PATIENCE, self.task).await.expect("the service ends").unwrap()
    }
}

/// The answer to a GET, head and all.
pub async fn http_get(addr: std::net::SocketAddr, path: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The cache that deploy/setup.sh fills.
pub fn cache() -> PathBuf {
    std::env::var_os("MIRROR_CACHE_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache"), PathBuf::from)
}

pub fn default_model() -> PathBuf {
    let path = cache().join("models/efficientnet_lite0_headless_int8.tflite");
    assert!(path.exists(), "{} is missing: run deploy/setup.sh", path.display());
    path
}

/// Pictures that no network confuses: stripes of different width and colour.
pub fn picture(kind: u32) -> RgbImage {
    let colours = [[200, 40, 30], [30, 160, 60], [40, 70, 210], [220, 200, 40]];
    RgbImage::from_fn(320, 240, |x, y| {
        let stripe = ((x + y * kind) / (6 + 20 * kind)).is_multiple_of(2);
        image::Rgb(if stripe { colours[kind as usize % 4] } else { [235, 235, 225] })
    })
}

pub fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

/// A folder with two pictures to replay.
pub fn scenes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for kind in 0..2 {
        std::fs::write(folder.path().join(format!("{kind}.png")), png(&picture(kind))).unwrap();
    }
    folder
}

pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
