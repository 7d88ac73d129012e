//! Writing everything that was taught into an archive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};
use std::path::Path;

use tokio::runtime::Handle;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{
    FORMAT, INDEX, Index, IndexLabel, IndexModel, IndexRows, IndexSample, VERSION, embeddings_file, npy,
};
use crate::store::dataset::StoredSample;
use crate::store::labels::kind_text;
use crate::store::{Store, StoreError};

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no place to write it.
    #[error("can't write the archive: {0}")]
    Write(#[from] std::io::Error),
    /// Nobody waits for it any more.
    #[error("the export was given up")]
    NotWanted,
}

impl From<zip::result::ZipError> for ExportError {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Write(error.into())
    }
}

/// Writes an archive of the database as it is at one moment into a file of
/// `scratch` that nobody else sees; it is gone when it is closed. Blocks, until it
/// is written or `wanted` says that nobody waits for it any more.
///
/// # Errors
/// When the database can't be read or the file can't be written, or it isn't wanted.
pub fn write(
    store: &Store,
    scratch: &Path,
    runtime: &Handle,
    wanted: impl Fn() -> bool,
) -> Result<File, ExportError> {
    let still_wanted = || if wanted() { Ok(()) } else { Err(ExportError::NotWanted) };
    let mut snapshot = runtime.block_on(store.snapshot())?;
    let contents = runtime.block_on(snapshot.contents())?;
    let file = tempfile::tempfile_in(scratch)?;
    let mut zip = ZipWriter::new(BufWriter::new(file));
    let packed =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    // Neither JPEG nor floats get any smaller.
    let stored = packed.compression_method(CompressionMethod::Stored);

    zip.start_file(INDEX, packed)?;
    let index = Index {
        format: FORMAT.to_owned(),
        version: VERSION,
        models: contents
            .models
            .iter()
            .map(|model| IndexModel {
                fingerprint: model.key.fingerprint.clone(),
                id: model.id.clone(),
                dimensions: u32::try_from(model.key.dimensions).expect("at most 8192"),
            })
            .collect(),
        labels: contents
            .labels
            .iter()
            .map(|label| IndexLabel {
                name: label.name.clone(),
                kind: kind_text(label.kind).to_owned(),
                product_id: label.product.id.clone(),
                product_origin: label.product.origin.clone(),
            })
            .collect(),
        samples: index_samples(&contents.samples, &contents.labels),
    };
    serde_json::to_writer_pretty(&mut zip, &index).map_err(std::io::Error::from)?;
    for model in &contents.models {
        let seen = |sample: &&StoredSample| sample.rows.iter().any(|(of, _)| *of == model.key.fingerprint);
        let seen: Vec<_> = contents.samples.iter().filter(seen).collect();
        let rows: u64 = index
            .samples
            .iter()
            .filter_map(|s| s.embeddings.get(&model.key.fingerprint))
            .map(|r| r.count)
            .sum();
        zip.start_file(embeddings_file(&model.key.fingerprint), stored)?;
        npy::write_header(&mut zip, rows, model.key.dimensions)?;
        for sample in seen {
            still_wanted()?;
            zip.write_all(&runtime.block_on(snapshot.views(sample.id, &model.key.fingerprint))?)?;
        }
    }
    for sample in contents.samples.iter().filter(|sample| sample.has_picture) {
        still_wanted()?;
        if let Some(picture) = runtime.block_on(snapshot.picture(sample.id))? {
            zip.start_file(picture_file(sample), stored)?;
            zip.write_all(&picture)?;
        }
    }
    let mut file = zip.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

fn picture_file(sample: &StoredSample) -> String {
    format!("pictures/{:06}.jpg", sample.id.get())
}

fn index_samples(samples: &[StoredSample], labels: &[crate::recognition::Label]) -> Vec<IndexSample> {
    let names: BTreeMap<_, _> = labels.iter().map(|label| (label.id, &label.name)).collect();
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    let mut index = Vec::with_capacity(samples.len());
    for sample in samples {
        let mut embeddings = BTreeMap::new();
        for (model, count) in &sample.rows {
            let end = ends.entry(model).or_default();
            embeddings.insert(model.clone(), IndexRows { first: *end, count: *count });
            *end += count;
        }
        index.push(IndexSample {
            label: names.get(&sample.label).map_or_else(String::new, |name| (*name).clone()),
            created_at: sample.created_at,
            picture: sample.has_picture.then(|| picture_file(sample)),
            embeddings,
        });
    }
    index
}
