//! Compiles the .proto files in pure Rust (protox), so that no `protoc` has to
//! be installed, and keeps the descriptors for gRPC reflection.

use std::path::PathBuf;

use prost::Message as _;

const FILES: [&str; 5] = [
    "smartmirror/inference/v1/inference.proto",
    "smartmirror/recommender/v1/label.proto",
    "smartmirror/recommender/v1/recognition.proto",
    "smartmirror/recommender/v1/recommendation.proto",
    "smartmirror/recommender/v1/training.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=smartmirror");
    let descriptors = protox::compile(FILES, ["."])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().bytes(".smartmirror").compile_fds(descriptors)?;
    Ok(())
}
