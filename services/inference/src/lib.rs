//! The inference service: camera frames and pictures in, embeddings out.
//!
//! The path of one frame, each step a module:
//!
//! 1. [`camera`] takes it (one thread, `camera`) and leaves it as it came
//!    ([`pixels`]); a [`frame`] is decoded when somebody wants to see it;
//! 2. [`inbox`] holds the newest one for the embedder, and counts those that
//!    a newer one replaced;
//! 3. [`embedder`] (one thread, owner of the network) makes it small and upright
//!    ([`preprocess`], [`turn`]), runs the network ([`model`]) and publishes the
//!    result;
//! 4. [`grpc`] hands the newest result to each subscriber at its own pace.
//!
//! A picture of `EmbedImage` is decoded by [`picture`] and joins at step 2.

pub mod accelerator;
pub mod camera;
pub mod config;
pub mod embedder;
pub mod frame;
pub mod grpc;
pub mod inbox;
pub mod model;
pub mod picture;
pub mod pixels;
pub mod preprocess;
mod service;
pub mod turn;

pub use service::{bind, run};
