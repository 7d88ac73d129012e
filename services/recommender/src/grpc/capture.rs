//! CaptureSamples.

use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use mirror_proto::recommender::v1 as pb;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{PICTURE_SIZE, Recommender, convert};
use crate::capture::{Capture, Progress};

const MOST_SAMPLES: u32 = 200;
const DEFAULT_SAMPLES: u32 = 20;

pub(super) async fn samples(
    service: &Recommender,
    request: pb::CaptureSamplesRequest,
) -> Result<BoxStream<'static, Result<pb::CaptureProgress, Status>>, Status> {
    let label = service.existing_label(convert::label_id(request.label_id)?).await?.id;
    let count = match request.count {
        0 => DEFAULT_SAMPLES,
        count if count <= MOST_SAMPLES => count,
        count => {
            return Err(Status::invalid_argument(format!("count is {count}; use 1 to {MOST_SAMPLES}, or 0")));
        }
    };
    let capture = Capture {
        galleries: Arc::clone(&service.galleries),
        link: service.link.clone(),
        label,
        count,
        picture_size: PICTURE_SIZE,
        keep_pictures: service.keep_pictures,
        lease: service.teaching.begin(),
    };
    let (sender, progress) = mpsc::channel(1);
    tokio::spawn(capture.run(sender));
    let told = ReceiverStream::new(progress).map(|progress| progress.map(message));
    Ok(told.take_until(service.shutdown.clone().cancelled_owned()).boxed())
}

fn message(progress: Progress) -> pb::CaptureProgress {
    pb::CaptureProgress {
        captured: progress.captured,
        skipped_blurred: progress.blurred,
        skipped_similar: progress.similar,
        sample: progress.sample.map(convert::sample),
        message: progress.message.to_owned(),
    }
}
