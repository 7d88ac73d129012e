//! The HTTP face: the page, its event streams, pictures, what visitors did, and
//! what operators ask for.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use mirror_ops::http;
use mirror_ops::readiness::Readiness;
use mirror_ops::shutdown::Shutdown;
use mirror_proto::recommender::v1::recommendation_service_client::RecommendationServiceClient;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio_stream::wrappers::IntervalStream;
use tonic::transport::Channel;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::http::{Response, StatusCode, header};
use warp::reply::Reply;
use warp::sse::Event;

use crate::feed::Feed;
use crate::preview::{Answer, Preview};
use crate::{interactions, page, pictures};

/// Event streams open at once: a kiosk, some phones, and room.
const MAX_STREAMS: usize = 64;
/// A browser that hears nothing for three of these gives the line up.
const PING: Duration = Duration::from_secs(5);

/// What requests are answered from.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    pub(crate) feed: Feed,
    pub(crate) recommendations: RecommendationServiceClient<Channel>,
    pub(crate) preview: Preview,
    /// Ends the event streams.
    pub(crate) shutdown: Shutdown,
}

#[derive(Deserialize)]
struct EventsQuery {
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

/// A greeting: another boot_id than before tells a page to load itself anew.
#[derive(Serialize)]
struct Hello {
    boot_id: String,
    version: &'static str,
}

pub(crate) fn all(ui: Ui, readiness: Readiness) -> BoxedFilter<(impl Reply + use<>,)> {
    let streams = Streams {
        places: Arc::new(Semaphore::new(MAX_STREAMS)),
        boot_id: uuid::Uuid::new_v4().to_string().into(),
        shutdown: ui.shutdown.clone(),
    };
    let index = warp::path::end().map(page::index);
    let assets = warp::path!("assets" / String).map(|name: String| page::asset(&name));

    let (feed, open) = (ui.feed.clone(), streams.clone());
    let events = warp::path!("events")
        .and(warp::query())
        .map(move |query: EventsQuery| open.reply("mirror", feed.mirror(language(&query.lang))));
    let (feed, open) = (ui.feed, streams);
    let recognitions =
        warp::path!("recognitions").map(move || open.reply("recognition", feed.recognitions()));

    let preview = ui.preview;
    let preview = warp::path!("preview.jpg").and(warp::query()).then(move |query: PreviewQuery| {
        let preview = preview.clone();
        async move { preview_reply(preview.newest(query.width, query.after).await) }
    });
    let interactions = interactions::route(ui.recommendations.clone());
    let recommendations = ui.recommendations;
    let pictures =
        warp::path!("pictures" / String).then(move |id| pictures::picture(recommendations.clone(), id));

    let page = index.or(assets).unify().or(events).unify().or(recognitions).unify();
    let media = preview.or(pictures).unify();
    let seen = warp::get().and(page.or(media).unify());
    seen.or(interactions).unify().or(http::routes(readiness)).unify().boxed()
}

#[derive(Clone)]
struct Streams {
    places: Arc<Semaphore>,
    boot_id: Arc<str>,
    shutdown: Shutdown,
}

impl Streams {
    /// `events` as server-sent events called `name`, behind a greeting, with
    /// pings, until the service stops.
    fn reply<T: Serialize + Send + 'static>(
        &self,
        name: &'static str,
        events: impl Stream<Item = T> + Send + 'static,
    ) -> warp::reply::Response {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let text = format!("{MAX_STREAMS} event streams are open already\n");
            return warp::reply::with_status(text, StatusCode::SERVICE_UNAVAILABLE).into_response();
        };
        let hello = Hello { boot_id: self.boot_id.to_string(), version: env!("CARGO_PKG_VERSION") };
        let hello = futures::stream::once(async move { named("hello", &hello) });
        let events = events.map(move |event| named(name, &event));
        let start = tokio::time::Instant::now() + PING;
        let pings = IntervalStream::new(tokio::time::interval_at(start, PING)).map(|_| named("ping", &()));
        let all = hello
            .chain(futures::stream::select(events, pings))
            .take_until(self.shutdown.clone().cancelled_owned())
            .map(move |event| {
                // Held as long as the stream lives.
                let _place = &place;
                Ok::<_, Infallible>(event)
            });
        let all = sync_wrapper::SyncStream::new(all);
        warp::reply::with_header(warp::sse::reply(all), header::CACHE_CONTROL, "no-store").into_response()
    }
}

fn named(name: &'static str, data: &impl Serialize) -> Event {
    Event::default().event(name).json_data(data).expect("plain data becomes JSON")
}

/// Anything that is no language tag is left out.
fn language(text: &str) -> String {
    let tag = text.len() <= 35 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if tag { text.to_owned() } else { String::new() }
}

fn preview_reply(answer: Answer) -> warp::reply::Response {
    match answer {
        Answer::Frame(frame) => {
            let response = Response::builder()
                .header(header::CONTENT_TYPE, "image/jpeg")
                .header(header::CACHE_CONTROL, "no-store")
                .header("x-frame-id", frame.frame_id)
                .body(frame.jpeg);
            response.expect("the headers are plain").into_response()
        }
        Answer::None => StatusCode::NO_CONTENT.into_response(),
        Answer::Away => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
