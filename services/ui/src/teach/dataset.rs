//! The gallery as a whole: how good it is, and as an archive.

use std::time::{Duration, SystemTime};

use futures::{StreamExt as _, TryStreamExt as _};
use mirror_proto::recommender::v1 as pb;
use sync_wrapper::SyncStream;
use tokio::sync::oneshot;
use tonic::Status;
use warp::http::{HeaderValue, header};
use warp::reply::{Reply as _, Response};

use super::Desk;
use super::error::ApiError;
use super::request::Request;
use super::sessions::Session;
use crate::body::Body;
use crate::json;
use crate::view::{Evaluation, Gallery, Imported, rfc3339};

/// The recommender's limit.
const MOST_BYTES: u64 = 2 << 30;
/// Without a byte of an archive that is sent: a phone may be slow, but not gone.
const PATIENCE: Duration = Duration::from_secs(30);
const BROKEN_OFF: &str = "The archive did not come whole; nothing was changed.";
const STOPPED: &str = "The archive stopped coming; nothing was changed.";

pub(super) async fn evaluation(desk: &Desk) -> Result<Response, ApiError> {
    let found = desk.training.clone().evaluate_dataset(pb::EvaluateDatasetRequest {}).await?;
    Ok(json::ok(&Evaluation::from(found.into_inner())))
}

pub(super) async fn gallery(desk: &Desk) -> Result<Response, ApiError> {
    let gallery = desk.training.clone().get_gallery(pb::GetGalleryRequest {}).await?;
    Ok(json::ok(&Gallery::from(gallery.into_inner())))
}

/// The archive, as it comes; one that ends with an error is no whole answer.
pub(super) async fn export(desk: &Desk, session: &Session) -> Result<Response, ApiError> {
    let mut chunks = desk.training.clone().export_dataset(pb::ExportDatasetRequest {}).await?.into_inner();
    // Until here it can still be told why there is none.
    let first = chunks.message().await?;
    let chunks = futures::stream::iter(first.map(Ok)).chain(chunks).map_ok(|chunk| chunk.data);
    let chunks = session.limit(chunks, Err(Status::unauthenticated("the session is over")));
    let mut answer = warp::reply::stream(SyncStream::new(chunks)).into_response();
    let day = rfc3339(SystemTime::now().into());
    let day = day.split('T').next().unwrap_or_default();
    let name = format!("attachment; filename=\"smart-mirror-{day}.zip\"");
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(name).expect("a day is plain text"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

pub(super) async fn import(desk: &Desk, session: &Session, request: Request) -> Result<Response, ApiError> {
    if request.length().is_some_and(|length| length > MOST_BYTES) {
        return Err(too_large());
    }
    let (broken, breaks) = oneshot::channel();
    let chunks = chunks(request.body, broken, MOST_BYTES);
    let mut training = desk.training.clone();
    tokio::select! {
        // The call is given up, and the recommender changes nothing.
        Ok(error) = breaks => Err(error),
        () = session.over() => Err(ApiError::session_over()),
        imported = training.import_dataset(chunks) => {
            Ok(json::ok(&Imported::from(imported?.into_inner())))
        }
    }
}

/// The body in chunks. When it breaks off it doesn't end, so that half of an
/// archive is never taken for a whole one; `broken` is told why.
fn chunks(
    body: Body,
    broken: oneshot::Sender<ApiError>,
    limit: u64,
) -> impl futures::Stream<Item = pb::ImportDatasetChunk> + Send + 'static {
    futures::stream::unfold((body, Some(broken), 0_u64), move |(mut body, mut broken, read)| async move {
        let next = match tokio::time::timeout(PATIENCE, body.next()).await {
            Ok(next) => next?.map_err(|_| ApiError::invalid(BROKEN_OFF)),
            Err(_) => Err(ApiError::too_slow(STOPPED)),
        };
        let error = match next {
            Ok(data) if read + data.len() as u64 <= limit => {
                let read = read + data.len() as u64;
                return Some((pb::ImportDatasetChunk { data }, (body, broken, read)));
            }
            Ok(_) => too_large(),
            Err(error) => error,
        };
        if let Some(broken) = broken.take() {
            let _ = broken.send(error);
        }
        std::future::pending().await
    })
}

fn too_large() -> ApiError {
    ApiError::too_large(format!("The archive has more than {MOST_BYTES} bytes; nothing was changed."))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn half_an_archive_does_not_end() {
        let (broken, mut breaks) = oneshot::channel();
        let data = futures::stream::iter(["ab", "cd", "e"]).map(|data| Ok(data.into()));
        let mut chunks = Box::pin(chunks(data.boxed(), broken, 4));
        assert_eq!(chunks.next().await.unwrap().data, "ab");
        assert_eq!(chunks.next().await.unwrap().data, "cd");
        assert!(chunks.next().now_or_never().is_none());
        assert_eq!(breaks.try_recv().unwrap(), too_large());
        assert!(chunks.next().now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_archive_may_be_slow_but_not_stand_still() {
        let (broken, mut breaks) = oneshot::channel();
        let slow = futures::stream::iter(["ab", "cd"]).then(async |data| {
            tokio::time::sleep(PATIENCE - Duration::from_secs(1)).await;
            Ok(data.into())
        });
        let mut chunks = Box::pin(chunks(slow.chain(futures::stream::pending()).boxed(), broken, 4));
        assert_eq!(chunks.next().await.unwrap().data, "ab");
        assert_eq!(chunks.next().await.unwrap().data, "cd");
        assert!(breaks.try_recv().is_err());
        let start = tokio::time::Instant::now();
        let error = tokio::select! {
            error = breaks => error.unwrap(),
            _ = chunks.next() => unreachable!("half an archive does not end"),
        };
        assert_eq!((error, start.elapsed()), (ApiError::too_slow(STOPPED), PATIENCE));
    }

    #[tokio::test]
    async fn a_whole_one_does() {
        let (broken, mut breaks) = oneshot::channel();
        let data = futures::stream::iter(["ab", "cd"]).map(|data| Ok(data.into()));
        assert_eq!(chunks(data.boxed(), broken, 4).count().await, 2);
        assert!(breaks.try_recv().is_err());
    }
}
