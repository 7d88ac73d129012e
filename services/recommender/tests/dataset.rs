//! Archives: what one mirror was taught comes to another, and what anybody else
//! sends changes nothing.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use std::io::{Cursor, Read as _, Write as _};

use mirror_proto::recommender::v1 as pb;
use npyz::WriterBuilder as _;
use pb::LabelKind::{Background, Product};
use support::{
    FINGERPRINT, FakeInference, GREEN, PATIENCE, Service, embedding, embedding_sample, image_sample, pair,
};
use tonic::{Code, Status};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

async fn export(service: &mut Service) -> Vec<u8> {
    let mut chunks = service.training.export_dataset(pb::ExportDatasetRequest {}).await.unwrap().into_inner();
    let mut archive = Vec::new();
    while let Some(chunk) = chunks.message().await.unwrap() {
        archive.extend_from_slice(&chunk.data);
    }
    archive
}

async fn import(service: &mut Service, archive: &[u8]) -> Result<pb::ImportDatasetResponse, Status> {
    let chunks: Vec<_> =
        archive.chunks(1000).map(|data| pb::ImportDatasetChunk { data: data.to_vec().into() }).collect();
    Ok(service.training.import_dataset(futures::stream::iter(chunks)).await?.into_inner())
}

/// A mirror that knows two labels, one with a picture and one with an embedding.
async fn taught() -> (tempfile::TempDir, std::sync::Arc<FakeInference>, Service) {
    let (data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "T-RED").await;
    let wall = service.label("Wall", Background, "").await;
    service.add(vec![image_sample(red.id, "red"), image_sample(red.id, "blue")]).await.unwrap();
    service.add(vec![embedding_sample(wall.id, embedding(&GREEN))]).await.unwrap();
    (data, inference, service)
}

#[tokio::test]
async fn what_one_mirror_knows_another_one_learns_once() {
    let (_data, _inference, mut first) = taught().await;
    let archive = export(&mut first).await;
    let (_data, _inference, mut second) = pair(&[]).await;
    // A label that is there by name stays as it is.
    let own = second.label("RED HAT", Product, "OWN").await;
    second.add(vec![image_sample(own.id, "red")]).await.unwrap();

    let brought = import(&mut second, &archive).await.unwrap();
    assert_eq!((brought.added_labels, brought.added_samples, brought.known_samples), (1, 2, 1));
    assert_eq!((brought.pending_samples, brought.ignored_samples), (0, 0));
    let labels = second.training.list_labels(pb::ListLabelsRequest {}).await.unwrap().into_inner().labels;
    let words: Vec<_> =
        labels.iter().map(|l| (l.name.as_str(), l.kind(), l.product_id.as_str(), l.sample_count)).collect();
    assert_eq!(words, [("RED HAT", Product, "OWN", 2), ("Wall", Background, "", 1)]);
    assert_eq!(second.classify("green").await.unwrap().outcome(), pb::Outcome::Background);
    let request = pb::ListSamplesRequest { label_id: own.id, with_thumbnails: true, ..Default::default() };
    let samples = second.training.list_samples(request).await.unwrap().into_inner().samples;
    assert_eq!(samples[0].thumbnail, support::small(b"blue"));

    let again = import(&mut second, &archive).await.unwrap();
    assert_eq!((again.added_labels, again.added_samples, again.known_samples), (0, 0, 3));
    // What brought nothing is no change.
    let undone =
        second.training.undo_last_change(pb::UndoLastChangeRequest::default()).await.unwrap().into_inner();
    assert_eq!(undone.summary, "Undone: Import: 1 labels and 2 samples added");
    assert_eq!(second.classify("green").await.unwrap().outcome(), pb::Outcome::Unknown);
    first.stop().await.unwrap();
    second.stop().await.unwrap();
}

