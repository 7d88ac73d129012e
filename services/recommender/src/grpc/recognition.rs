//! RecognitionService.

use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use mirror_proto::recommender::v1 as pb;
use pb::classify_request::Source;
use pb::recognition_service_server::RecognitionService;
use tonic::{Request, Response, Status};

use super::{Recommender, convert, screen, space, status};
use crate::gallery::Galleries;
use crate::live::LiveRecognition;

#[tonic::async_trait]
impl RecognitionService for Recommender {
    async fn classify(
        &self,
        request: Request<pb::ClassifyRequest>,
    ) -> Result<Response<pb::Recognition>, Status> {
        let (fingerprint, embedding) = match request.into_inner().source {
            Some(Source::Image(image)) => self.embed(image).await?,
            Some(Source::Embedding(embedding)) => {
                self.check_model(&embedding)?;
                convert::embedding(embedding)?
            }
            None => return Err(Status::invalid_argument("source: set image or embedding")),
        };
        let recognition = self.galleries.recognise(&fingerprint, &embedding).map_err(status::foreign)?;
        Ok(Response::new(convert::recognition(&recognition, &self.galleries)))
    }

    type StreamRecognitionsStream = BoxStream<'static, Result<pb::RecognitionEvent, Status>>;

    async fn stream_recognitions(
        &self,
        _: Request<pb::StreamRecognitionsRequest>,
    ) -> Result<Response<Self::StreamRecognitionsStream>, Status> {
        let galleries = Arc::clone(&self.galleries);
        // While the subscriber doesn't read, newer frames replace the one that
        // waits; nothing is queued.
        let start = (self.live.recognitions.clone(), None, 0);
        let events = futures::stream::unfold(start, move |(mut newest, before, dropped)| {
            let galleries = Arc::clone(&galleries);
            async move {
                newest.changed().await.ok()?;
                let recognition = newest.borrow_and_update().clone()?;
                let id = recognition.event.frame_id;
                // An inference service that was restarted counts from 1 again.
                let gap = before.map_or(0, |before: u64| id.saturating_sub(before + 1));
                let dropped = dropped + gap;
                Some((Ok(event(&recognition, &galleries, dropped)), (newest, Some(id), dropped)))
            }
        });
        Ok(Response::new(events.take_until(self.shutdown.clone().cancelled_owned()).boxed()))
    }

    type StreamMirrorStream = BoxStream<'static, Result<pb::MirrorEvent, Status>>;

    async fn stream_mirror(
        &self,
        request: Request<pb::StreamMirrorRequest>,
    ) -> Result<Response<Self::StreamMirrorStream>, Status> {
        let events = screen::events(self, request.into_inner().language);
        Ok(Response::new(events.map(Ok).take_until(self.shutdown.clone().cancelled_owned()).boxed()))
    }

    type StreamSpaceStream = BoxStream<'static, Result<pb::SpaceEvent, Status>>;

    async fn stream_space(
        &self,
        request: Request<pb::StreamSpaceRequest>,
    ) -> Result<Response<Self::StreamSpaceStream>, Status> {
        let events = space::events(self, request.into_inner().max_points)?;
        Ok(Response::new(events.map(Ok).take_until(self.shutdown.clone().cancelled_owned()).boxed()))
    }

    async fn get_status(
        &self,
        _: Request<pb::GetStatusRequest>,
    ) -> Result<Response<pb::RecommenderStatus>, Status> {
        Ok(Response::new(self.report().await))
    }
}

fn event(recognition: &LiveRecognition, galleries: &Galleries, frames_dropped: u64) -> pb::RecognitionEvent {
    let frame = &recognition.event;
    pb::RecognitionEvent {
        frame_id: frame.frame_id,
        captured_at: frame.captured_at,
        instant: Some(convert::recognition(&recognition.instant, galleries)),
        stable: Some(convert::recognition(&recognition.stable, galleries)),
        timings: frame.timings,
        classify_us: u32::try_from(recognition.classify.as_micros()).unwrap_or(u32::MAX),
        sharpness: frame.sharpness,
        motion: frame.motion,
        source: frame.source.clone(),
        frames_dropped,
    }
}
