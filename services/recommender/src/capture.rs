//! Taking samples from the live camera: which frames are worth keeping.

use std::sync::Arc;
use std::time::Duration;

use mirror_proto::inference::v1 as pb;
use tokio::sync::mpsc;
use tonic::Status;

use crate::gallery::Galleries;
use crate::inference_link::InferenceLink;
use crate::recognition::{Embedding, LabelId};
use crate::store::changes::ChangeId;
use crate::store::samples::{NewSample, Sample};
use crate::teaching::Lease;

/// Frames looked at in a second. More are hardly any different.
const RATE_HZ: f32 = 5.0;
/// Without a new sample for so long a capture ends.
const PATIENCE: Duration = Duration::from_secs(20);
/// Below this sharpness (grey levels) nothing is to be seen.
const LEAST_SHARPNESS: f32 = 0.8;
/// A frame less than this as sharp as the sharpest before is blurred.
const BLURRED: f32 = 0.5;
/// A frame more similar than this (cosine) to a sample of its label adds nothing.
const SIMILAR: f32 = 0.985;

/// How a capture goes on.
#[derive(Debug)]
pub struct Progress {
    /// Samples taken.
    pub captured: u32,
    /// Frames skipped as blurred.
    pub blurred: u32,
    /// Frames skipped as nearly the same as another sample.
    pub similar: u32,
    /// The sample just taken.
    pub sample: Option<Sample>,
    /// Why a frame was skipped or the capture ends.
    pub message: &'static str,
}

/// A capture under way.
#[derive(Debug)]
pub struct Capture {
    /// What was taught, and takes the samples.
    pub galleries: Arc<Galleries>,
    /// Where the frames come from.
    pub link: InferenceLink,
    /// Whose samples they are.
    pub label: LabelId,
    /// How many to take.
    pub count: u32,
    /// Longer side of the pictures, in pixels.
    pub picture_size: u32,
    /// Whether pictures are kept with the samples.
    pub keep_pictures: bool,
    /// Says that somebody is teaching.
    pub lease: Lease,
}

/// What to do with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Take,
    Blurred,
    Similar,
}

/// Chooses among frames by their sharpness and by what was taken before.
#[derive(Debug, Default)]
struct Chooser {
    sharpest: f32,
}

impl Chooser {
    /// `similarity` is that with the closest sample of the label.
    fn choose(&mut self, sharpness: f32, similarity: Option<f32>) -> Choice {
        self.sharpest = self.sharpest.max(sharpness);
        if sharpness < LEAST_SHARPNESS || sharpness < BLURRED * self.sharpest {
            Choice::Blurred
        } else if similarity.is_some_and(|similarity| similarity > SIMILAR) {
            Choice::Similar
        } else {
            Choice::Take
        }
    }
}

impl Capture {
    /// Takes samples until there are enough, none come any more, or nobody
    /// listens to `progress`.
    pub async fn run(self, progress: mpsc::Sender<Result<Progress, Status>>) {
        let work = async {
            if let Err(status) = self.capture(&progress).await {
                let _ = progress.send(Err(status)).await;
            }
        };
        tokio::select! {
            () = work => {}
            () = progress.closed() => {}
        }
    }

    async fn capture(&self, progress: &mpsc::Sender<Result<Progress, Status>>) -> Result<(), Status> {
        let mut frames = self.link.frames(RATE_HZ, self.picture_size).await?;
        let mut chooser = Chooser::default();
        let mut so_far = Progress { captured: 0, blurred: 0, similar: 0, sample: None, message: "" };
        let mut change = None;
        let mut deadline = tokio::time::Instant::now() + PATIENCE;
        while so_far.captured < self.count {
            let event = match tokio::time::timeout_at(deadline, frames.message()).await {
                Ok(event) => {
                    event?.ok_or_else(|| Status::unavailable("the inference service stopped; call again"))?
                }
                Err(_) => {
                    so_far.message = if so_far.blurred + so_far.similar == 0 {
                        "The camera delivers no pictures."
                    } else {
                        "No new picture for 20 seconds: move the product, turn it, or change the distance."
                    };
                    let _ = progress.send(Ok(so_far)).await;
                    return Ok(());
                }
            };
            so_far.sample = None;
            match chooser.choose(event.sharpness, self.closest(&event)) {
                Choice::Blurred => {
                    so_far.blurred += 1;
                    so_far.message = "Blurred: hold the product still for a moment.";
                }
                Choice::Similar => {
                    so_far.similar += 1;
                    so_far.message = "Nearly the same as before: turn the product.";
                }
                Choice::Take => {
                    so_far.sample = Some(self.take(&event, &mut change).await?);
                    so_far.captured += 1;
                    so_far.message = "";
                    deadline = tokio::time::Instant::now() + PATIENCE;
                }
            }
            let told = Progress { sample: so_far.sample.take(), ..so_far };
            if progress.send(Ok(told)).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn closest(&self, event: &pb::EmbeddingEvent) -> Option<f32> {
        let embedding = Embedding::new(event.embedding.as_ref()?.values.clone()).ok()?;
        self.galleries.similarity(self.label, &embedding)
    }

    async fn take(
        &self,
        event: &pb::EmbeddingEvent,
        change: &mut Option<ChangeId>,
    ) -> Result<Sample, Status> {
        let (fingerprint, views) =
            self.link.embed_frame(event.embedding.clone(), event.picture.clone()).await?;
        let picture = self.keep_pictures.then(|| event.picture.to_vec());
        let sample = (NewSample { label: self.label, picture }, views);
        let added = self.galleries.add_samples(fingerprint, vec![sample], *change).await;
        let added = added.map_err(crate::grpc::status::add)?;
        *change = Some(added.change);
        let mut sample = added.samples.into_iter().next().expect("one was added");
        sample.picture = Some(event.picture.to_vec());
        Ok(sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blurred_and_similar_frames_are_skipped() {
        let mut chooser = Chooser::default();
        assert_eq!(chooser.choose(0.3, None), Choice::Blurred);
        assert_eq!(chooser.choose(6.0, None), Choice::Take);
        assert_eq!(chooser.choose(2.5, Some(0.7)), Choice::Blurred);
        assert_eq!(chooser.choose(5.0, Some(0.99)), Choice::Similar);
        assert_eq!(chooser.choose(5.0, Some(0.9)), Choice::Take);
    }

    #[test]
    fn a_smooth_scene_is_measured_by_itself() {
        let mut chooser = Chooser::default();
        assert_eq!(chooser.choose(1.2, None), Choice::Take);
        assert_eq!(chooser.choose(1.0, None), Choice::Take);
    }
}