#[tokio::test]
async fn samples_of_another_model_are_embedded_from_their_pictures_or_wait_for_it() {
    let (_data, _inference, mut first) = taught().await;
    let archive = export(&mut first).await;
    let data = tempfile::tempdir().unwrap();
    let inference = FakeInference::start().await;
    inference.change_model("another-model");
    let mut second = Service::boot(data.path(), inference.addr, &[]).await;
    second.found_inference().await;
    let brought = import(&mut second, &archive).await.unwrap();
    assert_eq!((brought.added_samples, brought.pending_samples, brought.ignored_samples), (3, 2, 1));
    let embedded = async {
        loop {
            let gallery = second.training.get_gallery(pb::GetGalleryRequest {}).await.unwrap().into_inner();
            if gallery.pending_samples == 0 && gallery.samples == 2 {
                return gallery;
            }
        }
    };
    let gallery = tokio::time::timeout(PATIENCE, embedded).await.unwrap();
    assert_eq!((gallery.model_fingerprint.as_str(), gallery.ignored_samples), ("another-model", 1));
    assert_eq!(second.classify("red").await.unwrap().label_name, "Red hat");
    // What it was given for the first model it gives on.
    let onward = export(&mut second).await;
    let mut zip = ZipArchive::new(Cursor::new(onward)).unwrap();
    assert!(zip.by_name(&format!("embeddings/{FINGERPRINT}.npy")).is_ok());
    assert!(zip.by_name("embeddings/another-model.npy").is_ok());
    first.stop().await.unwrap();
    second.stop().await.unwrap();
}

/// What is in an archive that a test makes.
struct Made {
    index: serde_json::Value,
    rows: Vec<f32>,
    shape: Vec<u64>,
    files: Vec<(&'static str, Vec<u8>)>,
}

impl Made {
    /// A good one: two samples, one with a picture.
    fn good() -> Self {
        let index = serde_json::json!({
            "format": "smart-mirror dataset",
            "version": 1,
            "models": [{"fingerprint": FINGERPRINT, "id": "fake", "dimensions": 4}],
            "labels": [{"name": "Hat", "kind": "PRODUCT", "product_id": "P"}],
            "samples": [
                {"label": "Hat", "created_at": 5, "picture": "pictures/1.jpg",
                 "embeddings": {FINGERPRINT: {"first": 0, "count": 2}}},
                {"label": "hat", "created_at": 6, "embeddings": {FINGERPRINT: {"first": 2, "count": 1}}},
            ],
        });
        let rows = [support::RED, support::RED, support::BLUE].concat();
        let files = vec![("pictures/1.jpg", support::small(b"red"))];
        Self { index, rows, shape: vec![3, 4], files }
    }

