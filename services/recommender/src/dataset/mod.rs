//! The archive in which what was taught travels: a ZIP file, described for its
//! readers in `docs/dataset.md`. [`export`] writes one, [`archive`] reads and
//! checks one; [`crate::store::dataset`] has the database's side of both.

pub mod archive;
pub mod export;
mod npy;

use std::collections::BTreeMap;

/// What `format` says.
const FORMAT: &str = "smart-mirror dataset";
/// What `version` says; grows when an older reader would misunderstand.
const VERSION: u32 = 1;
/// The file that describes the others.
const INDEX: &str = "dataset.json";

/// `dataset.json`.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Index {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Whose embeddings are in `embeddings/`.
    pub models: Vec<IndexModel>,
    /// The labels.
    pub labels: Vec<IndexLabel>,
    /// The samples.
    pub samples: Vec<IndexSample>,
}

/// A model.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct IndexModel {
    /// Its fingerprint, which is also its file's name: `embeddings/<it>.npy`.
    pub fingerprint: String,
    /// Its name.
    pub id: String,
    /// Length of its embeddings.
    pub dimensions: u32,
}

/// A label.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct IndexLabel {
    /// Its name, unique whatever its case.
    pub name: String,
    /// `PRODUCT` or `BACKGROUND`.
    pub kind: String,
    /// Its trigger product; empty for none.
    #[serde(default)]
    pub product_id: String,
    /// Where that number is from; empty: the mirror's own origin.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub product_origin: String,
}

/// A sample.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct IndexSample {
    /// Its label's name.
    pub label: String,
    /// When it was taught: microseconds since 1970-01-01 UTC.
    pub created_at: i64,
    /// Its picture's file, a JPEG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// For each model that has seen it, its rows in the model's file.
    #[serde(default)]
    pub embeddings: BTreeMap<String, IndexRows>,
}

/// Rows of a file of embeddings: the whole picture first, then its views.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct IndexRows {
    /// The first, from 0.
    pub first: u64,
    /// How many.
    pub count: u64,
}

fn embeddings_file(fingerprint: &str) -> String {
    format!("embeddings/{fingerprint}.npy")
}
