//! The live loop: one task that takes each newest embedding to a verdict, a
//! consensus and the mirror's state, and notices what is missing.
//!
//! Both results go out through watch channels: a subscriber always finds the
//! newest one and can't hold anybody up.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use mirror_ops::shutdown::Shutdown;
use mirror_proto::inference::v1::{CameraState, EmbeddingEvent};
use prost_types::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant as Timer;

use crate::gallery::{self, Galleries};
use crate::inference_link::{InferenceLink, LinkState, LostAccelerator};
use crate::recognition::mirror::State;
use crate::recognition::presence::PresenceGate;
use crate::recognition::{Consensus, Embedding, Recognition};
use crate::teaching::Teaching;

/// Without a frame for this long something is wrong. Twice the interval of the
/// slowest replay.
const STALLED: Duration = Duration::from_secs(4);

/// The answers for one frame.
#[derive(Debug)]
pub struct LiveRecognition {
    /// The frame's embedding and what came with it.
    pub event: Arc<EmbeddingEvent>,
    /// The verdict for this frame alone.
    pub instant: Recognition,
    /// The consensus over the last frames.
    pub stable: Recognition,
    /// From the embedding's arrival to here.
    pub classify: Duration,
}

/// What a screen should show.
#[derive(Clone, Debug)]
pub struct MirrorView {
    /// Grows with each change.
    pub sequence: u64,
    /// When this was entered.
    pub at: SystemTime,
    /// What is in view; `None` while frames can't be recognised.
    pub state: Option<State>,
    /// The consensus that led here.
    pub recognition: Option<Recognition>,
    /// What doesn't work.
    pub degradations: Vec<Degradation>,
    /// The frame that led here.
    pub event: Option<Arc<EmbeddingEvent>>,
}

/// Something that doesn't work.
#[derive(Clone, Debug, PartialEq)]
pub struct Degradation {
    /// What.
    pub component: Component,
    /// In words, for people.
    pub message: String,
    /// Since when.
    pub since: SystemTime,
    /// Whether nothing can be recognised because of it.
    pub blocks: bool,
}

/// A part that may be away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// The inference service.
    Inference,
    /// The camera.
    Camera,
    /// The Edge TPU.
    Accelerator,
    /// Where recommendations come from.
    Provider,
    /// The database.
    Database,
    /// The gallery, which is being made for another model.
    Gallery,
}

/// The running task's results.
#[derive(Clone, Debug)]
pub struct Live {
    /// The newest frame's answers.
    pub recognitions: watch::Receiver<Option<Arc<LiveRecognition>>>,
    /// What a screen should show now.
    pub mirror: watch::Receiver<MirrorView>,
}

impl Live {
    /// Starts the task; it ends at `shutdown`.
    #[must_use]
    pub fn start(
        link: InferenceLink,
        galleries: Arc<Galleries>,
        teaching: &Teaching,
        provider_problem: watch::Receiver<Option<String>>,
        consensus: Consensus,
        presence: PresenceGate,
        shutdown: Shutdown,
    ) -> Self {
        let (recognition_sender, recognitions) = watch::channel(None);
        let degradation = Degradation {
            component: Component::Inference,
            message: "Connecting to the inference service.".to_owned(),
            since: SystemTime::now(),
            blocks: true,
        };
        let (mirror_sender, mirror) = watch::channel(MirrorView {
            sequence: 1,
            at: SystemTime::now(),
            state: None,
            recognition: None,
            degradations: vec![degradation],
            event: None,
        });
        let worker = Worker {
            link,
            status: galleries.status(),
            unwritable: galleries.unwritable(),
            galleries,
            teaching: teaching.leases(),
            provider_problem,
            consensus,
            presence,
            view: None,
            was_away: true,
            last_frame: None,
            recognitions: recognition_sender,
            screen: mirror_sender,
        };
        tokio::spawn(async move { shutdown.run_until_cancelled(worker.run()).await });
        Self { recognitions, mirror }
    }
}

/// What is in view, why, and because of which frame.
type View = (State, Recognition, Arc<EmbeddingEvent>);

struct Worker {
    link: InferenceLink,
    galleries: Arc<Galleries>,
    status: watch::Receiver<gallery::Status>,
    /// Why the database can't be written.
    unwritable: watch::Receiver<Option<String>>,
    /// How many are teaching.
    teaching: watch::Receiver<usize>,
    /// Why the provider of recommendations is left alone.
    provider_problem: watch::Receiver<Option<String>>,
    consensus: Consensus,
    presence: PresenceGate,
    view: Option<View>,
    /// Whether the inference service was away until now.
    was_away: bool,
    /// When the last frame was taken, by the wall clock and by ours.
    last_frame: Option<(SystemTime, Instant)>,
    recognitions: watch::Sender<Option<Arc<LiveRecognition>>>,
    screen: watch::Sender<MirrorView>,
}

