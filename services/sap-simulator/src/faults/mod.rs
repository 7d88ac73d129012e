//! The ways in which a real service fails, to be switched on.
//!
//! [`broken`] carries them out: some take the answer's place, the others spoil
//! it, with [`json`] changing what it says and [`pictures`] and [`inflating`]
//! making bodies that nobody should swallow.

mod broken;
mod inflating;
mod json;
mod pictures;

use serde::{Deserialize, Serialize};

use crate::logon;
use crate::request::Request;

/// What goes wrong. All at once where that makes sense; the default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// The services that they befall; empty for all.
    pub only: Vec<Service>,
    /// How many more requests they befall; unset for all to come.
    pub remaining: Option<u32>,
    /// How long an answer takes, in milliseconds.
    pub latency_ms: u64,
    /// This status instead of an answer.
    pub status: Option<u16>,
    /// With a status: `retry-after`, in seconds.
    pub retry_after_s: Option<u32>,
    /// Every token is refused.
    pub csrf_rejected: bool,
    /// The gateway knows no such service.
    pub unknown_service: bool,
    /// No answer ever comes.
    pub hang: bool,
    /// The connection breaks in the middle of the body.
    pub drop: bool,
    /// What is wrong with the body.
    pub body: Option<BodyFault>,
    /// Whether bodies are compressed.
    pub gzip: GzipFault,
    /// Everything has moved there.
    pub redirect: Option<String>,
    /// What is wrong with pictures.
    pub picture: Option<PictureFault>,
}

/// A service that can fail by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// `PROD_RECO_RUNTIME_SRV`.
    Runtime,
    /// `API_MKT_RECOMMENDATION_SRV`.
    Cache,
    /// `API_MKT_PRODUCT_SRV`.
    ProductMaster,
    /// Commerce OCC.
    Occ,
    /// The Emarsys recommender.
    Emarsys,
    /// The pictures.
    Media,
}

/// What is wrong with the body of an answer that would be a good one. Pictures
/// have faults of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFault {
    /// JSON that breaks off.
    Malformed,
    /// 200, and not a byte.
    Empty,
    /// Nothing is recommended or found.
    EmptyList,
    /// 200, and a page to log on.
    Html,
    /// 500, and an OData error in XML.
    XmlError,
    /// White space that never ends.
    Endless,
    /// A hundred thousand arrays, one in another.
    Deep,
    /// A JSON string of 100 MB.
    Huge,
    /// Lists without the `results` around them.
    Bare,
    /// Decimals as numbers.
    NumbersAsNumbers,
    /// Dates as ISO 8601.
    IsoDates,
    /// Dates without an offset.
    PlainDates,
    /// No date until when a list holds.
    NoExpiry,
    /// Names with markup in them.
    HtmlNames,
    /// Everything twice.
    DuplicateItems,
    /// Results of a scenario that nobody asked for.
    ForeignScenario,
}

/// Whether bodies are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GzipFault {
    /// When the client takes it and it is worth it.
    #[default]
    Normal,
    /// Not at all.
    Never,
    /// Whether the client takes it or not.
    Always,
    /// A small body that inflates to 1 GB of spaces.
    Bomb,
}

/// What is wrong with pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureFault {
    /// An SVG with a script in it.
    Svg,
    /// 100 MB that call themselves a JPEG.
    HugeFile,
    /// A small PNG of 50 000 by 50 000 pixels.
    Bomb,
    /// The first half of the file.
    Broken,
    /// HTML that calls itself a PNG.
    WrongType,
    /// 404.
    Gone,
    /// Moved there.
    Redirect(String),
}

impl Faults {
    /// Those that a request to `service` meets, which counts it when any would
    /// make a difference to it.
    pub(crate) fn meet(&mut self, service: Service, request: &Request) -> Self {
        let for_others = !self.only.is_empty() && !self.only.contains(&service);
        if for_others || self.remaining == Some(0) || !self.befalls(service, request) {
            return Self::default();
        }
        if let Some(remaining) = &mut self.remaining {
            *remaining -= 1;
        }
        self.clone()
    }

    fn befalls(&self, service: Service, request: &Request) -> bool {
        let whole = self.latency_ms > 0
            || self.status.is_some()
            || self.unknown_service
            || self.hang
            || self.redirect.is_some();
        let body = self.body.is_some() || self.gzip != GzipFault::Normal;
        whole
            || (self.csrf_rejected && writes(service, request))
            || (body && has_body(service, request))
            || (self.drop && (service == Service::Media || has_body(service, request)))
            || (self.picture.is_some() && service == Service::Media)
    }
}

fn writes(service: Service, request: &Request) -> bool {
    service == Service::Runtime && !request.reads()
}

/// Whether there is a body that anybody reads: of a call for a token only the
/// headers are.
fn has_body(service: Service, request: &Request) -> bool {
    service != Service::Media && !logon::fetches_token(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use warp::http::{HeaderMap, HeaderValue, Method};

    fn request(method: Method) -> Request {
        let headers = HeaderMap::new();
        Request { method, path: String::new(), query: String::new(), headers, body: Default::default() }
    }

    #[test]
    fn only_requests_that_a_fault_would_touch_are_counted() {
        let (get, post) = (request(Method::GET), request(Method::POST));
        let mut token = request(Method::GET);
        token.headers.insert("x-csrf-token", HeaderValue::from_static("Fetch"));

        let mut faults = Faults { csrf_rejected: true, remaining: Some(1), ..Faults::default() };
        assert_eq!(faults.meet(Service::Runtime, &token), Faults::default());
        assert_eq!(faults.meet(Service::Occ, &get), Faults::default());
        assert!(faults.meet(Service::Runtime, &post).csrf_rejected);
        assert_eq!(faults.meet(Service::Runtime, &post), Faults::default());

        let body = Some(BodyFault::Html);
        let mut faults =
            Faults { body, remaining: Some(2), only: vec![Service::Runtime], ..Faults::default() };
        assert_eq!(faults.meet(Service::Occ, &get), Faults::default());
        assert_eq!(faults.meet(Service::Runtime, &token), Faults::default());
        assert_eq!(faults.meet(Service::Runtime, &post).body, body);
        assert_eq!(faults.remaining, Some(1));
    }

    #[test]
    fn what_is_not_named_is_off() {
        let text = r#"{"only": ["product_master"], "body": "html_names", "picture": {"redirect": "/x"}}"#;
        let faults: Faults = serde_json::from_str(text).unwrap();
        assert_eq!(faults.picture, Some(PictureFault::Redirect("/x".to_owned())));
        assert_eq!(faults.gzip, GzipFault::Normal);
        assert!(serde_json::from_str::<Faults>(r#"{"latency": 5}"#).is_err());
    }
}
