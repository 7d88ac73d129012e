//! Server-sent events: a greeting, what is to be told, and pings in between.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use mirror_ops::shutdown::Shutdown;
use serde::Serialize;
use tokio_stream::wrappers::IntervalStream;
use warp::http::header;
use warp::reply::{Reply as _, Response};
use warp::sse::Event;

/// Event streams open at once: a kiosk, some phones, and room.
const MAX_STREAMS: usize = 64;
/// Of these, for sessions alone: who teaches gets in, however many look on.
const FOR_SESSIONS: usize = 8;
/// From one address without a session: a browser has six at most.
const MAX_AN_ADDRESS: usize = 16;
/// A browser that hears nothing for three of these gives the line up.
const PING: Duration = Duration::from_secs(5);

/// Whose an event stream is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Listener {
    /// Anybody's at this address (see [`crate::peer`]).
    At(IpAddr),
    /// Somebody's who knows the PIN.
    InSession,
}

/// Why there is no place for an event stream.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum Full {
    #[error("{0} event streams are open already.")]
    All(usize),
    #[error("{MAX_AN_ADDRESS} event streams from this address are open already.")]
    Address,
}

/// A greeting: another boot_id than before tells a page to load itself anew.
#[derive(Serialize)]
struct Hello {
    boot_id: String,
    version: &'static str,
}

/// The places for event streams. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    places: Arc<Mutex<Places>>,
    boot_id: Arc<str>,
    shutdown: Shutdown,
}

/// Those that are taken.
#[derive(Debug, Default)]
struct Places {
    in_sessions: usize,
    at: HashMap<IpAddr, usize>,
}

impl Places {
    fn without_session(&self) -> usize {
        self.at.values().sum()
    }

    fn open(&self) -> usize {
        self.in_sessions + self.without_session()
    }

    fn take(&mut self, listener: Listener) -> Result<(), Full> {
        if self.open() == MAX_STREAMS {
            return Err(Full::All(MAX_STREAMS));
        }
        match listener {
            Listener::InSession => self.in_sessions += 1,
            Listener::At(address) => {
                let most = MAX_STREAMS - FOR_SESSIONS;
                if self.without_session() >= most {
                    return Err(Full::All(most));
                }
                let open = self.at.entry(address).or_default();
                if *open >= MAX_AN_ADDRESS {
                    return Err(Full::Address);
                }
                *open += 1;
            }
        }
        Ok(())
    }

    fn leave(&mut self, listener: Listener) {
        match listener {
            Listener::InSession => self.in_sessions -= 1,
            Listener::At(address) => {
                self.at.entry(address).and_modify(|open| *open -= 1);
                self.at.retain(|_, open| *open > 0);
            }
        }
    }
}

impl Streams {
    /// `shutdown` ends all of them.
    pub(crate) fn new(shutdown: Shutdown) -> Self {
        // There from the start: what watches the screen takes its absence for another server.
        metrics::gauge!("mirror_event_streams_open").increment(0.0);
        let boot_id = uuid::Uuid::new_v4().to_string().into();
        Self { places: Arc::default(), boot_id, shutdown }
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        lock(&self.places).open()
    }

    /// `events` (see [`named`]) behind a greeting, with pings, until the service
    /// stops.
    pub(crate) fn reply(
        &self,
        listener: Listener,
        events: impl Stream<Item = Event> + Send + 'static,
    ) -> Result<Response, Full> {
        let place = Place::take(&self.places, listener)?;
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
        let reply = warp::reply::with_header(warp::sse::reply(all), header::CACHE_CONTROL, "no-store");
        Ok(reply.into_response())
    }
}

fn lock(places: &Mutex<Places>) -> MutexGuard<'_, Places> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One of the places, taken.
struct Place {
    places: Arc<Mutex<Places>>,
    listener: Listener,
}

impl Place {
    fn take(places: &Arc<Mutex<Places>>, listener: Listener) -> Result<Self, Full> {
        lock(places).take(listener)?;
        metrics::gauge!("mirror_event_streams_open").increment(1.0);
        Ok(Self { places: Arc::clone(places), listener })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.places).leave(self.listener);
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

    fn at(last: usize) -> Listener {
        Listener::At([10, 0, 0, u8::try_from(last).unwrap()].into())
    }

    #[tokio::test]
    async fn one_more_than_there_are_places_is_refused_until_one_is_free() {
        let streams = Streams::new(Shutdown::new());
        let ask = |listener| streams.reply(listener, futures::stream::pending());
        let strangers = (0..56).map(|index| ask(at(index / 16)).unwrap());
        let mut open: Vec<_> = strangers.collect();
        assert_eq!(ask(at(9)).unwrap_err(), Full::All(56));
        open.extend((0..8).map(|_| ask(Listener::InSession).unwrap()));
        assert_eq!(streams.open(), 64);
        assert_eq!(ask(Listener::InSession).unwrap_err(), Full::All(64));
        open.remove(0);
        // They may have the others' places, too.
        open.push(ask(Listener::InSession).unwrap());
        assert_eq!(ask(at(9)).unwrap_err(), Full::All(64));
        drop(open);
        assert_eq!(streams.open(), 0);
        assert!(lock(&streams.places).at.is_empty());
    }

    #[tokio::test]
    async fn one_address_does_not_take_all_places() {
        let streams = Streams::new(Shutdown::new());
        let ask = |listener| streams.reply(listener, futures::stream::pending());
        let mut open: Vec<_> = (0..16).map(|_| ask(at(1)).unwrap()).collect();
        assert_eq!(ask(at(1)).unwrap_err(), Full::Address);
        let _others = (ask(at(2)).unwrap(), ask(Listener::InSession).unwrap());
        open.pop();
        ask(at(1)).unwrap();
    }
}