impl Worker {
    async fn run(mut self) {
        self.link.state.mark_changed();
        self.status.mark_changed();
        let mut stalled = Timer::now() + STALLED;
        loop {
            tokio::select! {
                changed = self.link.newest.changed() => {
                    let Ok(()) = changed else { return };
                    stalled = Timer::now() + STALLED;
                    let event = self.link.newest.borrow_and_update().clone();
                    if let Some(event) = event {
                        self.frame(event);
                    }
                }
                changed = self.link.state.changed() => {
                    let Ok(()) = changed else { return };
                    stalled = Timer::now() + STALLED;
                    self.link_changed();
                }
                changed = self.link.accelerator.changed() => {
                    let Ok(()) = changed else { return };
                    self.accelerator_changed();
                }
                changed = self.status.changed() => {
                    let Ok(()) = changed else { return };
                    self.status_changed();
                }
                changed = self.unwritable.changed() => {
                    let Ok(()) = changed else { return };
                    self.status_changed();
                }
                changed = self.teaching.changed() => {
                    let Ok(()) = changed else { return };
                    self.teaching_changed();
                }
                changed = self.provider_problem.changed() => {
                    let Ok(()) = changed else { return };
                    self.provider_changed();
                }
                () = tokio::time::sleep_until(stalled) => {
                    stalled = Timer::now() + STALLED;
                    self.no_frames().await;
                }
            }
        }
    }

    /// The core of the service: an embedding to a verdict, a consensus, and
    /// what to show.
    fn frame(&mut self, event: Arc<EmbeddingEvent>) {
        let start = Instant::now();
        // Also when the frame can't be recognised yet: what it needs was there.
        self.clear(Component::Camera);
        // But not by the last frame of a service that has gone since.
        if !self.was_away {
            self.clear(Component::Inference);
        }
        let Some(instant) = self.verdict(&event) else {
            metrics::counter!("mirror_frames_unusable_total").increment(1);
            return;
        };
        let at = self.frame_time(event.captured_at);
        let presence = self.presence.push(at, event.motion, event.sharpness);
        let stable = self.consensus.push(at, &instant, presence.may_enter);
        let state = if *self.teaching.borrow() > 0 {
            State::Teaching
        } else {
            State::of(stable.outcome, instant.outcome, presence.moved)
        };
        let classify = start.elapsed();
        metrics::counter!("mirror_recognitions_total", "outcome" => stable.outcome.name()).increment(1);
        tracing::debug!(frame = event.frame_id, outcome = ?instant.outcome, "Frame recognised");

        self.view = Some((state, stable.clone(), Arc::clone(&event)));
        let recognition = LiveRecognition { event, instant, stable, classify };
        self.recognitions.send_replace(Some(Arc::new(recognition)));
        self.show();
    }

    /// When the frame was taken, by a clock that never steps: on a busy device
    /// frames arrive in bursts, and the consensus is over the time in which they
    /// were taken. The wall clock that they come with gives the time between two
    /// of them, unless it was set in between.
    fn frame_time(&mut self, captured_at: Option<Timestamp>) -> Instant {
        let now = Instant::now();
        let captured =
            captured_at.and_then(|time| SystemTime::try_from(time).ok()).unwrap_or_else(SystemTime::now);
        let at = self.last_frame.and_then(|(before, at)| {
            let passed = captured.duration_since(before).ok()?;
            (passed < STALLED).then(|| at + passed)
        });
        let at = at.unwrap_or(now);
        self.last_frame = Some((captured, at));
        at
    }

    fn verdict(&self, event: &EmbeddingEvent) -> Option<Recognition> {
        let embedding = event.embedding.as_ref()?;
        let query = Embedding::new(embedding.values.clone()).ok()?;
        self.galleries.recognise(&embedding.model_fingerprint, &query).ok()
    }

    fn link_changed(&mut self) {
        let state = self.link.state.borrow_and_update().clone();
        match state {
            LinkState::Here(_) => {
                // Until the first frame: a mirror that shows nothing says why. Another
                // model is nothing that the camera has to do with.
                if std::mem::take(&mut self.was_away) && self.computes() {
                    self.degrade(Component::Camera, "Waiting for the camera's first picture.".to_owned());
                }
                self.clear(Component::Inference);
            }
            LinkState::Away { .. } => {
                self.was_away = true;
                self.forget_view();
                self.clear(Component::Camera);
                let message = "The inference service is away; it is tried again by itself.";
                self.degrade(Component::Inference, message.to_owned());
            }
        }
    }

    fn accelerator_changed(&mut self) {
        let lost = self.link.accelerator.borrow_and_update().clone();
        let Some(LostAccelerator { why, replaced }) = lost else { return self.clear(Component::Accelerator) };
        if replaced {
            let message = format!("The processor has taken over from the Edge TPU: {why}");
            return self.note(Component::Accelerator, message, false);
        }
        self.forget_view();
        // No frames come for this reason, not for the camera's.
        self.clear(Component::Camera);
        self.degrade(Component::Accelerator, format!("The Edge TPU is away, nothing computes: {why}"));
    }

