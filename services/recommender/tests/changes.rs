//! Taking back, looking back, capturing, reviewing: what a store owner does
//! beside adding samples.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use mirror_proto::recommender::v1 as pb;
use pb::LabelKind::Product;
use pb::MirrorState::{Recognised, Teaching};
use support::{BLUE, GREEN, PATIENCE, RED, Service, embedding, embedding_sample, image_sample, pair, until};
use tonic::Code;

async fn undo(service: &mut Service) -> Result<pb::Change, tonic::Status> {
    service
        .training
        .undo_last_change(pb::UndoLastChangeRequest::default())
        .await
        .map(tonic::Response::into_inner)
}

async fn counts(service: &mut Service) -> Vec<(String, u32)> {
    let labels = service.training.list_labels(pb::ListLabelsRequest {}).await.unwrap().into_inner().labels;
    labels.into_iter().map(|label| (label.name, label.sample_count)).collect()
}

#[tokio::test]
async fn only_the_change_that_is_meant_is_taken_back() {
    let (_data, _inference, mut service) = pair(&[]).await;
    service.label("Mine", Product, "").await;
    let request = pb::ListChangesRequest { page_size: 1, ..Default::default() };
    let mine = service.training.list_changes(request).await.unwrap().into_inner().changes.remove(0).id;
    service.label("Somebody else's", Product, "").await;
    let only = |change_id| pb::UndoLastChangeRequest { change_id };
    let refused = service.training.undo_last_change(only(mine)).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(refused.message().contains(&(mine + 1).to_string()), "{}", refused.message());
    service.training.undo_last_change(only(mine + 1)).await.unwrap();
    service.training.undo_last_change(only(mine)).await.unwrap();
    assert!(counts(&mut service).await.is_empty());
    service.stop().await.unwrap();
}

