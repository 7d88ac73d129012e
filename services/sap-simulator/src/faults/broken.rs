//! Carrying the faults out.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use mirror_ops::shutdown::Shutdown;
use warp::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, LOCATION, RETRY_AFTER};
use warp::http::{HeaderValue, StatusCode};
use warp::hyper::body::Bytes;

use super::{BodyFault, Faults, GzipFault, Service, has_body, inflating, json, pictures, writes};
use crate::answer::{Answer, ByteStream, Content};
use crate::dispatch::name;
use crate::request::Request;
use crate::{logon, odata};

/// Of the bodies that are too long.
const MEGABYTES: usize = 100;
const DEPTH: usize = 100_000;

const LOGIN_PAGE: &str = "<!doctype html><html><head><title>Log On</title></head><body>\
    <form method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\"></form>\
    </body></html>";

impl Faults {
    /// What takes the place of an answer, after the wait; `None` for nothing.
    pub(crate) async fn instead(
        &self,
        service: Service,
        request: &Request,
        shutdown: &Shutdown,
    ) -> Option<Answer> {
        if self.latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(self.latency_ms)).await;
        }
        if self.hang {
            shutdown.cancelled().await;
            return Some(Answer::empty(StatusCode::SERVICE_UNAVAILABLE));
        }
        if let Some(target) = &self.redirect {
            return Some(moved(target));
        }
        if let Some(status) = self.status.and_then(|status| StatusCode::from_u16(status).ok()) {
            return Some(self.refusal(status, service, request));
        }
        if self.unknown_service {
            let name = name(service);
            return Some(odata::answer(Err(odata::unknown_service(name)), request, name));
        }
        (self.csrf_rejected && writes(service, request)).then(logon::token_refused)
    }

    fn refusal(&self, status: StatusCode, service: Service, request: &Request) -> Answer {
        let reason = status.canonical_reason().unwrap_or("Refused");
        let refusal = match status {
            StatusCode::UNAUTHORIZED => odata::logon_failed(),
            status => odata::refused(status, "SIM/FAULT", format!("{reason} (a fault that was switched on)")),
        };
        let answer = odata::answer(Err(refusal), request, name(service));
        match self.retry_after_s {
            Some(seconds) => answer.and(RETRY_AFTER, &seconds.to_string()),
            None => answer,
        }
    }

    /// The answer with what is wrong with it.
    pub(crate) fn spoilt(
        &self,
        mut answer: Answer,
        service: Service,
        request: &Request,
        shutdown: &Shutdown,
    ) -> Answer {
        if service == Service::Media {
            answer = match &self.picture {
                Some(fault) => pictures::spoilt(answer, fault),
                None => answer,
            };
        } else if answer.status.is_success() && has_body(service, request) {
            if let Some(fault) = self.body {
                answer = with_body(answer, fault, shutdown);
            }
            if self.gzip == GzipFault::Bomb {
                answer.content = Content::Compressed(inflating::spaces());
                answer = answer.with(CONTENT_ENCODING, "gzip");
            }
        }
        answer = match self.gzip {
            GzipFault::Always => answer.compressed(true),
            GzipFault::Normal if takes_gzip(request) => answer.compressed(false),
            _ => answer,
        };
        if self.drop && (service == Service::Media || has_body(service, request)) {
            answer = cut(answer);
        }
        answer
    }
}

fn with_body(mut answer: Answer, fault: BodyFault, shutdown: &Shutdown) -> Answer {
    let text = |answer: Answer, text: Bytes| Answer { content: Content::Text(text), ..answer };
    match fault {
        BodyFault::Malformed => {
            let whole = answer.bytes().unwrap_or_default();
            text(answer, whole.slice(..whole.len() / 2))
        }
        BodyFault::Empty => Answer { status: StatusCode::OK, content: Content::None, ..answer },
        BodyFault::Html => {
            Answer::new(StatusCode::OK, "text/html;charset=utf-8", Content::Text(LOGIN_PAGE.into()))
        }
        BodyFault::XmlError => {
            let message = "An exception was raised (a fault that was switched on)";
            odata::xml_error(StatusCode::INTERNAL_SERVER_ERROR, "/IWBEP/CM_MGW_RT/022", message)
        }
        BodyFault::Endless => {
            let stop = shutdown.clone();
            let spaces = Bytes::from(vec![b' '; 16 * 1024]);
            let parts = stream::repeat(spaces).take_while(move |_| std::future::ready(!stop.is_cancelled()));
            streamed(answer, Box::pin(parts.map(Ok)))
        }
        BodyFault::Deep => text(answer, format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH)).into()),
        BodyFault::Huge => {
            let quote = || stream::iter([Bytes::from_static(b"\"")]);
            let parts = quote().chain(megabytes(b'x')).chain(quote());
            streamed(answer, Box::pin(parts.map(Ok)))
        }
        fault => {
            if let Content::Json(value) = &mut answer.content {
                json::change(value, fault);
            }
            answer
        }
    }
}

fn streamed(answer: Answer, stream: ByteStream) -> Answer {
    Answer { content: Content::Stream(stream), ..answer }
}

/// A hundred megabytes of one byte.
pub(super) fn megabytes(byte: u8) -> impl futures::Stream<Item = Bytes> + Send + Sync {
    let part = Bytes::from(vec![byte; 64 * 1024]);
    stream::repeat(part).take(MEGABYTES * 1024 * 1024 / (64 * 1024))
}

pub(super) fn moved(target: &str) -> Answer {
    Answer::empty(StatusCode::FOUND).and(LOCATION, target)
}

/// The first half of the body under the length of the whole, then an end
/// without a word.
fn cut(answer: Answer) -> Answer {
    let Some(whole) = answer.bytes() else { return answer };
    let half = whole.slice(..whole.len() / 2);
    let parts = stream::once(std::future::ready(Ok(half))).chain(stream::once(async {
        // What was written is sent while this waits.
        tokio::time::sleep(Duration::from_millis(10)).await;
        Err(std::io::Error::other("the connection breaks on purpose"))
    }));
    let mut answer = streamed(answer, Box::pin(parts));
    answer.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    answer
}

fn takes_gzip(request: &Request) -> bool {
    request.header("accept-encoding").is_some_and(|list| {
        list.split(',').any(|coding| {
            let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim() == "gzip" && quality.trim() != "q=0"
        })
    })
}
