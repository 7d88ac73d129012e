//! Pictures that come through the recommender: those of products, and those that
//! are kept with samples.

use mirror_proto::recommender::v1 as pb;
use mirror_proto::recommender::v1::recommendation_service_client::RecommendationServiceClient;
use tonic::Code;
use tonic::transport::Channel;
use warp::http::{StatusCode, header};
use warp::hyper::body::Bytes;
use warp::reply::{Reply as _, Response};

/// Pictures and nothing else: an SVG can hold scripts.
const MEDIA_TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
/// Whatever a picture's bytes turn out to be, nothing in them runs or loads.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; sandbox";

/// The picture called `id`.
pub(crate) async fn picture(
    mut recommendations: RecommendationServiceClient<Channel>,
    id: String,
) -> Response {
    match recommendations.get_picture(pb::GetPictureRequest { picture_id: id }).await {
        Ok(picture) => shown(picture.into_inner()),
        Err(status) if status.code() == Code::NotFound => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn shown(picture: pb::Picture) -> Response {
    let Some(media_type) = MEDIA_TYPES.into_iter().find(|known| *known == picture.media_type) else {
        tracing::warn!(picture.media_type, "What the recommender sent is no picture");
        return StatusCode::BAD_GATEWAY.into_response();
    };
    harmless(media_type, "public, max-age=3600", picture.data)
}

/// The kept picture of a sample.
pub(crate) fn of_sample(thumbnail: Bytes, caching: &str) -> Response {
    harmless("image/jpeg", caching, thumbnail)
}

fn harmless(media_type: &str, caching: &str, data: Bytes) -> Response {
    let response = warp::http::Response::builder()
        .header(header::CONTENT_TYPE, media_type)
        .header(header::CACHE_CONTROL, caching)
        .header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        // No page from elsewhere shows it.
        .header("cross-origin-resource-policy", "same-origin")
        .body(data);
    response.expect("the headers are constants").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(media_type: &str) -> Response {
        shown(pb::Picture { data: "a hat".into(), media_type: media_type.to_owned() })
    }

    #[test]
    fn a_picture_is_kept_for_an_hour_and_can_do_nothing() {
        for media_type in MEDIA_TYPES {
            let answer = answer(media_type);
            let header = |name: &str| answer.headers()[name].to_str().unwrap();
            assert_eq!((answer.status().as_u16(), header("content-type")), (200, media_type));
            assert_eq!(header("cache-control"), "public, max-age=3600");
            assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
            assert_eq!(header("x-content-type-options"), "nosniff");
        }
    }

    #[test]
    fn what_is_no_picture_is_not_passed_on() {
        for media_type in ["image/svg+xml", "text/html", "image/png; charset=utf-8", "IMAGE/PNG", ""] {
            assert_eq!(answer(media_type).status(), StatusCode::BAD_GATEWAY, "{media_type}");
        }
    }
}
