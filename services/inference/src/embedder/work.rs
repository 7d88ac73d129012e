//! The core loop: work from the inbox through the network to whoever waits for
//! it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::idle::{Idle, Plan};
use super::{Embedded, ModelInfo, Vector};
use crate::frame::Frame;
use crate::inbox::{Inbox, Term, Work};
use crate::model::{Engine, EngineError};
use crate::preprocess::{Brightness, Preprocessor};

/// A frame that went through the network.
#[derive(Debug)]
pub struct EmbeddedFrame {
    /// The frame.
    pub frame: Arc<Frame>,
    /// Its embedding.
    pub embedded: Embedded,
    /// Waiting in the inbox.
    pub wait: Duration,
    /// From what the camera sent to RGB.
    pub decode: Duration,
    /// From RGB to network input.
    pub resize: Duration,
    /// The network itself.
    pub embed: Duration,
    /// See [`Brightness::sharpness`].
    pub sharpness: f32,
    /// Against the frame embedded before; see [`Brightness::motion`].
    pub motion: f32,
}

/// Works until the term is over.
///
/// # Errors
/// [`EngineError::Lost`]; what was in hand is back in the inbox.
pub(super) fn work(
    engine: &mut impl Engine,
    model: &Arc<ModelInfo>,
    inbox: &Inbox,
    term: Term,
    newest: &watch::Sender<Option<Arc<EmbeddedFrame>>>,
) -> Result<(), EngineError> {
    let of_model = |vector| Embedded { vector, model: Arc::clone(model) };
    let size = engine.input_size();
    let preprocessor = Preprocessor::new(size.width, size.height);
    let mut eye = Eye { preprocessor, before: None, idle: Idle::new(inbox.idle()), rested: false };
    // Whoever worked before may have rested.
    metrics::gauge!("mirror_idle").set(0.0);
    while let Some(work) = inbox.take(term) {
        match work {
            Work::Picture(picture, answer) => {
                let embedding = engine.embed(eye.preprocessor.prepare(&picture)).and_then(Vector::new);
                if let Err(lost @ EngineError::Lost(_)) = embedding {
                    inbox.give_back(Work::Picture(picture, answer));
                    return Err(lost);
                }
                // The caller may have gone; then nobody misses the answer.
                let _ = answer.send(embedding.map(of_model));
                metrics::counter!("mirror_pictures_embedded_total").increment(1);
            }
            Work::Frame(frame, since) => {
                let wait = since.elapsed();
                match eye.embed(engine, Arc::clone(&frame), of_model, wait) {
                    Ok(Some(embedded)) => {
                        count(&embedded);
                        publish(newest, embedded);
                    }
                    Ok(None) => {}
                    Err(lost @ EngineError::Lost(_)) => {
                        inbox.give_back(Work::Frame(frame, since));
                        return Err(lost);
                    }
                    Err(error) => {
                        metrics::counter!("mirror_frames_failed_total").increment(1);
                        tracing::warn!(%error, "Frame not embedded");
                    }
                }
            }
        }
    }
    Ok(())
}

/// Unless a newer one is out: the last frame of a term may be ready only after the
/// first of the next.
fn publish(newest: &watch::Sender<Option<Arc<EmbeddedFrame>>>, embedded: EmbeddedFrame) {
    newest.send_if_modified(|out| {
        let news = out.as_ref().is_none_or(|out| out.frame.id < embedded.frame.id);
        if news {
            *out = Some(Arc::new(embedded));
        }
        news
    });
}

/// What looks at frames before the network does.
struct Eye {
    preprocessor: Preprocessor,
    /// Of the frame embedded before.
    before: Option<Brightness>,
    idle: Idle,
    /// Whether the network rested at the last frame.
    rested: bool,
}

impl Eye {
    /// `None` for a frame that is broken, or isn't worth it because nothing moves.
    fn embed(
        &mut self,
        engine: &mut impl Engine,
        frame: Arc<Frame>,
        of_model: impl Fn(Vector) -> Embedded,
        wait: Duration,
    ) -> Result<Option<EmbeddedFrame>, EngineError> {
        let plan = self.idle.plan(frame.captured);
        self.tell_rest(frame.captured);
        if plan == Plan::Skip {
            metrics::counter!("mirror_frames_idle_total").increment(1);
            return Ok(None);
        }
        let start = Instant::now();
        if frame.decoded().is_none() {
            return Ok(None);
        }
        let decoded = Instant::now();
        let Some(input) = self.preprocessor.prepare_frame(&frame) else { return Ok(None) };
        let brightness = Brightness::of(input, engine.input_size().width as usize);
        let motion = self.before.as_ref().map_or(0.0, |before| brightness.motion(before));
        let moves = self.idle.moves(frame.captured, motion);
        if plan == Plan::Look && !moves {
            metrics::counter!("mirror_frames_idle_total").increment(1);
            return Ok(None);
        }
        let resized = Instant::now();
        let vector = engine.embed(input).and_then(Vector::new)?;
        let embed = resized.elapsed();
        let sharpness = brightness.sharpness();
        self.before = Some(brightness);
        Ok(Some(EmbeddedFrame {
            frame,
            embedded: of_model(vector),
            wait,
            decode: decoded - start,
            resize: resized - decoded,
            embed,
            sharpness,
            motion,
        }))
    }