#[tokio::test]
async fn every_change_is_logged_and_can_be_taken_back_one_after_the_other() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "T-1").await;
    let blue = service.label("Blue hat", Product, "").await;
    let samples = service.add(vec![image_sample(red.id, "red"), image_sample(red.id, "blue")]).await.unwrap();
    let request = pb::MoveSampleRequest { sample_id: samples[1].id, label_id: blue.id };
    let moved = service.training.move_sample(request).await.unwrap().into_inner();
    assert_eq!((moved.id, moved.label_id), (samples[1].id, blue.id));
    assert_eq!(service.classify("blue").await.unwrap().label_id, blue.id);
    let request =
        pb::UpdateLabelRequest { label_id: red.id, product_id: Some(String::new()), ..Default::default() };
    service.training.update_label(request).await.unwrap();
    service.training.delete_label(pb::DeleteLabelRequest { label_id: red.id }).await.unwrap();
    assert_eq!(counts(&mut service).await, [("Blue hat".to_owned(), 1)]);

    assert_eq!(undo(&mut service).await.unwrap().summary, "Undone: Label 'Red hat' deleted");
    assert_eq!(counts(&mut service).await, [("Blue hat".to_owned(), 1), ("Red hat".to_owned(), 1)]);
    undo(&mut service).await.unwrap();
    let label =
        service.training.get_label(pb::GetLabelRequest { label_id: red.id }).await.unwrap().into_inner();
    assert_eq!(label.product_id, "T-1");
    undo(&mut service).await.unwrap();
    assert_eq!(counts(&mut service).await, [("Blue hat".to_owned(), 0), ("Red hat".to_owned(), 2)]);
    for _ in 0..3 {
        undo(&mut service).await.unwrap();
    }
    assert!(counts(&mut service).await.is_empty());
    let nothing = undo(&mut service).await.unwrap_err();
    assert_eq!(nothing.code(), Code::FailedPrecondition);
    assert!(nothing.message().contains("nothing to undo"));

    let request = pb::ListChangesRequest { page_size: 5, ..Default::default() };
    let page = service.training.list_changes(request).await.unwrap().into_inner();
    assert!(page.changes.iter().all(|change| change.kind() == pb::ChangeKind::Undo && !change.undoable));
    let request = pb::ListChangesRequest { page_size: 500, page_token: page.next_page_token };
    let rest = service.training.list_changes(request).await.unwrap().into_inner();
    assert_eq!((rest.changes.len(), rest.next_page_token.as_str()), (7, ""));
    assert!(rest.changes.iter().all(|change| change.undone_by != 0 || change.kind() == pb::ChangeKind::Undo));
    service.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_purged_can_not_come_back() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    service.training.delete_label(pb::DeleteLabelRequest { label_id: red.id }).await.unwrap();
    let purged = service.training.purge_deleted(pb::PurgeDeletedRequest {}).await.unwrap().into_inner();
    assert_eq!((purged.purged_labels, purged.purged_samples), (1, 1));
    assert_eq!(undo(&mut service).await.unwrap_err().code(), Code::FailedPrecondition);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn two_who_teach_the_same_label_lose_nothing() {
    let (_data, _inference, service) = pair(&[]).await;
    let (mut one, mut other) = (service.training.clone(), service.training.clone());
    let request = pb::CreateLabelRequest { name: "Hat".to_owned(), ..Default::default() };
    let (a, b) = tokio::join!(one.create_label(request.clone()), other.create_label(request));
    let (created, refused) = if a.is_ok() { (a, b) } else { (b, a) };
    assert_eq!(refused.unwrap_err().code(), Code::AlreadyExists);
    let label = created.unwrap().into_inner().id;
    let teach = |mut client: pb::training_service_client::TrainingServiceClient<_>| async move {
        for _ in 0..20 {
            let sample = image_sample(label, "red");
            client.add_samples(futures::stream::iter(vec![sample.clone(), sample])).await.unwrap();
        }
    };
    tokio::join!(teach(service.training.clone()), teach(service.training.clone()));
    let label = one.get_label(pb::GetLabelRequest { label_id: label }).await.unwrap().into_inner();
    assert_eq!(label.sample_count, 80);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn samples_are_captured_from_the_camera_and_undone_in_one_go() {
    let (_data, inference, mut service) = pair(&[]).await;
    let hat = service.label("Hat", Product, "").await;
    let request = pb::CaptureSamplesRequest { label_id: hat.id, count: 3 };
    let mut progress = service.training.capture_samples(request).await.unwrap().into_inner();
    let mut events = service.mirror("").await;
    let mut taken = Vec::new();
    let mut last = pb::CaptureProgress::default();
    for (number, colour) in [RED, GREEN, BLUE].into_iter().enumerate() {
        // Until a sample is taken, then until a frame is skipped because it is the same.
        let next = async {
            loop {
                let next = progress.message().await.unwrap().unwrap();
                if next.sample.is_some() == (taken.len() == number) {
                    return next;
                }
            }
        };
        last = inference.showing(colour, next).await;
        assert_eq!(last.captured as usize, number + 1);
        taken.push(last.sample.clone().unwrap());
        if number == 0 {
            inference.showing(colour, until(&mut events, Teaching)).await;
            let skipped = async {
                loop {
                    let next = progress.message().await.unwrap().unwrap();
                    if next.skipped_similar > 0 {
                        return next;
                    }
                }
            };
            let skipped = inference.showing(colour, skipped).await;
            assert!(skipped.sample.is_none() && skipped.message.contains("turn the product"));
        }
    }
    assert_eq!((last.captured, progress.message().await.unwrap()), (3, None));
    assert!(taken.iter().all(|sample| sample.label_id == hat.id && !sample.thumbnail.is_empty()));
    assert_eq!(counts(&mut service).await, [("Hat".to_owned(), 3)]);
    assert_eq!(undo(&mut service).await.unwrap().summary, "Undone: 3 samples added to 'Hat'");
    assert_eq!(counts(&mut service).await, [("Hat".to_owned(), 0)]);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_capture_skips_blurred_frames_and_refuses_what_makes_no_sense() {
    let (_data, inference, mut service) = pair(&[]).await;
    let hat = service.label("Hat", Product, "").await;
    let request = pb::CaptureSamplesRequest { label_id: hat.id, count: 201 };
    assert_eq!(service.training.capture_samples(request).await.unwrap_err().code(), Code::InvalidArgument);
    let request = pb::CaptureSamplesRequest { label_id: 99, count: 1 };
    assert_eq!(service.training.capture_samples(request).await.unwrap_err().code(), Code::NotFound);
    let request = pb::CaptureSamplesRequest { label_id: hat.id, count: 1 };
    let mut progress = service.training.capture_samples(request).await.unwrap().into_inner();
    let blurred = inference.blurring(RED, progress.message()).await.unwrap().unwrap();
    assert!(blurred.skipped_blurred > 0 && blurred.sample.is_none() && blurred.message.contains("Blurred"));
    // The caller hangs up, and teaching is over.
    drop(progress);
    let mut events = service.mirror("").await;
    let quiet = async {
        loop {
            let event = events.message().await.unwrap().unwrap();
            if event.state() != Teaching {
                return event.state();
            }
        }
    };
    inference.showing(RED, quiet).await;
    service.stop().await.unwrap();
}

#[tokio::test]
async fn wrong_verdicts_are_put_right_while_teaching_and_forgotten_after_it() {
    let (_data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    let green = service.label("Green hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    let request = pb::ListVerdictsRequest { with_pictures: true };
    let nobody = service.training.list_verdicts(request).await.unwrap_err();
    assert_eq!(nobody.code(), Code::FailedPrecondition);

    let mut verdicts = service.training.teach(pb::TeachRequest {}).await.unwrap().into_inner();
    let mut events = service.mirror("").await;
    let wrong = inference.showing(GREEN, verdicts.message()).await.unwrap().unwrap();
    inference.showing(GREEN, until(&mut events, Teaching)).await;
    assert_eq!(wrong.recognition.unwrap().outcome(), pb::Outcome::Unknown);
    let kept = service.training.list_verdicts(request).await.unwrap().into_inner().verdicts;
    assert!(kept.iter().any(|verdict| verdict.id == wrong.id && verdict.picture == wrong.picture));

    let request = pb::AddVerdictSamplesRequest { verdict_ids: vec![wrong.id, 987_654], label_id: green.id };
    assert_eq!(service.training.add_verdict_samples(request).await.unwrap_err().code(), Code::NotFound);
    let request = pb::AddVerdictSamplesRequest { verdict_ids: vec![wrong.id], label_id: green.id };
    let added = service.training.add_verdict_samples(request.clone()).await.unwrap().into_inner().samples;
    assert_eq!((added.len(), added[0].label_id), (1, green.id));
    assert_eq!(service.classify("green").await.unwrap().label_id, green.id);

    drop(verdicts);
    inference.showing(GREEN, until(&mut events, Recognised)).await;
    let over = service.training.add_verdict_samples(request).await.unwrap_err();
    assert_eq!(over.code(), Code::FailedPrecondition);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn the_gallery_says_how_well_it_does_and_what_would_help() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let empty = service.training.evaluate_dataset(pb::EvaluateDatasetRequest {}).await.unwrap().into_inner();
    assert_eq!((empty.evaluated_samples, empty.accuracy), (0, 0.0));
    let hat = service.label("Hat", Product, "").await;
    let cap = service.label("Cap", Product, "").await;
    let at = |x: f32, y: f32| {
        let length = (1.0 + x * x + y * y).sqrt();
        embedding(&[1.0 / length, x / length, y / length, 0.0])
    };
    let mut samples: Vec<_> = (0..8).map(|i| embedding_sample(hat.id, at(0.02 * i as f32, 0.0))).collect();
    samples.extend((0..6).map(|i| embedding_sample(cap.id, at(5.0 + i as f32, 0.3 * i as f32))));
    // Two caps that look like hats.
    samples.extend((0..2).map(|i| embedding_sample(cap.id, at(0.05, 0.01 * i as f32))));
    service.add(samples).await.unwrap();
    let found = service.training.evaluate_dataset(pb::EvaluateDatasetRequest {}).await.unwrap().into_inner();
    assert_eq!(found.evaluated_samples, 16);
    assert!((found.accuracy - 14.0 / 16.0).abs() < 1e-6, "{}", found.accuracy);
    let confusion = found.confusions[0];
    assert_eq!((confusion.label_id, confusion.recognised_label_id, confusion.count), (cap.id, hat.id, 2));

    let labels = service.training.list_labels(pb::ListLabelsRequest {}).await.unwrap().into_inner().labels;
    let quality =
        |name: &str| labels.iter().find(|label| label.name == name).unwrap().quality.clone().unwrap();
    assert_eq!(quality("Cap").advice, ["Confused with 'Hat': 25 %."]);
    assert_eq!(quality("Cap").reasons[0].label_id, hat.id);
    assert_eq!(quality("Hat").reasons[0].kind(), pb::AdviceKind::MoreVariety);
    let few = service.label("Few", Product, "").await;
    service.add(vec![image_sample(few.id, "blue")]).await.unwrap();
    service.training.evaluate_dataset(pb::EvaluateDatasetRequest {}).await.unwrap();
    let few =
        service.training.get_label(pb::GetLabelRequest { label_id: few.id }).await.unwrap().into_inner();
    assert_eq!(few.quality.unwrap().reasons[0].kind(), pb::AdviceKind::MoreSamples);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn another_model_learns_from_the_kept_pictures_and_the_first_finds_its_own_again() {
    let (_data, inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    let green = service.label("Green hat", Product, "").await;
    service.add(vec![image_sample(red.id, "red"), image_sample(green.id, "green")]).await.unwrap();
    service.add(vec![embedding_sample(green.id, embedding(&GREEN))]).await.unwrap();
    let gallery = async |service: &mut Service| {
        service.training.get_gallery(pb::GetGalleryRequest {}).await.unwrap().into_inner()
    };
    assert_eq!(gallery(&mut service).await.samples, 3);

    inference.change_model("another-model");
    let ready = async |service: &mut Service, fingerprint: &str| {
        let ready = async {
            while gallery(service).await.model_fingerprint != fingerprint
                || service.classify("red").await.is_err()
            {
                tokio::task::yield_now().await;
            }
            gallery(service).await
        };
        tokio::time::timeout(PATIENCE, inference.showing(RED, ready)).await.unwrap()
    };
    let now = ready(&mut service, "another-model").await;
    assert_eq!((now.samples, now.ignored_samples), (2, 1));
    assert_eq!(service.classify("red").await.unwrap().label_id, red.id);
    let request = pb::ListSamplesRequest { label_id: green.id, ..Default::default() };
    let samples = service.training.list_samples(request).await.unwrap().into_inner().samples;
    assert_eq!(samples.iter().map(|sample| sample.ignored).collect::<Vec<_>>(), [true, false]);
    let label =
        service.training.get_label(pb::GetLabelRequest { label_id: green.id }).await.unwrap().into_inner();
    assert_eq!((label.sample_count, label.ignored_sample_count), (1, 1));

    inference.change_model(support::FINGERPRINT);
    let now = ready(&mut service, support::FINGERPRINT).await;
    assert_eq!((now.samples, now.ignored_samples), (3, 0));
    service.stop().await.unwrap();
}
