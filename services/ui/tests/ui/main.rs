//! The running ui service over real HTTP, beside a recommender and an inference
//! service that the tests control.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod door;
mod errors;
mod events;
mod everybody;
mod inference;
mod operators;
mod pages;
mod recommender;
mod routes;
mod support;
mod teaching;
mod transfer;
