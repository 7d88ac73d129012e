//! Reading an archive that may come from anywhere: everything in it is checked
//! before anything of it is used. Files are taken by their names from inside;
//! no name from the archive ever becomes a path on this device.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::{FORMAT, INDEX, Index, IndexRows, VERSION, embeddings_file, npy};
use crate::recognition::{Embedding, LabelKind, ModelKey, TriggerProduct, Views};
use crate::store::models::StoredModel;

/// Most bytes of an archive.
pub const MOST_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most bytes of all that is in it, unpacked.
const MOST_UNPACKED: u64 = 4 * MOST_BYTES;
const MOST_INDEX_BYTES: u64 = 64 * 1024 * 1024;
/// Ours have about 20 kB; a page of ListSamples has to hold a hundred.
const MOST_PICTURE_BYTES: u64 = 256 * 1024;
const MOST_LABELS: usize = 10_000;
const MOST_SAMPLES: usize = 200_000;
const MOST_MODELS: usize = 16;
const MOST_DIMENSIONS: u32 = 8192;
const MOST_VIEWS: u64 = 16;
/// Most bytes of a ZIP file's directory; reading it takes several times as much
/// memory. Enough for [`MOST_SAMPLES`] pictures.
const MOST_DIRECTORY_BYTES: u64 = 32 * 1024 * 1024;
/// From 1970 to the year 2100, in microseconds.
const TIMES: std::ops::Range<i64> = 0..4_102_444_800_000_000;

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Not a ZIP file, or cut off or damaged.
    #[error("it is no ZIP file, or it is damaged or cut off: {0}")]
    Zip(#[from] ZipError),
    /// Over a limit.
    #[error("{0}")]
    TooLarge(String),
    /// The index is not what it should be.
    #[error("{INDEX}: {0}")]
    Index(String),
    /// Another file is not what it should be.
    #[error("{file}: {why}")]
    File {
        /// Its name in the archive.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// This device can't keep it while it is read.
    #[error("can't keep the archive on this device while it is read: {0}")]
    Local(#[from] std::io::Error),
}

fn wrong(file: &str, why: impl Into<String>) -> ArchiveError {
    ArchiveError::File { file: file.to_owned(), why: why.into() }
}

/// A label of an archive.
#[derive(Clone, Debug)]
pub struct ArchiveLabel {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: LabelKind,
    /// Its trigger product.
    pub product: TriggerProduct,
}

/// A sample of an archive.
#[derive(Clone, Debug)]
pub struct ArchiveSample {
    /// The place of its label.
    pub label: usize,
    /// Microseconds since 1970.
    pub created_at: i64,
    picture: Option<String>,
    rows: Vec<(usize, IndexRows)>,
}

/// A sample's data.
#[derive(Debug)]
pub struct SampleData {
    /// Its picture, a JPEG.
    pub picture: Option<Vec<u8>>,
    /// For each model that has seen it, by its place: what it sees.
    pub views: Vec<(usize, Views)>,
}

/// An archive that was checked.
#[derive(Debug)]
pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// The models, without probes.
    pub models: Vec<StoredModel>,
    /// The labels.
    pub labels: Vec<ArchiveLabel>,
    /// The samples.
    pub samples: Vec<ArchiveSample>,
    /// The rows of each model, floats one after the other.
    rows: Vec<File>,
}

impl Archive {
    /// Opens and checks the archive in `file`; `scratch` is a directory for what
    /// has to be unpacked meanwhile.
    ///
    /// # Errors
    /// Says what is wrong with which file of the archive.
    pub fn open(file: File, scratch: &Path) -> Result<Self, ArchiveError> {
        let mut file = BufReader::new(file);
        if directory_bytes(&mut file)? > MOST_DIRECTORY_BYTES {
            return Err(ArchiveError::TooLarge("it has too many files".to_owned()));
        }
        let mut zip = ZipArchive::new(file)?;
        let mut unpacked: u64 = 0;
        for place in 0..zip.len() {
            unpacked = unpacked.saturating_add(zip.by_index_raw(place)?.size());
        }
        if unpacked > MOST_UNPACKED {
            return Err(ArchiveError::TooLarge(format!(
                "it unpacks to {unpacked} bytes; at most {MOST_UNPACKED} are taken"
            )));
        }
        let index = read(&mut zip, INDEX, MOST_INDEX_BYTES)?;
        let index: Index =
            serde_json::from_slice(&index).map_err(|error| ArchiveError::Index(error.to_string()))?;
        check_head(&index)?;
        let labels = labels(&index)?;
        let mut rows = Vec::with_capacity(index.models.len());
        let mut models = Vec::with_capacity(index.models.len());
        let mut lengths = Vec::with_capacity(index.models.len());
        for model in &index.models {
            let dimensions = model.dimensions as usize;
            let (file, length) =
                unpack_rows(&mut zip, &embeddings_file(&model.fingerprint), dimensions, scratch)?;
            rows.push(file);
            lengths.push((model.fingerprint.clone(), length));
            let key = ModelKey { fingerprint: model.fingerprint.clone(), dimensions };
            models.push(StoredModel { key, id: model.id.clone(), probes: Vec::new() });
        }
        let samples = samples(index, &lengths)?;
        let mut seen = HashSet::new();
        for picture in samples.iter().filter_map(|sample| sample.picture.as_deref()) {
            if !seen.insert(picture) {
                return Err(wrong(picture, "more than one sample has it"));
            }
            let bytes = read(&mut zip, picture, MOST_PICTURE_BYTES)?;
            if !bytes.starts_with(&[0xff, 0xd8, 0xff]) {
                return Err(wrong(picture, "it is no JPEG file"));
            }
        }
        Ok(Self { zip, models, labels, samples, rows })
    }

    /// A sample's data.
    ///
    /// # Errors
    /// When the file can't be read any more.
    ///
    /// # Panics
    /// When there is no such sample.
    pub fn read_sample(&mut self, sample: usize) -> Result<SampleData, ArchiveError> {
        let ArchiveSample { picture, rows, .. } = &self.samples[sample];
        let picture =
            picture.as_deref().map(|name| read(&mut self.zip, name, MOST_PICTURE_BYTES)).transpose()?;
        let mut views = Vec::with_capacity(rows.len());
        for (model, range) in rows {
            let length = self.models[*model].key.dimensions * size_of::<f32>();
            let mut bytes = vec![0; length * range.count as usize];
            self.rows[*model].seek(SeekFrom::Start(range.first * length as u64))?;
            self.rows[*model].read_exact(&mut bytes)?;
            let read = Views::from_bytes(&bytes, self.models[*model].key.dimensions);
            views.push((*model, read.ok_or_else(|| wrong("embeddings", "changed while it was read"))?));
        }
        Ok(SampleData { picture, views })
    }
}

/// How long a ZIP file's directory says it is; 0 for what is no ZIP file, which
/// its reader tells then.
fn directory_bytes(file: &mut (impl Read + Seek)) -> std::io::Result<u64> {
    let end = file.seek(SeekFrom::End(0))?;
    // The end record has 22 bytes and a comment of at most 65535.
    let tail_length = end.min(22 + 65_535 + 20);
    file.seek(SeekFrom::Start(end - tail_length))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    file.rewind()?;
    let Some(at) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else { return Ok(0) };
    let number = |bytes: Option<&[u8]>| bytes.and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let size = number(tail.get(at + 12..at + 16)).unwrap_or(0);
    if size != u32::MAX {
        return Ok(size.into());
    }
    // Over 4 GiB, or said in the larger record that the locator before this one
    // points to: there is no such archive of ours.
    Ok(u64::MAX)
}

/// A file of the archive, whole.
fn read(zip: &mut ZipArchive<BufReader<File>>, name: &str, most: u64) -> Result<Vec<u8>, ArchiveError> {
    let entry = entry(zip, name)?;
    let mut bytes = Vec::new();
    // What the archive says of its sizes need not be true.
    entry.take(most + 1).read_to_end(&mut bytes).map_err(|error| wrong(name, error.to_string()))?;
    if bytes.len() as u64 > most {
        return Err(ArchiveError::TooLarge(format!("{name}: it has more than {most} bytes")));
    }
    Ok(bytes)
}

fn entry<'a>(
    zip: &'a mut ZipArchive<BufReader<File>>,
    name: &str,
) -> Result<impl Read + use<'a>, ArchiveError> {
    zip.by_name(name).map_err(|error| match error {
        ZipError::FileNotFound => wrong(name, "the archive doesn't have it"),
        error => wrong(name, error.to_string()),
    })
}

