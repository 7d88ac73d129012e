//! The embedding space for one who looks at it: a map, another when it has
//! changed, and between them where each frame is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use mirror_proto::recommender::v1 as pb;
use pb::space_event::Event;
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::Status;

use super::{Recommender, convert};
use crate::gallery::Galleries;
use crate::live::LiveRecognition;
use crate::recognition::{Embedding, SampleId};
use crate::spaces::{Map, Spaces};

const DEFAULT_POINTS: u32 = 5000;
const MAX_POINTS: u32 = 20_000;
/// Between one map and the next: while somebody teaches, samples come fast.
const PAUSE: Duration = Duration::from_secs(1);

/// Without end. Frames that come while the subscriber doesn't read replace the one
/// that waits.
pub(super) fn events(
    recommender: &Recommender,
    max_points: u32,
) -> Result<impl Stream<Item = pb::SpaceEvent> + Send + use<>, Status> {
    let limit = match max_points {
        0 => DEFAULT_POINTS,
        points if points <= MAX_POINTS => points,
        points => {
            let why = format!("max_points is {points}; use at most {MAX_POINTS}");
            return Err(Status::invalid_argument(why));
        }
    };
    let mut changes = recommender.galleries.changes_in_memory();
    changes.mark_changed();
    let subscriber = Subscriber {
        spaces: Arc::clone(&recommender.spaces),
        galleries: Arc::clone(&recommender.galleries),
        frames: recommender.live.recognitions.clone(),
        changes,
        limit: limit as usize,
        map: None,
        revision: 0,
        not_before: Instant::now(),
    };
    Ok(futures::stream::unfold(subscriber, |mut subscriber| async move {
        let event = subscriber.next().await?;
        Some((pb::SpaceEvent { event: Some(event) }, subscriber))
    }))
}

struct Subscriber {
    spaces: Arc<Spaces>,
    galleries: Arc<Galleries>,
    frames: watch::Receiver<Option<Arc<LiveRecognition>>>,
    changes: watch::Receiver<()>,
    limit: usize,
    /// The map that the subscriber has: frames are placed on its axes.
    map: Option<Map>,
    revision: u64,
    not_before: Instant,
}

impl Subscriber {
    async fn next(&mut self) -> Option<Event> {
        loop {
            let not_before = self.not_before;
            let due = async {
                tokio::time::sleep_until(not_before).await;
                self.changes.changed().await
            };
            tokio::select! {
                // A map before the frames on it.
                biased;
                changed = due => {
                    changed.ok()?;
                    self.not_before = Instant::now() + PAUSE;
                    let map = self.spaces.map(self.limit).await;
                    if let Some(map) = map.filter(|map| self.map.as_ref() != Some(map)) {
                        self.revision += 1;
                        let message = message(&map, self.revision);
                        self.map = Some(map);
                        return Some(Event::Map(message));
                    }
                }
                changed = self.frames.changed() => {
                    changed.ok()?;
                    let frame = self.frames.borrow_and_update().clone();
                    if let Some(frame) = frame.and_then(|frame| self.frame(&frame)) {
                        return Some(Event::Frame(frame));
                    }
                }
            }
        }
    }

    fn frame(&self, live: &LiveRecognition) -> Option<pb::SpaceFrame> {
        let map = self.map.as_ref()?;
        let embedding = live.event.embedding.as_ref()?;
        // Of a model that the map is not of (yet).
        if embedding.model_fingerprint != map.fingerprint {
            return None;
        }
        let embedding = Embedding::new(embedding.values.clone()).ok()?;
        let position = map.axes.place_of(&embedding, &live.instant);
        let nearest = live.instant.nearest_sample.and_then(|sample: SampleId| self.spaces.place(map, sample));
        Some(pb::SpaceFrame {
            frame_id: live.event.frame_id,
            captured_at: live.event.captured_at,
            recognition: Some(convert::recognition(&live.instant, &self.galleries)),
            position: position.map(Vec::from).unwrap_or_default(),
            nearest_position: nearest.map(Vec::from).unwrap_or_default(),
        })
    }
}

fn message(map: &Map, revision: u64) -> pb::SpaceMap {
    let labels = map.labels.iter().map(|(label, samples)| pb::SpaceLabel {
        label_id: label.id.get(),
        name: label.name.clone(),
        kind: convert::label_kind(label.kind).into(),
        samples: convert::count(*samples),
    });
    let indices: HashMap<_, _> =
        map.labels.iter().enumerate().map(|(index, (label, _))| (label.id, convert::count(index))).collect();
    let known = map.points.iter();
    let known = known.filter_map(|(sample, label, place)| Some((*sample, *indices.get(label)?, *place)));
    let known: Vec<_> = known.collect();
    pb::SpaceMap {
        revision,
        layout: map.layout,
        labels: labels.collect(),
        sample_ids: known.iter().map(|(sample, ..)| sample.get()).collect(),
        label_indices: known.iter().map(|(_, index, _)| *index).collect(),
        positions: known.iter().flat_map(|(.., place)| *place).collect(),
        samples: convert::count(map.samples),
        explained: map.axes.explained(),
    }
}