    fn zip(self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("dataset.json", SimpleFileOptions::default()).unwrap();
        zip.write_all(self.index.to_string().as_bytes()).unwrap();
        zip.start_file(format!("embeddings/{FINGERPRINT}.npy"), SimpleFileOptions::default()).unwrap();
        let mut array = Vec::new();
        let options = npyz::WriteOptions::new().default_dtype().shape(&self.shape).writer(&mut array);
        let mut writer = options.begin_nd().unwrap();
        writer.extend(self.rows).unwrap();
        drop(writer);
        zip.write_all(&array).unwrap();
        for (name, bytes) in self.files {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

#[tokio::test]
async fn a_made_archive_is_taken_and_a_hostile_one_changes_nothing() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let good = Made::good().zip();
    let brought = import(&mut service, &good).await.unwrap();
    assert_eq!((brought.added_labels, brought.added_samples), (1, 2));
    service.training.undo_last_change(pb::UndoLastChangeRequest::default()).await.unwrap();

    let with = |change: &dyn Fn(&mut Made)| {
        let mut made = Made::good();
        change(&mut made);
        made.zip()
    };
    let bomb = with(&|made| {
        let zeros = vec![b' '; 70 * 1024 * 1024];
        let text = [made.index.to_string().into_bytes(), zeros].concat();
        made.index = serde_json::Value::String(String::from_utf8(text).unwrap());
    });
    assert!(bomb.len() < 1024 * 1024, "a bomb is small");
    // The end record says how long the directory is.
    let mut no_end = good.clone();
    let at = no_end.len() - 22;
    no_end[at + 12..at + 16].fill(0x7f);
    let mut damaged = good.clone();
    let middle = damaged.len() / 3;
    damaged[middle..middle + 40].fill(0x55);
    let cases: Vec<(&str, Vec<u8>, Code, &str)> = vec![
        ("nothing", Vec::new(), Code::InvalidArgument, "empty"),
        ("no archive", b"GIF89a and so on".repeat(40), Code::InvalidArgument, "no ZIP file"),
        ("cut off", good[..good.len() / 2].to_vec(), Code::InvalidArgument, "cut off"),
        ("damaged", damaged, Code::InvalidArgument, "archive"),
        ("a bomb", bomb, Code::ResourceExhausted, "dataset.json: it has more than"),
        (
            "another format",
            with(&|m| m.index["format"] = "photos".into()),
            Code::InvalidArgument,
            "format is 'photos'",
        ),
        ("a later version", with(&|m| m.index["version"] = 2.into()), Code::InvalidArgument, "version is 2"),
        ("wrong types", with(&|m| m.index["samples"] = "many".into()), Code::InvalidArgument, "dataset.json"),
        (
            "no such label",
            with(&|m| m.index["samples"][1]["label"] = "Cap".into()),
            Code::InvalidArgument,
            "sample 2: there is no label 'Cap'",
        ),
        (
            "a strange name",
            with(&|m| m.index["labels"][0]["name"] = "a\nb".into()),
            Code::InvalidArgument,
            "line breaks",
        ),
        (
            "a strange kind",
            with(&|m| m.index["labels"][0]["kind"] = "SOAP".into()),
            Code::InvalidArgument,
            "kind is neither",
        ),
        (
            "a path for a fingerprint",
            with(&|m| m.index["models"][0]["fingerprint"] = "../../etc/passwd".into()),
            Code::InvalidArgument,
            "no fingerprint",
        ),
        (
            "a path for a picture",
            with(&|m| m.index["samples"][0]["picture"] = "../../../etc/passwd".into()),
            Code::InvalidArgument,
            "the archive doesn't have it",
        ),
        (
            "no JPEG",
            with(&|m| m.files[0].1 = b"<svg onload=alert(1)>".to_vec()),
            Code::InvalidArgument,
            "no JPEG",
        ),
        (
            "a huge picture",
            with(&|m| m.files[0].1.resize(300_000, 0)),
            Code::ResourceExhausted,
            "pictures/1.jpg",
        ),
        (
            "rows that are not there",
            with(&|m| m.index["samples"][1]["embeddings"][FINGERPRINT]["first"] = 3.into()),
            Code::InvalidArgument,
            "not among the 3",
        ),
        (
            "no end of rows",
            with(&|m| m.index["samples"][1]["embeddings"][FINGERPRINT]["first"] = u64::MAX.into()),
            Code::InvalidArgument,
            "not among the 3",
        ),
        (
            "other dimensions",
            with(&|m| m.index["models"][0]["dimensions"] = 3.into()),
            Code::InvalidArgument,
            "(rows, 3) is needed",
        ),
        ("not a number", with(&|m| m.rows[5] = f32::NAN), Code::InvalidArgument, "row 1"),
        ("not of unit length", with(&|m| m.rows[8] = 3.0), Code::InvalidArgument, "row 2"),
        (
            "one picture for two",
            with(&|m| m.index["samples"][1]["picture"] = "pictures/1.jpg".into()),
            Code::InvalidArgument,
            "more than one sample",
        ),
        (
            "a time of no year",
            with(&|m| m.index["samples"][1]["created_at"] = i64::MIN.into()),
            Code::InvalidArgument,
            "created_at",
        ),
        ("no end of files", no_end, Code::ResourceExhausted, "too many files"),
        (
            "neither picture nor embedding",
            with(&|m| m.index["samples"][1]["embeddings"] = serde_json::json!({})),
            Code::InvalidArgument,
            "neither",
        ),
    ];
    for (what, archive, code, part) in cases {
        let status = import(&mut service, &archive).await.unwrap_err();
        assert_eq!(status.code(), code, "{what}: {}", status.message());
        assert!(status.message().contains(part), "{what}: '{part}' in: {}", status.message());
        let labels =
            service.training.list_labels(pb::ListLabelsRequest {}).await.unwrap().into_inner().labels;
        assert!(labels.is_empty(), "{what} changed something");
    }
    import(&mut service, &good).await.unwrap();
    service.stop().await.unwrap();
}

#[tokio::test]
async fn an_archive_is_an_ordinary_zip_file() {
    let (_data, _inference, mut service) = taught().await;
    let mut zip = ZipArchive::new(Cursor::new(export(&mut service).await)).unwrap();
    let names: Vec<_> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    let mut index = String::new();
    zip.by_name("dataset.json").unwrap().read_to_string(&mut index).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    assert_eq!(index["labels"][0]["name"], "Red hat");
    assert_eq!(index["samples"].as_array().unwrap().len(), 3);
    let file = zip.by_name(&format!("embeddings/{FINGERPRINT}.npy")).unwrap();
    let array = npyz::NpyFile::new(file).unwrap();
    // Two pictures with one view each, and an embedding.
    assert_eq!(array.shape(), [5, 4]);
    service.stop().await.unwrap();
}
