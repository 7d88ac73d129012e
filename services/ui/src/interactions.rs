//! What visitors saw and touched, on its way from the page to the recommender.

use std::sync::Arc;
use std::time::Duration;

use mirror_proto::recommender::v1 as pb;
use mirror_proto::recommender::v1::recommendation_service_client::RecommendationServiceClient;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tonic::Code;
use tonic::transport::Channel;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::host::Authority;
use warp::http::{HeaderMap, StatusCode, header};
use warp::reply::{Reply as _, Response};

use crate::body::{self, Body, BodyError};
use crate::own_page;

/// The ids of 50 products, and room.
const MAX_BODY: usize = 8 * 1024;
/// Calls under way at once: a screen makes one a showing.
const MAX_CALLS: usize = 8;
/// The recommender only writes it down.
const PATIENCE: Duration = Duration::from_secs(3);
const MAX_CARDS: usize = 50;

/// The body of a request.
#[derive(Debug, Deserialize)]
struct Interaction {
    kind: Kind,
    label_id: i64,
    product_ids: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Kind {
    Impression,
    Click,
}

/// An answer that says why not.
type Refusal = (StatusCode, String);

/// Answers `POST /interactions`.
pub(crate) fn route(recommendations: RecommendationServiceClient<Channel>) -> BoxedFilter<(Response,)> {
    let desk = Desk { recommendations, calls: Arc::new(Semaphore::new(MAX_CALLS)) };
    warp::path!("interactions")
        .and(warp::post())
        .and(warp::host::optional())
        .and(warp::header::headers_cloned())
        .and(warp::body::content_length_limit(MAX_BODY as u64))
        .and(body::body())
        .then(move |host: Option<Authority>, headers: HeaderMap, body: Body| {
            let desk = desk.clone();
            async move {
                match desk.take(host.as_ref(), &headers, body).await {
                    Ok(()) => StatusCode::NO_CONTENT.into_response(),
                    Err((status, why)) => {
                        warp::reply::with_status(format!("{why}\n"), status).into_response()
                    }
                }
            }
        })
        .boxed()
}

/// Hands interactions in.
#[derive(Clone, Debug)]
struct Desk {
    recommendations: RecommendationServiceClient<Channel>,
    calls: Arc<Semaphore>,
}

impl Desk {
    async fn take(&self, host: Option<&Authority>, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
        if !own_page::may_send(headers, host) {
            return Err((StatusCode::FORBIDDEN, "Only the mirror's own page may send this.".to_owned()));
        }
        if !is_json(headers) {
            let why = "The body must be JSON, and content-type say so: application/json.";
            return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, why.to_owned()));
        }
        let body = body::whole(body, MAX_BODY).await.map_err(unread)?;
        self.record(parse(&body)?).await
    }

    async fn record(&self, request: pb::RecordInteractionRequest) -> Result<(), Refusal> {
        let away = |why: &str| Err((StatusCode::SERVICE_UNAVAILABLE, why.to_owned()));
        let Ok(_call) = self.calls.try_acquire() else {
            return away(&format!("{MAX_CALLS} interactions are being taken already."));
        };
        let mut recommendations = self.recommendations.clone();
        match tokio::time::timeout(PATIENCE, recommendations.record_interaction(request)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(status)) if matches!(status.code(), Code::InvalidArgument | Code::NotFound) => {
                Err((StatusCode::BAD_REQUEST, status.message().to_owned()))
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "Interaction not taken");
                away("The recommender can't take it now.")
            }
            Err(_) => away("The recommender did not answer."),
        }
    }
}

