//! Faults of pictures.

use mirror_sap_simulator::{Faults, PictureFault};

use super::*;

async fn picture(fault: PictureFault) -> Answer {
    let shop = Fixture::new();
    shop.simulator.set_faults(Faults { picture: Some(fault), ..Faults::default() });
    // Nothing else is touched, and the page keeps its pictures.
    assert_eq!(shop.visit("/occ/v2/mirror-shop/products/TEA-100").await.status(), 200);
    let shown = shop.visit("/simulator/pictures/tea-100.png").await;
    assert!(image::load_from_memory(shown.body()).is_ok());
    shop.visit("/medias/tea-100.png").await
}

fn kind(answer: &Answer) -> &str {
    answer.headers()["content-type"].to_str().unwrap()
}

#[tokio::test]
async fn pictures_that_are_none() {
    let svg = picture(PictureFault::Svg).await;
    assert_eq!(kind(&svg), "image/svg+xml");
    assert!(String::from_utf8_lossy(svg.body()).contains("<script>"));
    let wrong = picture(PictureFault::WrongType).await;
    assert_eq!(kind(&wrong), "image/png");
    assert!(wrong.body().starts_with(b"<!doctype html>"));
    let broken = picture(PictureFault::Broken).await;
    assert_eq!(kind(&broken), "image/png");
    assert!(image::load_from_memory(broken.body()).is_err());
}

#[tokio::test]
async fn pictures_that_are_too_large() {
    let huge = picture(PictureFault::HugeFile).await;
    assert_eq!(kind(&huge), "image/jpeg");
    assert!(huge.body().starts_with(&[0xFF, 0xD8]) && huge.body().len() > 100 * 1024 * 1024);
    let bomb = picture(PictureFault::Bomb).await;
    assert_eq!(kind(&bomb), "image/png");
    assert!(bomb.body().len() < 512 * 1024);
}

#[tokio::test]
async fn pictures_that_are_elsewhere() {
    assert_eq!(picture(PictureFault::Gone).await.status(), 404);
    let moved = picture(PictureFault::Redirect("/medias/tea-200.png".to_owned())).await;
    assert_eq!(
        (moved.status().as_u16(), moved.headers()["location"].to_str().unwrap()),
        (302, "/medias/tea-200.png")
    );
}
