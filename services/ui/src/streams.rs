//! Server-sent events: a greeting, what is to be told, and pings in between.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use mirror_ops::shutdown::Shutdown;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_stream::wrappers::IntervalStream;
use warp::http::{StatusCode, header};
use warp::reply::{Reply as _, Response};
use warp::sse::Event;

/// Event streams open at once: a kiosk, some phones, and room.
const MAX_STREAMS: usize = 64;
/// A browser that hears nothing for three of these gives the line up.
const PING: Duration = Duration::from_secs(5);

/// A greeting: another boot_id than before tells a page to load itself anew.
#[derive(Serialize)]
struct Hello {
    boot_id: String,
    version: &'static str,
}

/// The places for event streams. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    places: Arc<Semaphore>,
    boot_id: Arc<str>,
    shutdown: Shutdown,
}

impl Streams {
    /// `shutdown` ends all of them.
    pub(crate) fn new(shutdown: Shutdown) -> Self {
        let boot_id = uuid::Uuid::new_v4().to_string().into();
        Self { places: Arc::new(Semaphore::new(MAX_STREAMS)), boot_id, shutdown }
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        MAX_STREAMS - self.places.available_permits()
    }

    /// `events` (see [`named`]) behind a greeting, with pings, until the service
    /// stops.
    pub(crate) fn reply(&self, events: impl Stream<Item = Event> + Send + 'static) -> Response {
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            let text = format!("{MAX_STREAMS} event streams are open already\n");
            return warp::reply::with_status(text, StatusCode::SERVICE_UNAVAILABLE).into_response();
        };
        let place = Place::new(permit);
        let hello = Hello { boot_id: self.boot_id.to_string(), version: env!("CARGO_PKG_VERSION") };
        let hello = futures::stream::once(async move { named("hello", &hello) });
        let start = tokio::time::Instant::now() + PING;
        let pings = IntervalStream::new(tokio::time::interval_at(start, PING)).map(|_| named("ping", &()));
        // What ends `events` ends all: a ping alone says nothing.
        let events = events.map(Some).chain(futures::stream::iter([None]));
        let all = hello
            .map(Some)
            .chain(futures::stream::select(events, pings.map(Some)))
            .take_until(self.shutdown.clone().cancelled_owned())
            .take_while(|event| std::future::ready(event.is_some()))
            .filter_map(std::future::ready)
            .map(move |event| {
                // Held as long as the stream lives.
                let _place = &place;
                Ok::<_, Infallible>(event)
            });
        let all = sync_wrapper::SyncStream::new(all);
        warp::reply::with_header(warp::sse::reply(all), header::CACHE_CONTROL, "no-store").into_response()
    }
}

/// One of the places, taken.
struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Place {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        metrics::gauge!("mirror_event_streams_open").increment(1.0);
        Self { _permit: permit }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("mirror_event_streams_open").decrement(1.0);
    }
}

/// `data` as an event called `name`.
pub(crate) fn named(name: &'static str, data: &impl Serialize) -> Event {
    Event::default().event(name).json_data(data).expect("plain data becomes JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_more_than_there_are_places_is_refused_until_one_is_free() {
        let streams = Streams::new(Shutdown::new());
        let mut open: Vec<_> = (0..MAX_STREAMS).map(|_| streams.reply(futures::stream::pending())).collect();
        assert!(open.iter().all(|answer| answer.status() == 200) && streams.open() == 64);
        assert_eq!(streams.reply(futures::stream::pending()).status(), 503);
        open.pop();
        assert_eq!(streams.reply(futures::stream::pending()).status(), 200);
    }
}
