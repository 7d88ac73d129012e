//! Archives, out and in.

use std::sync::atomic::Ordering;

use futures::StreamExt as _;
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::Bytes;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::recommender::Import;
use crate::recommender::training::archive;
use crate::support::{Others, Ui, soon};

fn import(cookie: &str) -> hyper::http::request::Builder {
    Request::post("/api/import").header("content-type", "application/zip").header("cookie", cookie)
}

#[tokio::test]
async fn what_goes_out_comes_in_again() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let export = ui.call("GET", "/api/export", &cookie, "").await;
    assert_eq!((export.status(), export.header("content-type")), (200, Some("application/zip")));
    let name = export.header("content-disposition").unwrap();
    let day =
        name.strip_prefix("attachment; filename=\"smart-mirror-").unwrap().strip_suffix(".zip\"").unwrap();
    let parts: Vec<_> = day.split('-').map(|part| (part.len(), part.parse::<u32>().is_ok())).collect();
    assert_eq!(parts, [(4, true), (2, true), (2, true)], "{day}");
    assert!(export.body == archive());

    let imported = ui.send(import(&cookie), export.body).await;
    assert_eq!(imported.status(), 200, "{}", imported.text());
    assert_eq!(imported.json()["added_samples"], 2);
    assert!(*ui.recommender.imports.borrow() == Some(Import::Whole(archive())));
    ui.stop().await;
}

#[tokio::test]
async fn an_export_that_can_not_be_made_says_why() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let error = Status::resource_exhausted("Another export is under way; try again.");
    *ui.recommender.export.lock().unwrap() = Some(error);
    let refused = ui.call("GET", "/api/export", &cookie, "").await;
    assert_eq!((refused.status(), refused.error().as_str()), (413, "RESOURCE_EXHAUSTED"));
    ui.stop().await;
}

#[tokio::test]
async fn half_an_export_is_no_whole_answer() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    *ui.recommender.export.lock().unwrap() = Some(Status::internal("The disk is broken."));
    let whole = async {
        let request = Ui::request("GET", "/api/export", &cookie);
        ui.open(request, futures::stream::empty().boxed()).await?.into_body().collect().await
    };
    soon(whole).await.unwrap_err();
    ui.stop().await;
}

#[tokio::test]
async fn half_an_import_changes_nothing() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    ui.recommender.checking.forget_permits(1);
    let (sender, body) = tokio::sync::mpsc::channel(1);
    let upload = ui.open(import(&cookie), ReceiverStream::new(body).boxed());
    let hang_up = async {
        sender.send(Ok(Bytes::from("PK and half of the rest"))).await.unwrap();
        sender.send(Err(std::io::Error::other("the phone is gone"))).await.unwrap();
        soon(ui.recommender.imports.subscribe().wait_for(Option::is_some)).await.unwrap().clone()
    };
    let (upload, ended) = tokio::join!(upload, hang_up);
    assert!(upload.is_err());
    assert_eq!(ended, Some(Import::BrokenOff));
    ui.stop().await;
}

#[tokio::test]
async fn an_export_ends_with_its_session_and_is_not_whole() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    ui.recommender.export_stops.store(true, Ordering::Relaxed);
    let mut export = ui.stream(Ui::request("GET", "/api/export", &cookie), "").await;
    soon(export.frame()).await.unwrap().unwrap();
    assert_eq!(ui.call("DELETE", "/api/session", &cookie, "").await.status(), 204);
    soon(export.collect()).await.unwrap_err();
    soon(ui.recommender.open.subscribe().wait_for(|open| *open == 0)).await.unwrap();
    ui.stop().await;
}

#[tokio::test]
async fn an_import_ends_with_its_session() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    ui.recommender.checking.forget_permits(1);
    let (sender, body) = tokio::sync::mpsc::channel(1);
    let upload = ui.open(import(&cookie), ReceiverStream::new(body).boxed());
    let log_out = async {
        for part in ["PK", " and more", " and more"] {
            sender.send(Ok(Bytes::from(part))).await.unwrap();
        }
        assert_eq!(ui.call("DELETE", "/api/session", &cookie, "").await.status(), 204);
        soon(ui.recommender.imports.subscribe().wait_for(Option::is_some)).await.unwrap().clone()
    };
    let (upload, ended) = tokio::join!(upload, log_out);
    assert_eq!((upload.unwrap().status().as_u16(), ended), (401, Some(Import::BrokenOff)));
    ui.stop().await;
}

#[tokio::test]
async fn an_archive_over_the_limit_is_refused_before_it_is_read() {
    let ui = Ui::boot(Others::Running).await;
    let cookie = ui.enter().await;
    let request = import(&cookie).header("content-length", (2_u64 << 30) + 1);
    let refused = ui.open(request, futures::stream::pending().boxed()).await.unwrap();
    assert_eq!(refused.status(), 413);
    assert!(ui.recommender.imports.borrow().is_none());
    ui.stop().await;
}
