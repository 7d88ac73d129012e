//! What there is below `/api/`, and who may ask for it.

use futures::FutureExt as _;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::http::{HeaderValue, Method, header};
use warp::reply::Response;

use super::error::ApiError;
use super::request::{Request, requests};
use super::sessions::Session;
use super::{Desk, capture, changes, dataset, devices, entry, labels, samples, verdicts};
use crate::own_page;

type Answer = Result<Response, ApiError>;

/// Answers everything below `/api/`.
pub(crate) fn route(desk: Desk) -> BoxedFilter<(Response,)> {
    requests()
        .then(move |request| {
            let desk = desk.clone();
            async move {
                let mut answer = answer(&desk, request).await.unwrap_or_else(|error| error.reply());
                // What is for who knows the PIN stays nowhere.
                let headers = answer.headers_mut();
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                answer
            }
        })
        .boxed()
}

/// Nothing of the body is read before the sender is known.
async fn answer(desk: &Desk, mut request: Request) -> Answer {
    if !own_page::may_send(&request.headers, request.host.as_ref()) {
        return Err(ApiError::forbidden("Only the mirror's own page may ask for this."));
    }
    // The same as GET; the server leaves the body out.
    let head = request.method == Method::HEAD;
    if head {
        request.method = Method::GET;
    }
    let path = request.path.clone();
    let path: Vec<_> = path.split('/').collect();
    let session = desk.entry.sessions.of(&request.headers);
    let at_the_door = matches!(path[..], ["session"]) || (request.method == Method::POST && path == ["pin"]);
    if session.is_none() && !at_the_door {
        return Err(ApiError::unauthenticated("This needs a session: enter the PIN."));
    }
    let wanted = if path == ["import"] { "application/zip" } else { "application/json" };
    let bodiless = matches!(request.method, Method::GET | Method::DELETE);
    if !bodiless && !request.media_type().is_some_and(|given| given.eq_ignore_ascii_case(wanted)) {
        return Err(ApiError::media_type(wanted));
    }
    match session {
        Some(_) if head && path == ["teach"] => {
            Err(ApiError::method("Events can only be asked for with GET."))
        }
        Some(session) if !at_the_door => inside(desk, &path, session, request).await,
        session => door(desk, &path, session, request).await,
    }
}

/// What needs no session.
async fn door(desk: &Desk, path: &[&str], session: Option<Session>, request: Request) -> Answer {
    match (request.method.as_str(), path) {
        ("GET", ["session"]) => Ok(entry::state(&desk.entry, session)),
        ("POST", ["session"]) => entry::open(&desk.entry, request).boxed().await,
        ("DELETE", ["session"]) => Ok(entry::close(&desk.entry, session)),
        ("POST", ["pin"]) => entry::set_up(&desk.entry, request).boxed().await,
        _ => Err(unknown(&request)),
    }
}

/// What needs one.
async fn inside(desk: &Desk, path: &[&str], session: Session, request: Request) -> Answer {
    match (request.method.as_str(), path) {
        ("PUT", ["pin"]) => entry::change(&desk.entry, request).boxed().await,

        ("GET", ["labels"]) => labels::list(desk).await,
        ("POST", ["labels"]) => labels::create(desk, request).await,
        ("PATCH", ["labels", label]) => labels::update(desk, id(label)?, request).await,
        ("DELETE", ["labels", label]) => labels::delete(desk, id(label)?).await,
        ("GET", ["labels", label, "recommendations"]) => {
            labels::recommendations(desk, id(label)?, request.query).await
        }
        ("GET", ["labels", label, "samples"]) => samples::list(desk, id(label)?, request.query).await,
        ("POST", ["labels", label, "capture"]) => capture::capture(desk, id(label)?, session, request).await,

        ("GET", ["samples", sample, "picture"]) => samples::picture(desk, id(sample)?).await,
        ("POST", ["samples", sample, "move"]) => samples::r#move(desk, id(sample)?, request).await,
        ("DELETE", ["samples", sample]) => samples::delete(desk, id(sample)?).await,

        ("GET", ["teach"]) => verdicts::teach(desk, &session),
        ("POST", ["verdicts", "samples"]) => verdicts::add_samples(desk, request).await,

        ("GET", ["changes"]) => changes::list(desk).await,
        ("POST", ["undo"]) => changes::undo(desk, request).await,
        ("POST", ["purge"]) => changes::purge(desk).await,

        ("GET", ["evaluation"]) => dataset::evaluation(desk).await,
        ("GET", ["gallery"]) => dataset::gallery(desk).await,
        ("GET", ["export"]) => dataset::export(desk, &session).await,
        ("POST", ["import"]) => dataset::import(desk, &session, request).await,

        ("GET", ["models"]) => devices::models(desk).await,
        ("POST", ["models", "select"]) => devices::select_model(desk, request).await,
        ("GET", ["cameras"]) => devices::cameras(desk).await,
        ("POST", ["cameras", "select"]) => devices::select_camera(desk, request).await,
        _ => Err(unknown(&request)),
    }
}

fn id(text: &str) -> Result<i64, ApiError> {
    text.parse().map_err(|_| ApiError::not_found(format!("'{text}' is no id; ids are numbers.")))
}

fn unknown(request: &Request) -> ApiError {
    ApiError::not_found(format!("There is no {} /api/{}.", request.method, request.path))
}
