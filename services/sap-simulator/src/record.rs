//! What came in: every request to a service, and the feedback of the mirrors.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::request::Request;

/// Requests remembered.
const REQUESTS: usize = 10_000;
/// Bytes of their bodies, all together.
const BODIES: usize = 64 * 1024 * 1024;
/// Clicks remembered.
const CLICKS: usize = 10_000;

/// A request to one of the services. The page's own are not among them.
#[derive(Clone, Debug)]
pub struct Received {
    /// GET or POST, as a rule.
    pub method: String,
    /// As it came, percent-encoded.
    pub path: String,
    /// As it came, percent-encoded, without the question mark.
    pub query: String,
    /// Names are in small letters.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
    /// What was answered; 0 as long as nothing was.
    pub status: u16,
}

impl Received {
    /// The first header of that name, which is given in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Record {
    kept: VecDeque<Received>,
    /// The number of the first one kept.
    first: u64,
    bytes: usize,
    last: Option<Instant>,
}

impl Record {
    /// Returns the request's number.
    pub(crate) fn arrived(&mut self, request: &Request) -> u64 {
        let text = |value: &warp::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = request.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
        self.last = Some(Instant::now());
        self.bytes += request.body.len();
        self.kept.push_back(Received {
            method: request.method.to_string(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: headers.collect(),
            body: request.body.to_vec(),
            status: 0,
        });
        while self.kept.len() > REQUESTS || self.bytes > BODIES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.body.len();
            self.first += 1;
        }
        self.first + self.kept.len() as u64 - 1
    }

    pub(crate) fn answered(&mut self, number: u64, status: u16) {
        let place = number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        if let Some(request) = place.and_then(|place| self.kept.get_mut(place)) {
            request.status = status;
        }
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.kept.iter().cloned().collect()
    }

    /// How many there were, the forgotten ones too, and when the last one was.
    pub(crate) fn count(&self) -> (u64, Option<Instant>) {
        (self.first + self.kept.len() as u64, self.last)
    }
}

/// What the mirrors reported.
#[derive(Clone, Debug, Default)]
pub struct Feedback {
    /// By scenario.
    pub impressions: BTreeMap<String, Impressions>,
    /// The posted entities, oldest first; the newest ten thousand.
    pub clicks: Vec<Value>,
    /// How many clicks there were, by scenario.
    pub click_counts: BTreeMap<String, u64>,
}

/// How often the recommendations of a scenario were shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Impressions {
    /// Times that a list was shown.
    pub count: u64,
    /// Products shown.
    pub items: u64,
    /// Reports received.
    pub calls: u64,
}

impl Feedback {
    pub(crate) fn shown(&mut self, scenario: &str, count: u64, items: u64) {
        let sum = self.impressions.entry(scenario.to_owned()).or_default();
        sum.count = sum.count.saturating_add(count);
        sum.items = sum.items.saturating_add(items);
        sum.calls += 1;
    }

    pub(crate) fn clicked(&mut self, scenario: &str, click: Value) {
        *self.click_counts.entry(scenario.to_owned()).or_default() += 1;
        if self.clicks.len() == CLICKS {
            self.clicks.remove(0);
        }
        self.clicks.push(click);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use warp::http::{HeaderMap, Method};

    #[test]
    fn the_oldest_requests_are_forgotten_and_late_answers_find_theirs() {
        let mut record = Record::default();
        let request = |query: usize| Request {
            method: Method::GET,
            path: "/".to_owned(),
            query: query.to_string(),
            headers: HeaderMap::new(),
            body: vec![0; 16 * 1024].into(),
        };
        let numbers: Vec<_> = (0..5000).map(|query| record.arrived(&request(query))).collect();
        record.answered(numbers[0], 200);
        record.answered(numbers[4999], 201);
        let all = record.all();
        assert_eq!(all.len(), BODIES / (16 * 1024));
        let newest = all.last().unwrap();
        assert_eq!((newest.query.as_str(), newest.status), ("4999", 201));
        assert!(all.iter().rev().skip(1).all(|request| request.status == 0));
        assert_eq!(record.count().0, 5000);
    }
}
