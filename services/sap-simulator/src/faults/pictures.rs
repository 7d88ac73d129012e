//! Pictures that are none, or none that a screen can take.

use futures::{StreamExt as _, stream};
use warp::http::StatusCode;
use warp::hyper::body::Bytes;

use super::{PictureFault, broken, inflating};
use crate::answer::{Answer, Content};

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"320\" height=\"320\">\
    <script>alert(1)</script><rect width=\"320\" height=\"320\" fill=\"#c33\"/></svg>";
const HTML: &str = "<!doctype html><script>alert(1)</script>";
/// How the files of most cameras begin.
const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];

/// What comes instead of the picture that is `answer`.
pub(super) fn spoilt(answer: Answer, fault: &PictureFault) -> Answer {
    let ok = |media_type, content| Answer::new(StatusCode::OK, media_type, content);
    match fault {
        PictureFault::Svg => ok("image/svg+xml", Content::Text(SVG.into())),
        PictureFault::HugeFile => {
            let start = stream::iter([Bytes::from_static(JPEG)]);
            ok("image/jpeg", Content::Stream(Box::pin(start.chain(broken::megabytes(0)).map(Ok))))
        }
        PictureFault::Bomb => ok("image/png", Content::Compressed(inflating::picture())),
        PictureFault::Broken => {
            let whole = answer.bytes().unwrap_or_default();
            Answer { content: Content::Compressed(whole.slice(..whole.len() / 2)), ..answer }
        }
        PictureFault::WrongType => ok("image/png", Content::Text(HTML.into())),
        PictureFault::Gone => Answer::text(StatusCode::NOT_FOUND, "There is no such picture"),
        PictureFault::Redirect(target) => broken::moved(target),
    }
}
