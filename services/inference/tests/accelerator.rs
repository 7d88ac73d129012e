//! The Edge TPU's place in the service: preferred, lost in every way, replaced and
//! taken back. Its library is a stand-in that computes the network for real.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

#[allow(dead_code, unused_imports, reason = "the other crate's tests use all of it")]
#[path = "../../edgetpu/tests/support/mod.rs"]
mod stand_in;
mod support;

use std::path::{Path, PathBuf};

use mirror_edgetpu::{ElementType, Interpreter, Quantization, TensorInfo};
use mirror_proto::inference::v1 as pb;
use stand_in::{StandIn, compiled_model};
use support::{PATIENCE, Service, cosine, default_model, picture, png};
use tempfile::TempDir;
use tonic::Code;

/// Milliseconds that an inference may take; the tests of one that hangs wait so long.
const DEADLINE: &str = "2000";

/// A folder with `net.tflite`, its compiled twin, and a stand-in whose device
/// computes it.
struct Coral {
    models: TempDir,
    stand_in: StandIn,
}

impl Coral {
    fn new(script: &str) -> Self {
        let (models, stand_in) = (TempDir::new().unwrap(), StandIn::new(script));
        let network = models.path().join("net.tflite");
        std::fs::copy(default_model(), &network).unwrap();
        let (input, output) = tensors();
        std::fs::write(models.path().join("net_edgetpu.tflite"), compiled_model(&input, &output)).unwrap();
        stand_in.computes(&network);
        Self { models, stand_in }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.models.path().join(name)
    }

    async fn boot(&self, accelerator: &str, model: &str) -> Service {
        let (library, model) = (self.stand_in.file(), self.file(model));
        Service::boot(&[
            "--accelerator",
            accelerator,
            "--model",
            model.to_str().unwrap(),
            "--camera",
            "replay:/nowhere",
            "--edgetpu-library",
            library.to_str().unwrap(),
            "--edgetpu-deadline-ms",
            DEADLINE,
        ])
        .await
    }

    /// The error that a service ends with.
    async fn refused(&self, accelerator: &str, model: &str) -> String {
        self.boot(accelerator, model).await.ended().await.unwrap_err().to_string()
    }
}

/// The default model's input and output.
fn tensors() -> (TensorInfo, TensorInfo) {
    let network = Interpreter::new(std::fs::read(default_model()).unwrap(), None, 1).unwrap();
    (network.input().clone(), network.output().clone())
}

async fn model(service: &mut Service) -> pb::Model {
    service.client.get_model(pb::GetModelRequest {}).await.unwrap().into_inner()
}

