//! The HTTP face: pages, event streams, pictures, what visitors did, what operators
//! ask for, and teaching.

use std::net::SocketAddr;
use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use mirror_ops::http;
use mirror_ops::readiness::Readiness;
use mirror_proto::recommender::v1 as pb;
use mirror_proto::recommender::v1::recommendation_service_client::RecommendationServiceClient;
use mirror_proto::recommender::v1::training_service_client::TrainingServiceClient;
use serde::Deserialize;
use tonic::transport::Channel;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, StatusCode, header};
use warp::reply::{Reply as _, Response};
use warp::sse::Event;

use crate::config::Config;
use crate::feed::Feed;
use crate::pages::{self, Page};
use crate::preview::{Answer, Preview};
use crate::report::Reporter;
use crate::story::Teller;
use crate::streams::{Listener, Streams, named};
use crate::teach::{self, Desk};
use crate::view::{SpaceFrame, SpaceMap};
use crate::{encoding, hosts, interactions, language, peer, pictures, samples};

/// The pages, each with the file that it is built as.
const PAGES: [(&str, &str); 4] =
    [("", "index.html"), ("space", "space.html"), ("teach", "teach.html"), ("status", "status.html")];

/// What requests are answered from.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    pub(crate) feed: Feed,
    pub(crate) recommendations: RecommendationServiceClient<Channel>,
    pub(crate) training: TrainingServiceClient<Channel>,
    pub(crate) preview: Preview,
    /// Whether everybody may see it.
    pub(crate) open_preview: bool,
    pub(crate) streams: Streams,
    pub(crate) teller: Teller,
    pub(crate) reporter: Reporter,
    pub(crate) desk: Desk,
}

#[derive(Deserialize)]
struct LanguageQuery {
    #[serde(default)]
    lang: String,
}

#[derive(Deserialize)]
struct PreviewQuery {
    #[serde(default)]
    after: u64,
    #[serde(default = "default_width")]
    width: u32,
}

fn default_width() -> u32 {
    320
}

/// Everything that is served.
///
/// # Errors
/// When a page can't be served.
pub(crate) fn all(config: &Config, ui: Ui, readiness: Readiness) -> anyhow::Result<BoxedFilter<(Response,)>> {
    let interactions = interactions::route(ui.recommendations.clone());
    let seen = pages(config)?.or(media(&ui)).unify().or(told(&ui)).unify();
    // Of events there is nothing to be told but themselves.
    let seen = http::read().and(seen).or(warp::get().and(events(&ui))).unify();
    let all = seen.or(interactions).unify().or(teach::route(ui.desk)).unify();
    let all = all.or(http::routes(readiness)).unify().boxed();
    Ok(encoding::compressed(hosts::guarded(config.hosts.clone(), all)))
}

fn pages(config: &Config) -> anyhow::Result<BoxedFilter<(Response,)>> {
    let mut routes = warp::path!("assets" / String)
        .and(warp::header::headers_cloned())
        .map(|name: String, asked: HeaderMap| pages::asset(&name, &asked))
        .boxed();
    for (path, file) in PAGES {
        let page = Arc::new(Page::new(file, config)?);
        let at = if path.is_empty() {
            warp::path::end().boxed()
        } else {
            warp::path(path).and(warp::path::end()).boxed()
        };
        let page = at.and(warp::header::headers_cloned()).map(move |asked: HeaderMap| page.reply(&asked));
        routes = routes.or(page).unify().boxed();
    }
    Ok(routes)
}

fn events(ui: &Ui) -> BoxedFilter<(Response,)> {
    let (feed, open) = (ui.feed.clone(), ui.streams.clone());
    let mirror =
        warp::path!("events").and(http::peer()).and(warp::query()).map(move |peer, query: LanguageQuery| {
            let language = language::of_pages(&query.lang).to_owned();
            heard(&open, peer, feed.mirror(language).map(|event| named("mirror", &event)))
        });
    let (feed, open) = (ui.feed.clone(), ui.streams.clone());
    let recognitions = warp::path!("recognitions")
        .and(http::peer())
        .map(move |peer| heard(&open, peer, feed.recognitions().map(|event| named("recognition", &event))));
    let (feed, open) = (ui.feed.clone(), ui.streams.clone());
    let space = warp::path!("space" / "events").and(http::peer()).map(move |peer| {
        let events = feed.space().map(|event| match event {
            pb::space_event::Event::Map(map) => named("map", &SpaceMap::from(map)),
            pb::space_event::Event::Frame(frame) => named("frame", &SpaceFrame::from(frame)),
        });
        heard(&open, peer, events)
    });
    mirror.or(recognitions).unify().or(space).unify().boxed()
}

fn heard(
    open: &Streams,
    peer: Option<SocketAddr>,
    events: impl Stream<Item = Event> + Send + 'static,
) -> Response {
    open.reply(Listener::At(peer::network(peer)), events).unwrap_or_else(|full| {
        warp::reply::with_status(format!("{full}\n"), StatusCode::SERVICE_UNAVAILABLE).into_response()
    })
}

fn media(ui: &Ui) -> BoxedFilter<(Response,)> {
    let (is_open, sessions) = (ui.open_preview, ui.desk.entry.sessions.clone());
    let may_see = warp::header::headers_cloned()
        .map(move |headers: HeaderMap| is_open || sessions.of(&headers).is_some());
    let preview = ui.preview.clone();
    let preview = warp::path!("preview.jpg").and(warp::query()).and(may_see.clone()).then(
        move |query: PreviewQuery, may_see: bool| {
            let preview = preview.clone();
            async move {
                if may_see {
                    preview_reply(preview.newest(query.width, query.after).await)
                } else {
                    StatusCode::FORBIDDEN.into_response()
                }
            }
        },
    );
    let recommendations = ui.recommendations.clone();
    let pictures =
        warp::path!("pictures" / String).then(move |id| pictures::picture(recommendations.clone(), id));
    let training = ui.training.clone();
    // What only some may see doesn't outlive their session in the browser.
    let caching = if ui.open_preview { "private, max-age=60" } else { "no-store" };
    let samples = warp::path!("samples" / i64).and(may_see).then(move |id, may_see| {
        let training = training.clone();
        async move {
            if may_see {
                samples::picture(training, id, caching).await
            } else {
                StatusCode::FORBIDDEN.into_response()
            }
        }
    });
    preview.or(pictures).unify().or(samples).unify().boxed()
}

fn told(ui: &Ui) -> BoxedFilter<(Response,)> {
    let teller = ui.teller.clone();
    let story = warp::path!("story").and(warp::query()).then(move |query: LanguageQuery| {
        let teller = teller.clone();
        async move { teller.tell(language::of_pages(&query.lang)).await }
    });
    let reporter = ui.reporter.clone();
    let report = warp::path!("report").then(move || reporter.clone().report());
    let reporter = ui.reporter.clone();
    let diagnostics = warp::path!("diagnostics").then(move || reporter.clone().diagnostics());
    story.or(report).unify().or(diagnostics).unify().boxed()
}

fn preview_reply(answer: Answer) -> Response {
    match answer {
        Answer::Frame(frame) => {
            let response = warp::http::Response::builder()
                .header(header::CONTENT_TYPE, "image/jpeg")
                .header(header::CACHE_CONTROL, "no-store")
                .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
                // No page from elsewhere shows it.
                .header("cross-origin-resource-policy", "same-origin")
                .header("x-frame-id", frame.frame_id)
                .body(frame.jpeg);
            response.expect("the headers are plain").into_response()
        }
        Answer::None => StatusCode::NO_CONTENT.into_response(),
        Answer::Away => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