fn check_head(index: &Index) -> Result<(), ArchiveError> {
    if index.format != FORMAT {
        return Err(ArchiveError::Index(format!("format is '{}'; '{FORMAT}' is read", index.format)));
    }
    if index.version != VERSION {
        return Err(ArchiveError::Index(format!("version is {}; {VERSION} is read", index.version)));
    }
    for (what, count, most) in [
        ("models", index.models.len(), MOST_MODELS),
        ("labels", index.labels.len(), MOST_LABELS),
        ("samples", index.samples.len(), MOST_SAMPLES),
    ] {
        if count > most {
            return Err(ArchiveError::TooLarge(format!("it has {count} {what}; at most {most} are taken")));
        }
    }
    let mut seen = HashSet::new();
    for model in &index.models {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if model.fingerprint.is_empty()
            || model.fingerprint.len() > 128
            || !model.fingerprint.chars().all(plain)
        {
            return Err(ArchiveError::Index(format!("models: '{}' is no fingerprint", model.fingerprint)));
        }
        if !(1..=MOST_DIMENSIONS).contains(&model.dimensions) {
            return Err(ArchiveError::Index(format!(
                "models: {} dimensions; 1 to {MOST_DIMENSIONS} are taken",
                model.dimensions
            )));
        }
        if model.id.len() > 256 || !seen.insert(&model.fingerprint) {
            return Err(ArchiveError::Index(format!(
                "models: '{}' is there twice or has no proper name",
                model.fingerprint
            )));
        }
    }
    Ok(())
}