async fn model_when(service: &mut Service, condition: impl Fn(&pb::Model) -> bool) -> pb::Model {
    let found = async {
        loop {
            let model = model(service).await;
            if condition(&model) {
                return model;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("it comes to that")
}

fn on(accelerator: pb::Accelerator) -> impl Fn(&pb::Model) -> bool {
    move |model| model.accelerator() == accelerator
}

async fn embed(service: &mut Service) -> Result<pb::Embedding, tonic::Status> {
    let request = pb::EmbedImageRequest { image: png(&picture(0)).into(), ..Default::default() };
    Ok(service.client.embed_image(request).await?.into_inner().embedding.unwrap())
}

#[tokio::test]
async fn auto_prefers_the_edge_tpu_and_twins_that_agree_are_one_model() {
    let coral = Coral::new("kernel");
    let mut on_cpu = coral.boot("cpu", "net.tflite").await;
    let (plain, expected) = (model(&mut on_cpu).await, embed(&mut on_cpu).await.unwrap());
    assert_eq!((plain.accelerator(), plain.accelerator_problem.as_str()), (pb::Accelerator::Cpu, ""));
    on_cpu.stop().await.unwrap();

    for named in ["net.tflite", "net_edgetpu.tflite"] {
        let mut service = coral.boot("auto", named).await;
        let compiled = model(&mut service).await;
        assert_eq!(compiled.accelerator(), pb::Accelerator::EdgeTpu);
        assert!(compiled.accelerator_detail.contains("usb /sys/bus/usb/devices/2-1"), "{compiled:?}");
        assert!(compiled.accelerator_detail.contains("RuntimeVersion(14)"), "{compiled:?}");
        assert_eq!((&compiled.id, &compiled.fingerprint), (&plain.id, &plain.fingerprint));
        let embedding = embed(&mut service).await.unwrap();
        assert_eq!(embedding.model_fingerprint, expected.model_fingerprint);
        assert!(cosine(&embedding.values, &expected.values) > 0.99);
        let listed = service.client.list_models(pb::ListModelsRequest {}).await.unwrap().into_inner().models;
        assert_eq!(listed, [pb::ModelFile { id: "net".to_owned(), selected: true }]);
        service.stop().await.unwrap();
    }
    assert_eq!(coral.stand_in.count("create 1 /sys/bus/usb/devices/2-1"), 2);
}

#[tokio::test]
async fn twins_that_differ_are_kept_apart() {
    let coral = Coral::new("kernel differ");
    let mut service = coral.boot("auto", "net.tflite").await;
    let compiled = model(&mut service).await;
    assert_eq!((compiled.accelerator(), compiled.id.as_str()), (pb::Accelerator::EdgeTpu, "net_edgetpu"));
    assert!(compiled.accelerator_detail.contains("differs"), "{}", compiled.accelerator_detail);

    coral.stand_in.tell("kernel differ gone");
    let embedding = embed(&mut service).await.unwrap();
    let plain = model_when(&mut service, on(pb::Accelerator::Cpu)).await;
    assert_eq!(plain.id, "net");
    assert_ne!(plain.fingerprint, compiled.fingerprint);
    assert_eq!(embedding.model_fingerprint, plain.fingerprint);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn one_that_is_plugged_in_later_is_taken() {
    let coral = Coral::new("no-device");
    let mut service = coral.boot("auto", "net.tflite").await;
    let plain = model(&mut service).await;
    assert_eq!(plain.accelerator(), pb::Accelerator::Cpu);
    assert!(plain.accelerator_problem.contains("no Edge TPU is plugged in"), "{plain:?}");
    assert!(!plain.accelerator_lost, "what never was is not lost");
    embed(&mut service).await.unwrap();

    coral.stand_in.tell("kernel");
    let compiled = model_when(&mut service, on(pb::Accelerator::EdgeTpu)).await;
    assert_eq!((compiled.accelerator_problem.as_str(), compiled.fingerprint), ("", plain.fingerprint));
    service.stop().await.unwrap();
}

// The gate is waited for without the runtime.
#[tokio::test(flavor = "multi_thread")]
async fn whichever_way_it_is_lost_the_picture_in_hand_is_answered_and_it_is_taken_back() {
    let coral = Coral::new("kernel");
    let gate = coral.stand_in.gate();
    let mut service = coral.boot("auto", "net.tflite").await;
    let before = embed(&mut service).await.unwrap();
    for (script, reason) in [
        ("kernel gone", "failed"),
        ("kernel no-device abort", "ended"),
        ("kernel no-device stop-invoke", "stuck"),
    ] {
        assert_eq!(model(&mut service).await.accelerator(), pb::Accelerator::EdgeTpu);
        coral.stand_in.tell(script);
        let answer = embed(&mut service).await.unwrap();
        // The worker that hangs was killed: the gate's other end is closed.
        let _stopped = script.contains("stop").then(|| gate.stopped_at("invoke"));
        assert!(cosine(&answer.values, &before.values) > 0.99, "{reason}: twins are comparable");
        assert_eq!(answer.model_fingerprint, before.model_fingerprint);
        let plain = model_when(&mut service, on(pb::Accelerator::Cpu)).await;
        assert!(plain.accelerator_lost, "{plain:?}");
        let counted = format!("mirror_accelerator_failures_total{{reason=\"{reason}\"}}");
        let metrics = support::http_get(service.http, "/metrics").await;
        assert!(metrics.contains(&counted), "{counted} is not in\n{metrics}");

        coral.stand_in.tell("kernel");
        let back = model_when(&mut service, on(pb::Accelerator::EdgeTpu)).await;
        assert!(!back.accelerator_lost && back.accelerator_problem.is_empty(), "{back:?}");
        embed(&mut service).await.unwrap();
    }
    service.stop().await.unwrap();
}

#[tokio::test]
async fn without_the_processor_a_loss_is_told_and_mends_itself() {
    let coral = Coral::new("kernel");
    let mut service = coral.boot("edgetpu", "net.tflite").await;
    embed(&mut service).await.unwrap();
    coral.stand_in.tell("kernel gone");
    let refused = embed(&mut service).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.message().contains("device 7 has gone"), "{refused}");
    let lost = model_when(&mut service, on(pb::Accelerator::Unspecified)).await;
    assert!(lost.accelerator_lost);

    coral.stand_in.tell("kernel");
    model_when(&mut service, on(pb::Accelerator::EdgeTpu)).await;
    embed(&mut service).await.unwrap();
    service.stop().await.unwrap();
}

#[tokio::test]
async fn without_the_processor_a_loss_for_good_ends_the_service() {
    let coral = Coral::new("kernel");
    let mut service = coral.boot("edgetpu", "net.tflite").await;
    embed(&mut service).await.unwrap();
    coral.stand_in.tell("kernel no-device abort");
    let refused = embed(&mut service).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.message().contains("it aborted itself"), "{refused}");
    assert!(refused.message().contains("transfer on tag 2 failed"), "{refused}");
    let unready = support::http_get(service.http, "/readyz").await;
    assert!(unready.contains("503") && unready.contains("model"), "{unready}");
    let error = service.ended().await.unwrap_err().to_string();
    assert!(error.contains("doesn't come back") && error.contains("no Edge TPU"), "{error}");
}

#[tokio::test]
async fn what_can_not_start_says_why() {
    let coral = Coral::new("no-device");
    let error = coral.refused("edgetpu", "net.tflite").await;
    assert!(error.contains("net_edgetpu.tflite") && error.contains("no Edge TPU is plugged in"), "{error}");

    std::fs::rename(coral.file("net.tflite"), coral.file("alone.tflite")).unwrap();
    let error = coral.refused("edgetpu", "alone.tflite").await;
    assert!(error.contains("alone_edgetpu.tflite is missing"), "{error}");
    let error = coral.refused("cpu", "net_edgetpu.tflite").await;
    assert!(error.contains("MIRROR_ACCELERATOR=cpu"), "{error}");
    let error = coral.refused("auto", "net_edgetpu.tflite").await;
    assert!(error.contains("no Edge TPU is plugged in"), "{error}");
    std::fs::copy(coral.file("alone.tflite"), coral.file("alone_edgetpu.tflite")).unwrap();
    let error = coral.refused("auto", "alone.tflite").await;
    assert!(error.contains("not compiled for the Edge TPU"), "{error}");
}

#[tokio::test]
async fn a_compiled_classifier_is_refused() {
    let coral = Coral::new("kernel");
    std::fs::remove_file(coral.file("net.tflite")).unwrap();
    let (input, _) = tensors();
    let scores = TensorInfo {
        element: ElementType::UInt8,
        shape: vec![1, 1001],
        bytes: 1001,
        quantization: Some(Quantization { scale: 1.0 / 256.0, zero_point: 0 }),
    };
    std::fs::write(coral.file("net_edgetpu.tflite"), compiled_model(&input, &scores)).unwrap();
    let error = coral.refused("auto", "net_edgetpu.tflite").await;
    assert!(error.contains("1001 scores"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_when_it_is_opened_does_not_keep_the_mirror_from_starting() {
    let coral = Coral::new("kernel stop-create");
    let gate = coral.stand_in.gate();
    let (library, network) = (coral.stand_in.file(), coral.file("net.tflite"));
    let mut service = Service::boot(&[
        "--model",
        network.to_str().unwrap(),
        "--camera",
        "replay:/nowhere",
        "--edgetpu-library",
        library.to_str().unwrap(),
        "--edgetpu-deadline-ms",
        "100",
    ])
    .await;
    let _stopped = gate.stopped_at("create");
    let plain = model(&mut service).await;
    assert_eq!(plain.accelerator(), pb::Accelerator::Cpu);
    assert!(plain.accelerator_problem.contains("didn't answer within 1000 ms"), "{plain:?}");
    service.stop().await.unwrap();
}

#[tokio::test]
async fn models_are_changed_from_and_to_the_edge_tpu() {
    let coral = Coral::new("kernel");
    let mut bytes = std::fs::read(default_model()).unwrap();
    bytes.extend([0; 16]);
    std::fs::write(coral.file("other.tflite"), bytes).unwrap();
    std::fs::write(coral.file("broken.tflite"), b"not a model").unwrap();
    std::fs::write(coral.file("empty_edgetpu.tflite"), b"edgetpu-custom-op").unwrap();
    let mut service = coral.boot("auto", "net.tflite").await;
    let select = |id: &str| pb::SelectModelRequest { model_id: id.to_owned() };
    for id in ["broken", "empty_edgetpu"] {
        let refused = service.client.select_model(select(id)).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition, "{refused}");
        assert_eq!(model(&mut service).await.accelerator(), pb::Accelerator::EdgeTpu);
        embed(&mut service).await.unwrap();
    }
    let other = service.client.select_model(select("other")).await.unwrap().into_inner();
    assert_eq!((other.accelerator(), other.accelerator_problem.as_str()), (pb::Accelerator::Cpu, ""));
    let back = service.client.select_model(select("net")).await.unwrap().into_inner();
    assert_eq!(back.accelerator(), pb::Accelerator::EdgeTpu);
    embed(&mut service).await.unwrap();
    service.stop().await.unwrap();
}

/// Coral's own file on a machine without its library, or without its device.
#[tokio::test]
async fn corals_own_compiled_model_is_refused_without_a_device() {
    let Some(folder) = std::env::var_os("MIRROR_ASSET_DIR").map(PathBuf::from) else {
        eprintln!("skipped: MIRROR_ASSET_DIR is not set, so there are no models compiled for the Edge TPU");
        return;
    };
    let name = "mobilenet_v1_1.0_224_quant_embedding_extractor_edgetpu.tflite";
    let alone = tempfile::tempdir().unwrap();
    let file = alone.path().join(name);
    std::fs::copy(folder.join(name), &file).unwrap();
    let service = Service::boot(&["--model", file.to_str().unwrap(), "--camera", "replay:/nowhere"]).await;
    let error = service.ended().await.unwrap_err().to_string();
    assert!(error.contains(name) && error.contains("edgetpu"), "{error}");
    assert!(Path::new(&file).exists());
}