fn unread(error: BodyError) -> Refusal {
    let status = match error {
        BodyError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        BodyError::TooSlow => StatusCode::REQUEST_TIMEOUT,
        BodyError::BrokenOff => StatusCode::BAD_REQUEST,
    };
    (status, error.to_string())
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

fn parse(body: &[u8]) -> Result<pb::RecordInteractionRequest, Refusal> {
    let bad = |why: String| (StatusCode::BAD_REQUEST, why);
    let Interaction { kind, label_id, product_ids } =
        serde_json::from_slice(body).map_err(|error| bad(format!("The body is no interaction: {error}.")))?;
    let count = product_ids.len();
    let kind = match kind {
        Kind::Impression if (1..=MAX_CARDS).contains(&count) => pb::InteractionKind::Impression,
        Kind::Click if count == 1 => pb::InteractionKind::Click,
        Kind::Impression => return Err(bad(format!("product_ids must have 1 to {MAX_CARDS} products."))),
        Kind::Click => return Err(bad("product_ids must have the one product that was touched.".to_owned())),
    };
    Ok(pb::RecordInteractionRequest { kind: kind.into(), label_id, product_ids })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLICK: &str = r#"{"kind":"CLICK","label_id":7,"product_ids":["A"]}"#;

    fn nobody() -> RecommendationServiceClient<Channel> {
        RecommendationServiceClient::new(mirror_ops::grpc::connect("127.0.0.1:1").unwrap())
    }

    fn post(body: impl AsRef<[u8]>) -> warp::test::RequestBuilder {
        let body = body.as_ref();
        warp::test::request()
            .method("POST")
            .path("/interactions")
            .header("host", "mirror")
            .header("content-type", "application/json")
            .header("content-length", body.len())
            .body(body)
    }

    async fn answer(request: warp::test::RequestBuilder) -> (u16, String) {
        let answer = request.reply(&route(nobody())).await;
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    }

    #[tokio::test]
    async fn without_the_recommender_it_can_not_be_taken() {
        let (status, why) = answer(post(CLICK)).await;
        assert_eq!((status, why.as_str()), (503, "The recommender can't take it now.\n"));
    }

    #[tokio::test]
    async fn a_bad_body_is_told_what_is_wrong() {
        let many = serde_json::json!({"kind": "IMPRESSION", "label_id": 7, "product_ids": vec!["A"; 51]});
        for (body, part) in [
            ("", "EOF"),
            ("[]", "no interaction"),
            (r#"{"kind":"CLICK","product_ids":["A"]}"#, "missing field `label_id`"),
            (r#"{"kind":"LOOK","label_id":7,"product_ids":["A"]}"#, "unknown variant `LOOK`"),
            (r#"{"kind":"CLICK","label_id":"7","product_ids":["A"]}"#, "invalid type"),
            (r#"{"kind":"CLICK","label_id":7,"product_ids":["A","B"]}"#, "the one product"),
            (r#"{"kind":"IMPRESSION","label_id":7,"product_ids":[]}"#, "1 to 50"),
            (&many.to_string(), "1 to 50"),
        ] {
            let (status, why) = answer(post(body)).await;
            assert!(status == 400 && why.contains(part) && why.ends_with(".\n"), "{body}: {status} {why}");
        }
    }

    #[tokio::test]
    async fn only_json_of_bearable_size_is_read() {
        for media_type in ["text/plain", "application/jsonp", ""] {
            assert_eq!(answer(post(CLICK).header("content-type", media_type)).await.0, 415, "{media_type}");
        }
        assert_eq!(
            answer(post(CLICK).header("content-type", "application/json; charset=utf-8")).await.0,
            503
        );
        let padded = |length| format!("{CLICK:length$}");
        assert_eq!(answer(post(padded(8 * 1024))).await.0, 503);
        assert_eq!(answer(post(padded(8 * 1024 + 1))).await.0, 413);
    }

    #[tokio::test]
    async fn another_sites_page_is_refused() {
        assert_eq!(answer(post(CLICK).header("sec-fetch-site", "cross-site")).await.0, 403);
        assert_eq!(answer(post(CLICK).header("origin", "http://elsewhere")).await.0, 403);
        assert_eq!(answer(post(CLICK).header("origin", "http://mirror")).await.0, 503);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_given_up() {
        let desk = Desk { recommendations: nobody(), calls: Arc::new(Semaphore::new(MAX_CALLS)) };
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, "application/json".parse().unwrap())]);
        let refused = desk.take(None, &headers, Box::pin(futures::stream::pending())).await.unwrap_err();
        assert_eq!(refused.0, StatusCode::REQUEST_TIMEOUT);
        assert!(refused.1.ends_with("10 seconds."), "{}", refused.1);
    }

    #[tokio::test]
    async fn calls_under_way_are_few() {
        let desk = Desk { recommendations: nobody(), calls: Arc::new(Semaphore::new(MAX_CALLS)) };
        let all = desk.calls.try_acquire_many(u32::try_from(MAX_CALLS).unwrap()).unwrap();
        let request = parse(CLICK.as_bytes()).unwrap();
        let (status, why) = desk.record(request.clone()).await.unwrap_err();
        assert!(status == 503 && why.contains("already"), "{why}");
        drop(all);
        assert!(!desk.record(request).await.unwrap_err().1.contains("already"));
    }
}
