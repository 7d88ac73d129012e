//! The recommender: knows what was taught, tells what is seen, and what goes
//! with it.
//!
//! The path of one frame, each step a module:
//!
//! 1. [`inference_link`] receives its embedding and keeps the newest one;
//! 2. [`live`] (one task) takes it to [`recognition`], which is pure:
//!    the verdict for the frame, the consensus over the last ones, and the
//!    mirror's state;
//! 3. [`grpc`] streams these to each subscriber; for a recognised label it
//!    adds what [`recommendations`] answers.
//!
//! Teaching goes through [`gallery`], which writes to [`store`] (SQLite) first
//! and then to the gallery in memory that recognition reads. [`learner`] learns
//! from it in the background, [`model_change`] makes it anew for another model,
//! [`capture`] takes samples from the camera, [`teaching`] keeps verdicts for
//! review, [`dataset`] is the archive in which all of it travels. [`spaces`] keeps
//! the map of it that people look at.

pub mod capture;
pub mod config;
pub mod dataset;
pub mod gallery;
pub mod grpc;
pub mod inference_link;
pub mod learner;
pub mod live;
pub mod model_change;
pub mod recognition;
pub mod recommendations;
mod service;
pub mod spaces;
pub mod store;
pub mod teaching;

pub use service::{bind, run};
