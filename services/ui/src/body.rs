//! The bodies of requests: unread until somebody wants them, and then not waited for
//! for ever.

use std::pin::Pin;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use warp::hyper::body::Bytes;
use warp::{Buf, Filter};

/// For a whole one: they are small.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body as it comes.
pub(crate) type Body = Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send>>;

/// Why a body can't be had.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("The body has more than {0} bytes.")]
    TooLarge(usize),
    #[error("The body did not come within {} seconds.", PATIENCE.as_secs())]
    TooSlow,
    #[error("The body did not come whole.")]
    BrokenOff,
}

/// The body of a request.
pub(crate) fn body() -> impl Filter<Extract = (Body,), Error = warp::Rejection> + Clone {
    warp::body::stream().map(unread)
}

fn unread(body: impl Stream<Item = Result<impl Buf, warp::Error>> + Send + 'static) -> Body {
    body.map(|data| data.map(|mut data| data.copy_to_bytes(data.remaining()))).boxed()
}

/// All of `body`, `limit` bytes at most.
pub(crate) async fn whole(body: Body, limit: usize) -> Result<Vec<u8>, BodyError> {
    tokio::time::timeout(PATIENCE, read(body, limit)).await.unwrap_or(Err(BodyError::TooSlow))
}

async fn read(mut body: Body, limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut read = Vec::new();
    while let Some(data) = body.next().await {
        let data = data.map_err(|_| BodyError::BrokenOff)?;
        if read.len() + data.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
        read.extend_from_slice(&data);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use tokio::time::Instant;

    use super::*;

    fn coming(
        parts: &'static [&'static str],
    ) -> stream::Iter<impl Iterator<Item = Result<Bytes, warp::Error>>> {
        stream::iter(parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))))
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        assert_eq!(whole(coming(&["ab", "cd"]).boxed(), 4).await.unwrap(), b"abcd");
        assert_eq!(whole(coming(&["ab", "cde"]).boxed(), 4).await, Err(BodyError::TooLarge(4)));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_does_not_end_is_given_up() {
        let start = Instant::now();
        let slow = coming(&["{"]).chain(stream::pending()).boxed();
        assert_eq!(whole(slow, 4).await, Err(BodyError::TooSlow));
        // Nor does it help to send a little all the time.
        let trickle = stream::repeat(()).then(async |()| {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(Bytes::from_static(b" "))
        });
        assert_eq!(whole(trickle.boxed(), 1000).await, Err(BodyError::TooSlow));
        assert_eq!(start.elapsed(), 2 * PATIENCE);
    }
}