    fn status_changed(&mut self) {
        let status = self.status.borrow_and_update().clone();
        let unwritable = self.unwritable.borrow_and_update().clone();
        match status {
            gallery::Status::NoModel => {}
            gallery::Status::Ready => {
                self.clear(Component::Database);
                self.clear(Component::Gallery);
            }
            gallery::Status::Preparing { done, total } => {
                self.clear(Component::Database);
                self.forget_view();
                let message =
                    format!("Learning what was taught for another model: {done} of {total} samples.");
                self.degrade(Component::Gallery, message);
            }
            gallery::Status::Failed(why) => {
                self.degrade(Component::Database, format!("What was taught can't be read: {why}"));
                return;
            }
        }
        // What is in memory is recognised all the same.
        if let Some(why) = unwritable {
            self.note(Component::Database, why, false);
        }
    }

    /// Everything but new recommendations goes on.
    fn provider_changed(&mut self) {
        let problem = self.provider_problem.borrow_and_update().clone();
        metrics::gauge!("mirror_provider_left_alone").set(if problem.is_some() { 1.0 } else { 0.0 });
        match problem {
            Some(why) => self.note(Component::Provider, why, false),
            None => self.clear(Component::Provider),
        }
    }

    /// Shown at once, also while no frame comes.
    fn teaching_changed(&mut self) {
        let teaching = *self.teaching.borrow_and_update() > 0;
        if let Some((state, ..)) = &mut self.view {
            match *state {
                State::Teaching if !teaching => *state = State::Idle,
                _ if teaching => *state = State::Teaching,
                _ => {}
            }
            self.show();
        }
    }

    async fn no_frames(&mut self) {
        if matches!(*self.link.state.borrow(), LinkState::Away { .. }) || !self.computes() {
            return;
        }
        let camera = self.link.selected_camera().await;
        let seconds = STALLED.as_secs();
        self.forget_view();
        match camera {
            Some(camera) if camera.state() == CameraState::Streaming => {
                self.clear(Component::Camera);
                let message = format!(
                    "The camera delivers, and the network has made nothing of it for {seconds} seconds."
                );
                self.degrade(Component::Inference, message);
            }
            camera => {
                let problem = camera.map(|camera| camera.problem).filter(|problem| !problem.is_empty());
                let problem = problem.unwrap_or_else(|| format!("no frames for {seconds} seconds"));
                self.degrade(Component::Camera, format!("The camera delivers nothing: {problem}"));
            }
        }
    }

    /// Whether there is anything to compute with.
    fn computes(&self) -> bool {
        self.link.accelerator.borrow().as_ref().is_none_or(|lost| lost.replaced)
    }

    fn forget_view(&mut self) {
        self.consensus.reset();
        self.presence.reset();
        self.view = None;
    }

    /// Publishes the view if it differs from what is shown in more than its
    /// confidence.
    fn show(&mut self) {
        let view = self.view.clone();
        self.screen.send_if_modified(|screen| {
            let state = view.as_ref().map(|(state, ..)| *state);
            let usable = !screen.degradations.iter().any(|degradation| degradation.blocks);
            let state = state.filter(|_| usable);
            if state == screen.state {
                return false;
            }
            let (recognition, event) = view.filter(|_| usable).map(|(_, r, e)| (r, e)).unzip();
            if let Some(State::Recognised(_)) = state {
                metrics::counter!("mirror_products_recognised_total").increment(1);
            }
            match state {
                Some(state) => tracing::info!(?state, "Mirror state changed"),
                None => tracing::info!("Mirror state unknown"),
            }
            *screen = MirrorView { state, recognition, event, ..screen.next() };
            true
        });
    }

    /// A part without which nothing can be recognised is away.
    fn degrade(&mut self, component: Component, message: String) {
        self.note(component, message, true);
    }

    fn note(&mut self, component: Component, message: String, blocks: bool) {
        self.screen.send_if_modified(|screen| {
            let since = screen.degradations.iter().find(|d| d.component == component).map(|d| d.since);
            let degradation =
                Degradation { component, message, since: since.unwrap_or_else(SystemTime::now), blocks };
            if screen.degradations.contains(&degradation) {
                return false;
            }
            tracing::warn!(component = ?component, message = degradation.message, "Degraded");
            let mut next = screen.next();
            next.degradations.retain(|other| other.component != component);
            next.degradations.push(degradation);
            *screen = next;
            true
        });
        self.show();
    }

    fn degraded(&self, component: Component) -> bool {
        self.screen.borrow().degradations.iter().any(|d| d.component == component)
    }

    fn clear(&mut self, component: Component) {
        if !self.degraded(component) {
            return;
        }
        self.screen.send_modify(|screen| {
            tracing::info!(component = ?component, "Works again");
            let mut next = screen.next();
            next.degradations.retain(|d| d.component != component);
            *screen = next;
        });
    }
}

impl MirrorView {
    fn next(&self) -> Self {
        Self { sequence: self.sequence + 1, at: SystemTime::now(), ..self.clone() }
    }
}