    fn tell_rest(&mut self, at: Instant) {
        let rests = self.idle.resting(at);
        if rests != self.rested {
            metrics::gauge!("mirror_idle").set(if rests { 1.0 } else { 0.0 });
            tracing::debug!(rests, "Nothing moves, or something again");
        }
        self.rested = rests;
    }
}

fn count(embedded: &EmbeddedFrame) {
    metrics::counter!("mirror_frames_embedded_total").increment(1);
    for (stage, time) in [
        ("decode", embedded.decode),
        ("wait", embedded.wait),
        ("resize", embedded.resize),
        ("embed", embedded.embed),
    ] {
        metrics::histogram!("mirror_frame_stage_seconds", "stage" => stage).record(time);
    }
    tracing::debug!(frame = embedded.frame.id, embed = ?embedded.embed, "Frame embedded");
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;
    use crate::camera::settings::IdleSettings;
    use crate::frame::tests::frame;
    use crate::model::InputSize;
    use crate::pixels::Pixels;

    /// Counts what it is asked for.
    struct Fake(usize);

    impl Engine for Fake {
        fn input_size(&self) -> InputSize {
            InputSize { width: 16, height: 16 }
        }
        fn dimensions(&self) -> usize {
            2
        }
        fn embed(&mut self, _: &[u8]) -> Result<Vec<f32>, EngineError> {
            self.0 += 1;
            Ok(vec![1.0, 0.0])
        }
    }

    fn eye() -> Eye {
        let idle = Idle::new(IdleSettings { fps: 5, after: Duration::from_secs(30) });
        Eye { preprocessor: Preprocessor::new(16, 16), before: None, idle, rested: false }
    }

    fn of_model(vector: Vector) -> Embedded {
        let model = ModelInfo {
            id: String::new(),
            fingerprint: String::new(),
            dimensions: 2,
            input_size: InputSize { width: 16, height: 16 },
            accelerator: crate::embedder::Accelerator::Cpu,
            accelerator_detail: String::new(),
            probes: Vec::new(),
        };
        Embedded { vector, model: Arc::new(model) }
    }

    fn grey(level: u8, captured: Instant) -> Arc<Frame> {
        let pixels = Pixels::Rgb(RgbImage::from_pixel(32, 24, image::Rgb([level; 3])));
        let mut frame = frame(1, pixels);
        frame.captured = captured;
        Arc::new(frame)
    }

    #[test]
    fn the_network_rests_before_a_still_scene_and_is_there_at_the_first_movement() {
        let (mut eye, mut engine, start) = (eye(), Fake(0), Instant::now());
        let mut see = |frame| eye.embed(&mut engine, frame, of_model, Duration::ZERO).unwrap();
        let at = |frame: u32| start + Duration::from_secs(1) * frame / 30;
        let seen = (0..60 * 30).filter(|i| see(grey(100, at(*i))).is_some()).count();
        assert!((30 * 30 + 145..=30 * 30 + 155).contains(&seen), "{seen} of 1800 frames");
        // Within a tenth of a second, whatever frame it is.
        let woken = (1800..1804).find_map(|i| see(grey(140, at(i)))).expect("it wakes up");
        assert!(woken.motion > 0.1);
        let seen = (1804..1900).filter(|i| see(grey(140, at(*i))).is_some()).count();
        assert_eq!(seen, 96);
        assert!(engine.0 < 1200, "what isn't embedded doesn't reach the network");
    }

    #[test]
    fn a_broken_frame_is_left_out() {
        let broken = Arc::new(frame(1, Pixels::Jpeg(b"\xff\xd8\xff no more".to_vec())));
        let mut engine = Fake(0);
        assert!(eye().embed(&mut engine, broken, of_model, Duration::ZERO).unwrap().is_none());
        assert_eq!(engine.0, 0);
    }
}
