//! The files of the marketeer's page, compiled in.

use rust_embed::RustEmbed;
use warp::http::StatusCode;
use warp::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use crate::answer::{Answer, Content};
use crate::request::Request;

#[derive(RustEmbed)]
#[folder = "page"]
struct Files;

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The page is at `/`, its files are below `/page/`; `None` for all else.
pub(crate) fn answer(request: &Request) -> Option<Answer> {
    let name = match request.path.as_str() {
        "/" => "index.html",
        path => path.strip_prefix("/page/")?,
    };
    let file = Files::get(name).filter(|_| request.reads())?;
    let answer = Answer {
        status: StatusCode::OK,
        headers: Default::default(),
        content: Content::Text(file.data.into_owned().into()),
    };
    let answer = answer.and(CONTENT_TYPE, &format!("{};charset=utf-8", file.metadata.mimetype()));
    Some(
        answer
            .with(CACHE_CONTROL, "no-cache")
            .with(CONTENT_SECURITY_POLICY, POLICY)
            .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
            .with(REFERRER_POLICY, "no-referrer"),
    )
}
