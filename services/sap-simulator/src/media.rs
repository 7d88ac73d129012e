//! The products' pictures.

use warp::http::StatusCode;

use crate::Simulator;
use crate::answer::{Answer, Content};
use crate::request::{Request, decoded};
use crate::table::Product;

/// Answers the file `rest`.
pub(crate) fn answer(simulator: &Simulator, request: &Request, rest: &str) -> Answer {
    if !request.reads() {
        return Answer::text(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    }
    // Only what lies in memory: a name is never a path.
    let name = decoded(rest);
    let Some((picture, media_type)) = simulator.picture(&name).zip(media_type(&name)) else {
        return Answer::text(StatusCode::NOT_FOUND, "There is no such picture");
    };
    Answer::new(StatusCode::OK, media_type, Content::Compressed(picture))
}

/// Where the picture of `product` is; empty when it has none.
pub(crate) fn absolute(request: &Request, product: &Product) -> String {
    if product.picture.is_empty() {
        return String::new();
    }
    format!("{}{}", request.base_url(), relative(product))
}

/// The same without the host.
pub(crate) fn relative(product: &Product) -> String {
    format!("/medias/{}", product.picture)
}

/// By the end of its name.
pub(crate) fn media_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "webp" => Some("image/webp"),
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        _ => None,
    }
}
