//! Models that can't serve, and, where MIRROR_ASSET_DIR names them, the Coral
//! project's MobileNets.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use std::path::{Path, PathBuf};

use mirror_proto::inference::v1 as pb;
use support::{Service, cache, cosine, default_model, picture, png};
use tonic::Code;

/// The error that a service with this model ends with.
async fn refused(model: &Path) -> String {
    let service = Service::boot(&["--model", model.to_str().unwrap(), "--camera", "replay:/nowhere"]).await;
    let error = service.ended().await.unwrap_err().to_string();
    assert!(error.contains(model.to_str().unwrap()), "the file is named: {error}");
    error
}

#[tokio::test]
async fn a_missing_model_stops_the_service() {
    let error = refused(Path::new("/nowhere/model.tflite")).await;
    assert!(error.contains("MIRROR_MODEL"), "{error}");
}

#[tokio::test]
async fn damaged_models_stop_the_service() {
    let whole = std::fs::read(default_model()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.tflite");
    for bytes in [&whole[..whole.len() / 2], &whole[..40], b"not a model", b""] {
        std::fs::write(&path, bytes).unwrap();
        refused(&path).await;
    }
}

#[tokio::test]
async fn a_model_with_overwritten_weights_fails_the_self_test() {
    let mut bytes = std::fs::read(default_model()).unwrap();
    // The weights lie in the file's middle: all zero, every picture is the same.
    let (from, to) = (bytes.len() / 4, bytes.len() / 4 * 3);
    bytes[from..to].fill(0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blank.tflite");
    std::fs::write(&path, bytes).unwrap();
    let error = refused(&path).await;
    assert!(error.contains("self-test") || error.contains("can't use"), "{error}");
}

#[tokio::test]
async fn a_speech_network_is_no_image_network() {
    let error = refused(&cache().join("models/okay_nabu.tflite")).await;
    assert!(error.contains("not an image network"), "{error}");
}

/// A folder with the default model, a twin of it with another fingerprint, and a
/// file that is no model.
fn folder_of_models() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first.tflite");
    let mut bytes = std::fs::read(default_model()).unwrap();
    std::fs::write(&first, &bytes).unwrap();
    // What follows a flatbuffer is not looked at.
    bytes.extend([0; 16]);
    std::fs::write(folder.path().join("second.tflite"), bytes).unwrap();
    std::fs::write(folder.path().join("broken.tflite"), b"not a model").unwrap();
    std::fs::write(folder.path().join("notes.txt"), b"nothing").unwrap();
    (folder, first)
}

async fn fingerprint(service: &mut Service) -> String {
    let request = pb::EmbedImageRequest { image: png(&picture(0)).into(), ..Default::default() };
    let answer = service.client.embed_image(request).await.unwrap().into_inner();
    answer.embedding.unwrap().model_fingerprint
}

#[tokio::test]
async fn a_model_is_changed_while_running_and_a_bad_one_changes_nothing() {
    let (_folder, first) = folder_of_models();
    let mut service =
        Service::boot(&["--model", first.to_str().unwrap(), "--camera", "replay:/nowhere"]).await;
    let listed = service.client.list_models(pb::ListModelsRequest {}).await.unwrap().into_inner().models;
    let listed: Vec<_> = listed.iter().map(|model| (model.id.as_str(), model.selected)).collect();
    assert_eq!(listed, [("broken", false), ("first", true), ("second", false)]);
    let before = fingerprint(&mut service).await;

    let select = |id: &str| pb::SelectModelRequest { model_id: id.to_owned() };
    let refused = service.client.select_model(select("broken")).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(refused.message().contains("broken.tflite"), "{}", refused.message());
    for id in ["../first", "notes", ""] {
        assert_eq!(service.client.select_model(select(id)).await.unwrap_err().code(), Code::NotFound);
    }
    assert_eq!(fingerprint(&mut service).await, before);

    let model = service.client.select_model(select("second")).await.unwrap().into_inner();
    assert_ne!(model.fingerprint, before);
    assert_eq!(fingerprint(&mut service).await, model.fingerprint);
    let probes = service.client.embed_probes(pb::EmbedProbesRequest {}).await.unwrap().into_inner().probes;
    assert!(probes.len() > 10 && probes.iter().all(|probe| probe.model_fingerprint == model.fingerprint));
    service.client.select_model(select("first")).await.unwrap();
    assert_eq!(fingerprint(&mut service).await, before);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_caller_who_gives_up_leaves_a_model_at_work() {
    let (_folder, first) = folder_of_models();
    let mut service =
        Service::boot(&["--model", first.to_str().unwrap(), "--camera", "replay:/nowhere"]).await;
    for millis in [1, 5, 20, 60] {
        for id in ["second", "first"] {
            let mut request = tonic::Request::new(pb::SelectModelRequest { model_id: id.to_owned() });
            request.set_timeout(std::time::Duration::from_millis(millis));
            let _ = service.client.select_model(request).await;
            tokio::time::timeout(support::PATIENCE, fingerprint(&mut service)).await.expect("it answers");
        }
    }
    // One change after the other: the last one is what is told and what computes.
    let request = pb::SelectModelRequest { model_id: "second".to_owned() };
    let model = service.client.select_model(request).await.unwrap().into_inner();
    let told = service.client.get_model(pb::GetModelRequest {}).await.unwrap().into_inner();
    assert_eq!(told.fingerprint, model.fingerprint);
    assert_eq!(fingerprint(&mut service).await, model.fingerprint);
    service.stop().await.unwrap();
}

/// The folder with further models; without it the tests below say so.
fn assets() -> Option<PathBuf> {
    let folder = std::env::var_os("MIRROR_ASSET_DIR").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: MIRROR_ASSET_DIR is not set, so there are no further models to test");
    }
    folder
}

#[tokio::test]
async fn full_classifiers_are_cut_headless_and_extractors_are_left_whole() {
    let Some(folder) = assets() else { return };
    for (name, dimensions) in [
        ("mobilenet_v2_1.0_224_quant", 1280),
        ("tf2_mobilenet_v2_1.0_224_ptq", 1280),
        ("mobilenet_v1_1.0_224_quant_embedding_extractor", 1024),
        ("mobilenet_v1_0.25_128_quant", 256),
    ] {
        let path = folder.join(name).with_added_extension("tflite");
        let mut service =
            Service::boot(&["--model", path.to_str().unwrap(), "--camera", "replay:/nowhere"]).await;
        let model = service.client.get_model(pb::GetModelRequest {}).await.unwrap().into_inner();
        assert_eq!((model.id.as_str(), model.dimensions), (name, dimensions));
        let mut embeddings = Vec::new();
        for kind in 0..2 {
            let request = pb::EmbedImageRequest {
                image: png(&picture(kind)).into(),
                picture_size: 0,
                ..Default::default()
            };
            let answer = service.client.embed_image(request).await.unwrap().into_inner();
            embeddings.push(answer.embedding.unwrap().values);
        }
        assert_eq!(embeddings[0].len(), dimensions as usize);
        assert!(cosine(&embeddings[0], &embeddings[1]) < 0.95, "{name}");
        service.stop().await.unwrap();
    }
}