fn labels(index: &Index) -> Result<Vec<ArchiveLabel>, ArchiveError> {
    let mut seen = HashSet::new();
    let check = |label: &super::IndexLabel| {
        let refuse = |why: &str| Err(ArchiveError::Index(format!("label '{}': {why}", label.name)));
        let name = label.name.trim();
        if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
            return refuse("a name has 1 to 80 characters and no line breaks");
        }
        if label.product_id.chars().count() > 120 || label.product_id.chars().any(char::is_control) {
            return refuse("product_id has at most 120 characters and no line breaks");
        }
        if label.product_origin.chars().count() > 30 || label.product_origin.chars().any(char::is_control) {
            return refuse("product_origin has at most 30 characters and no line breaks");
        }
        let kind = match label.kind.as_str() {
            "PRODUCT" => LabelKind::Product,
            "BACKGROUND" => LabelKind::Background,
            _ => return refuse("kind is neither PRODUCT nor BACKGROUND"),
        };
        if !seen.insert(name.to_lowercase()) {
            return refuse("it is there twice");
        }
        let product = TriggerProduct {
            origin: label.product_origin.trim().to_owned(),
            id: label.product_id.trim().to_owned(),
        };
        Ok(ArchiveLabel { name: name.to_owned(), kind, product })
    };
    index.labels.iter().map(check).collect()
}

/// `lengths` has each model's fingerprint and how many rows its file has.
fn samples(index: Index, lengths: &[(String, u64)]) -> Result<Vec<ArchiveSample>, ArchiveError> {
    let places: HashMap<String, usize> = index
        .labels
        .iter()
        .enumerate()
        .map(|(place, label)| (label.name.trim().to_lowercase(), place))
        .collect();
    let models: BTreeMap<&str, (usize, u64)> =
        lengths.iter().enumerate().map(|(place, (name, length))| (name.as_str(), (place, *length))).collect();
    let mut samples = Vec::with_capacity(index.samples.len());
    for (number, sample) in index.samples.into_iter().enumerate() {
        let refuse = |why: String| ArchiveError::Index(format!("sample {}: {why}", number + 1));
        let label = places.get(&sample.label.trim().to_lowercase());
        let label = *label.ok_or_else(|| refuse(format!("there is no label '{}'", sample.label)))?;
        let mut rows = Vec::with_capacity(sample.embeddings.len());
        for (fingerprint, range) in sample.embeddings {
            let model = models.get(fingerprint.as_str());
            let (model, length) =
                model.ok_or_else(|| refuse(format!("there is no model '{fingerprint}'")))?;
            let end = range.first.checked_add(range.count);
            if !(1..=MOST_VIEWS).contains(&range.count) || end.is_none_or(|end| end > *length) {
                return Err(refuse(format!("its rows are not among the {length} of model '{fingerprint}'")));
            }
            rows.push((*model, range));
        }
        if !TIMES.contains(&sample.created_at) {
            return Err(refuse(format!(
                "created_at is {}; microseconds since 1970 are needed",
                sample.created_at
            )));
        }
        if rows.is_empty() && sample.picture.is_none() {
            return Err(refuse("it has neither a picture nor an embedding".to_owned()));
        }
        samples.push(ArchiveSample { label, created_at: sample.created_at, picture: sample.picture, rows });
    }
    Ok(samples)
}

/// Unpacks a file of embeddings; the answer has its rows and how many there are.
/// Every row has to be an embedding.
fn unpack_rows(
    zip: &mut ZipArchive<BufReader<File>>,
    name: &str,
    dimensions: usize,
    scratch: &Path,
) -> Result<(File, u64), ArchiveError> {
    let refuse = |why: String| wrong(name, why);
    let mut array = entry(zip, name)?;
    let (rows, columns) = npy::read_header(&mut array).map_err(refuse)?;
    if columns != dimensions as u64 || rows > MOST_SAMPLES as u64 * MOST_VIEWS {
        return Err(refuse(format!("its shape is ({rows}, {columns}); (rows, {dimensions}) is needed")));
    }
    let mut file = tempfile::tempfile_in(scratch)?;
    let mut writer = BufWriter::new(&mut file);
    let mut bytes = vec![0; dimensions * size_of::<f32>()];
    for row in 0..rows {
        array.read_exact(&mut bytes).map_err(|error| refuse(format!("row {row}: {error}")))?;
        let embedding =
            Embedding::from_bytes(&bytes).map_err(|error| refuse(format!("row {row}: {error}")))?;
        writer.write_all(&embedding.to_bytes())?;
    }
    if array.read(&mut bytes).map_err(|error| refuse(error.to_string()))? != 0 {
        return Err(refuse(format!("it has more than the {rows} rows that it says")));
    }
    writer.flush()?;
    drop(writer);
    Ok((file, rows))
}
