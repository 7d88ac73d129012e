//! Which content encodings a browser takes, and compressed answers.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt as _;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, HeaderValue, StatusCode, header};
use warp::hyper::body::Body as _;
use warp::reply::{Reply as _, Response};

/// What is compressed on its way. Streams and pictures are not: events have to
/// come at once, and pictures are compressed already.
const TEXT: [&str; 3] = ["application/json", "text/html", "text/plain"];
/// Less than this fits into one packet anyway.
const WORTH_IT: u64 = 1024;

/// Whether the browser takes `encoding`; not when it gives it the quality 0.
pub(crate) fn accepts(asked: &HeaderMap, encoding: &str) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|choice| {
        let (name, parameters) = choice.split_once(';').unwrap_or((choice, ""));
        let quality = parameters.trim().strip_prefix("q=").and_then(|quality| quality.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && quality != Some(0.0)
    })
}

/// `route`, whose texts are compressed where the browser takes it.
pub(crate) fn compressed(route: BoxedFilter<(Response,)>) -> BoxedFilter<(Response,)> {
    warp::header::headers_cloned().and(route).then(compress).boxed()
}

async fn compress(asked: HeaderMap, mut answer: Response) -> Response {
    // A file that was packed when it was built.
    if answer.headers().contains_key(header::CONTENT_ENCODING) {
        return answer;
    }
    let media_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.map(|value| value.split(';').next().unwrap_or_default().trim());
    if media_type.is_none_or(|media_type| !TEXT.contains(&media_type)) {
        return answer;
    }
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let length = answer.body().size_hint().exact();
    if length.is_none_or(|length| length < WORTH_IT) || !accepts(&asked, "gzip") {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let Ok(body) = body.collect().await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(&body.to_bytes()).and_then(|()| encoder.finish());
    head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, packed.expect("memory takes every byte").into())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn encodings_are_taken_by_name_unless_refused() {
        let asked = |value: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
        };
        for value in ["br", "gzip, deflate, br", "GZIP;q=0.5 , BR ; q=0.1", "gzip;q=1,br;q=1.0"] {
            assert!(accepts(&asked(value), "br"), "{value}");
        }
        for value in ["", "gzip", "br;q=0", "br; q=0.000", "brotli", "identity"] {
            assert!(!accepts(&asked(value), "br"), "{value}");
        }
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    async fn answer(
        media_type: &'static str,
        length: usize,
        encodings: &str,
    ) -> warp::http::Response<Vec<u8>> {
        let route = warp::any().map(move || {
            warp::reply::with_header("x".repeat(length), "content-type", media_type).into_response()
        });
        let request = warp::test::request().header("accept-encoding", encodings);
        request.reply(&compressed(route.boxed())).await.map(|body| body.to_vec())
    }

    #[tokio::test]
    async fn texts_worth_it_are_compressed() {
        let packed = answer("application/json", 2000, "gzip").await;
        assert_eq!(packed.headers()["content-encoding"], "gzip");
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed.body().as_slice()).read_to_string(&mut text).unwrap();
        assert!(packed.body().len() < 200 && text == "x".repeat(2000));
    }

    #[tokio::test]
    async fn what_is_packed_already_is_not_packed_again() {
        let route = warp::any().map(|| {
            let text = warp::reply::with_header("x".repeat(2000), "content-type", "text/plain");
            warp::reply::with_header(text, "content-encoding", "br").into_response()
        });
        let request = warp::test::request().header("accept-encoding", "gzip, br");
        let answer = request.reply(&compressed(route.boxed())).await;
        assert_eq!(
            (&answer.headers()["content-encoding"], answer.body().len()),
            (&"br".parse().unwrap(), 2000)
        );
    }

    #[tokio::test]
    async fn what_is_short_or_no_text_or_not_wanted_is_left() {
        for (media_type, length, encodings) in [
            ("application/json", 1000, "gzip"),
            ("application/json", 2000, "br"),
            ("application/x-ndjson", 2000, "gzip"),
            ("text/event-stream", 2000, "gzip"),
            ("image/jpeg", 2000, "gzip"),
        ] {
            let plain = answer(media_type, length, encodings).await;
            assert!(!plain.headers().contains_key("content-encoding"), "{media_type}");
            assert_eq!(plain.body().len(), length);
            assert_eq!(plain.headers().contains_key("vary"), media_type == "application/json");
        }
    }
}
