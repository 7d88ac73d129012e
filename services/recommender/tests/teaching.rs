//! Labels and samples through the running service.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use futures::StreamExt as _;
use mirror_proto::recommender::v1 as pb;
use pb::LabelKind::{Background, Product};
use support::{BLUE, RED, Service, embedding, embedding_sample, image_sample, pair};
use tonic::Code;

#[tokio::test]
async fn what_is_taught_is_recognised_at_once_and_after_a_restart() {
    let (data, inference, mut service) = pair(&[]).await;
    assert_eq!(service.classify("red").await.unwrap().outcome(), pb::Outcome::Untrained);
    let red = service.label("Red hat", Product, "T-RED").await;
    let wall = service.label("Wall", Background, "").await;
    let samples = vec![image_sample(red.id, "red"), embedding_sample(wall.id, embedding(&BLUE))];
    let stored = service.add(samples).await.unwrap();
    assert_eq!(stored.iter().map(|s| s.label_id).collect::<Vec<_>>(), [red.id, wall.id]);

    let verdict = service.classify("red").await.unwrap();
    assert_eq!((verdict.outcome(), verdict.label_name.as_str()), (pb::Outcome::Known, "Red hat"));
    assert_eq!(verdict.nearest_sample_id, stored[0].id);
    assert!(verdict.confidence > 0.9);
    assert_eq!(service.classify("blue").await.unwrap().outcome(), pb::Outcome::Background);
    let unknown = service.classify("green").await.unwrap();
    assert_eq!((unknown.outcome(), unknown.label_id), (pb::Outcome::Unknown, 0));
    assert_eq!(unknown.candidates.len(), 2);

    service.stop().await.unwrap();
    let mut service = Service::boot(data.path(), inference.addr, &[]).await;
    service.found_inference().await;
    assert_eq!(service.classify("red").await.unwrap().label_id, red.id);
    let labels = service.training.list_labels(pb::ListLabelsRequest {}).await.unwrap().into_inner().labels;
    let counts: Vec<_> = labels.iter().map(|label| (label.name.as_str(), label.sample_count)).collect();
    assert_eq!(counts, [("Red hat", 1), ("Wall", 1)]);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn samples_are_listed_in_pages_with_their_pictures_and_deleted() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let red = service.label("Red", Product, "").await;
    let mut samples = vec![image_sample(red.id, "red"); 3];
    samples.push(embedding_sample(red.id, embedding(&RED)));
    let stored = service.add(samples).await.unwrap();
    let mut listed = Vec::new();
    let mut page_token = String::new();
    loop {
        let request =
            pb::ListSamplesRequest { label_id: red.id, with_thumbnails: true, page_size: 3, page_token };
        let answer = service.training.list_samples(request).await.unwrap().into_inner();
        listed.extend(answer.samples);
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let newest_first: Vec<_> = stored.iter().rev().map(|sample| sample.id).collect();
    assert_eq!(listed.iter().map(|sample| sample.id).collect::<Vec<_>>(), newest_first);
    assert!(listed[0].thumbnail.is_empty(), "made from an embedding");
    assert_eq!(listed[1].thumbnail, support::small(b"red"));

    for sample in &listed {
        service.training.delete_sample(pb::DeleteSampleRequest { sample_id: sample.id }).await.unwrap();
    }
    assert_eq!(service.classify("red").await.unwrap().outcome(), pb::Outcome::Untrained);
    let again = service.training.delete_sample(pb::DeleteSampleRequest { sample_id: stored[0].id }).await;
    assert_eq!(again.unwrap_err().code(), Code::NotFound);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn pictures_are_not_kept_when_that_is_switched_off() {
    let (_data, _inference, mut service) = pair(&["--keep-pictures", "false"]).await;
    let red = service.label("Red", Product, "").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    let request = pb::ListSamplesRequest { with_thumbnails: true, ..Default::default() };
    let listed = service.training.list_samples(request).await.unwrap().into_inner().samples;
    assert!(listed[0].thumbnail.is_empty());
    service.stop().await.unwrap();
}

#[tokio::test]
async fn labels_are_changed_and_deleted_with_their_samples() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let red = service.label("Red", Product, "A").await;
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    let request =
        pb::UpdateLabelRequest { label_id: red.id, name: Some("Crimson".to_owned()), ..Default::default() };
    let changed = service.training.update_label(request).await.unwrap().into_inner();
    assert_eq!(
        (changed.name.as_str(), changed.product_id.as_str(), changed.sample_count),
        ("Crimson", "A", 1)
    );
    assert_eq!(service.classify("red").await.unwrap().label_name, "Crimson");
    let deleted = service.training.delete_label(pb::DeleteLabelRequest { label_id: red.id }).await.unwrap();
    assert_eq!(deleted.into_inner().deleted_samples, 1);
    assert_eq!(service.classify("red").await.unwrap().outcome(), pb::Outcome::Untrained);
    let gone = service.training.get_label(pb::GetLabelRequest { label_id: red.id }).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn bad_samples_are_refused_in_words_and_none_of_their_call_is_stored() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let red = service.label("Red", Product, "").await;
    let foreign =
        mirror_proto::inference::v1::Embedding { model_fingerprint: "another".into(), values: RED.into() };
    let nothing = pb::AddSampleRequest { label_id: red.id, ..Default::default() };
    for (bad, code, part) in [
        (image_sample(red.id, "no picture"), Code::InvalidArgument, "image"),
        (image_sample(red.id, ""), Code::InvalidArgument, "empty"),
        (image_sample(red.id, "huge"), Code::ResourceExhausted, "10000 x 5000"),
        (image_sample(4711, "red"), Code::NotFound, "label 4711"),
        (image_sample(-1, "red"), Code::InvalidArgument, "label_id is -1"),
        (embedding_sample(red.id, embedding(&[1.0, 0.0])), Code::FailedPrecondition, "2 values"),
        (embedding_sample(red.id, foreign), Code::FailedPrecondition, "another"),
        (
            embedding_sample(red.id, embedding(&[f32::NAN, 0.0, 0.0, 0.0])),
            Code::InvalidArgument,
            "not finite",
        ),
        (embedding_sample(red.id, embedding(&[3.0, 0.0, 0.0, 0.0])), Code::InvalidArgument, "length"),
        (nothing, Code::InvalidArgument, "source"),
    ] {
        let status = service.add(vec![image_sample(red.id, "red"), bad]).await.unwrap_err();
        assert_eq!(status.code(), code, "{}", status.message());
        assert!(status.message().contains(part), "{part} in: {}", status.message());
        assert!(status.message().contains("sample 2"), "{}", status.message());
    }
    let empty = service.add(Vec::new()).await.unwrap_err();
    assert_eq!(empty.code(), Code::InvalidArgument);
    assert_eq!(service.classify("red").await.unwrap().outcome(), pb::Outcome::Untrained);
    service.add(vec![image_sample(red.id, "red")]).await.unwrap();
    service.stop().await.unwrap();
}

#[tokio::test]
async fn bad_labels_are_refused_in_words() {
    let (_data, _inference, mut service) = pair(&[]).await;
    service.label("Grün", Product, "").await;
    let long = "x".repeat(81);
    for (name, code) in [
        ("GRÜN", Code::AlreadyExists),
        ("  ", Code::InvalidArgument),
        ("two\nlines", Code::InvalidArgument),
        (&*long, Code::ResourceExhausted),
    ] {
        let request = pb::CreateLabelRequest { name: name.to_owned(), ..Default::default() };
        let status = service.training.create_label(request).await.unwrap_err();
        assert_eq!(status.code(), code, "{}", status.message());
        assert!(status.message().starts_with("name"), "{}", status.message());
    }
    let request = pb::CreateLabelRequest { name: "x".to_owned(), kind: 9, ..Default::default() };
    assert_eq!(service.training.create_label(request).await.unwrap_err().code(), Code::InvalidArgument);
    let request = pb::UpdateLabelRequest { label_id: 99, ..Default::default() };
    assert_eq!(service.training.update_label(request).await.unwrap_err().code(), Code::NotFound);
    service.stop().await.unwrap();
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_nothing() {
    let (_data, _inference, mut service) = pair(&[]).await;
    let red = service.label("Red hat", Product, "").await;
    for round in 0..20 {
        let (asked, all_sent) = tokio::sync::oneshot::channel();
        let sent = futures::stream::iter([RED, BLUE])
            .map(move |values| embedding_sample(red.id, embedding(&values)));
        let then_nothing = futures::stream::once(async move {
            asked.send(()).unwrap();
            std::future::pending().await
        });
        let mut training = service.training.clone();
        let call = tokio::spawn(async move { training.add_samples(sent.chain(then_nothing)).await });
        all_sent.await.unwrap();
        // Behind what was sent, on the same connection.
        service.classify("red").await.unwrap();
        call.abort();
        call.await.unwrap_err();
        service.label(&format!("Label {round}"), Product, "").await;
    }
    let label =
        service.training.get_label(pb::GetLabelRequest { label_id: red.id }).await.unwrap().into_inner();
    assert_eq!(label.sample_count, 0);
    service.stop().await.unwrap();
}
