//! What waits for the embedder: at most one frame, the newest, and a few
//! pictures whose senders wait for an answer.
//!
//! The policy: a newer frame replaces one that still waits (and is counted),
//! pictures are taken in order, and when both wait they take turns, so neither
//! can starve the other.
//!
//! Embedders take from it in terms: with [`Inbox::new_term`] the work goes to
//! the next one, and nothing that waits is lost.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use image::RgbImage;
use tokio::sync::{Semaphore, oneshot};

use crate::accelerator::Loss;
use crate::camera::settings::{CameraSettings, IdleSettings};
use crate::embedder::Embedded;
use crate::frame::Frame;
use crate::model::EngineError;

/// Pictures that may wait at a time; further senders wait for a place.
const MAX_PICTURES: usize = 4;

/// Work for the embedder.
#[derive(Debug)]
pub enum Work {
    /// The newest frame, and when it was put here.
    Frame(Arc<Frame>, Instant),
    /// A picture and where its embedding goes.
    Picture(RgbImage, oneshot::Sender<Result<Embedded, EngineError>>),
}

/// The service is stopping; no work is taken any more.
#[derive(Debug, thiserror::Error)]
#[error("the service is stopping")]
pub struct Closed;

/// See the module's text. Clones share the inbox.
#[derive(Clone, Debug)]
pub struct Inbox {
    shared: Arc<Shared>,
    /// One permit a waiting picture.
    places: Arc<Semaphore>,
    idle: IdleSettings,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    frame: Option<(Arc<Frame>, Instant)>,
    pictures: VecDeque<(RgbImage, oneshot::Sender<Result<Embedded, EngineError>>)>,
    picture_was_last: bool,
    counts: Counts,
    term: Term,
    /// Why nobody takes work, if so.
    refused: Option<Loss>,
    closed: bool,
}

/// Frames since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that came.
    pub frames: u64,
    /// Those that a newer one replaced.
    pub replaced: u64,
}

/// Whose turn it is to take work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Term(u64);

impl Default for Inbox {
    fn default() -> Self {
        Self::new(CameraSettings::default().idle())
    }
}

impl Inbox {
    /// Empty; who takes frames from it rests by these settings.
    #[must_use]
    pub fn new(idle: IdleSettings) -> Self {
        Self { shared: Arc::default(), places: Arc::new(Semaphore::new(MAX_PICTURES)), idle }
    }

    /// When the network rests.
    #[must_use]
    pub fn idle(&self) -> IdleSettings {
        self.idle
    }

    /// Puts a frame; one that still waited is dropped and counted.
    pub fn put_frame(&self, frame: Arc<Frame>) {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.counts.frames += 1;
        if state.frame.replace((frame, Instant::now())).is_some() {
            state.counts.replaced += 1;
            metrics::counter!("mirror_frames_replaced_total").increment(1);
        }
        drop(state);
        self.shared.changed.notify_all();
    }

    /// How many frames came so far, and how many of them waited in vain.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).counts
    }

    /// Waits for a place and for the picture's embedding.
    ///
    /// # Errors
    /// The engine's, or that the service is stopping.
    pub async fn embed(&self, picture: RgbImage) -> Result<Embedded, EmbedError> {
        let _place = self.places.acquire().await.map_err(|_| Closed)?;
        let (sender, answer) = oneshot::channel();
        {
            let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.closed {
                return Err(Closed.into());
            }
            if let Some(loss) = &state.refused {
                return Err(EngineError::Lost(loss.clone()).into());
            }
            // Who gave up has left its place to another, and its picture here.
            state.pictures.retain(|(_, answer)| !answer.is_closed());
            state.pictures.push_back((picture, sender));
        }
        self.shared.changed.notify_all();
        Ok(answer.await.map_err(|_| Closed)??)
    }

    /// Begins a new term: who took work before gets none any more.
    #[must_use]
    pub fn new_term(&self) -> Term {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.term.0 += 1;
        state.refused = None;
        let term = state.term;
        drop(state);
        self.shared.changed.notify_all();
        term
    }

    /// Nobody takes work until the next term: pictures are answered with why.
    pub fn refuse(&self, loss: Loss) {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, answer) in state.pictures.drain(..) {
            // The caller may have gone.
            let _ = answer.send(Err(EngineError::Lost(loss.clone())));
        }
        state.refused = Some(loss);
    }

    /// Blocks until there is work; `None` when the term is over or the inbox was
    /// closed.
    #[must_use]
    pub fn take(&self, term: Term) -> Option<Work> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.closed || state.term != term {
                return None;
            }
            state.pictures.retain(|(_, answer)| !answer.is_closed());
            let frames_turn = state.picture_was_last && state.frame.is_some();
            let picture_next = !frames_turn && !state.pictures.is_empty();
            state.picture_was_last = picture_next;
            if picture_next {
                let (picture, answer) = state.pictures.pop_front().expect("not empty");
                return Some(Work::Picture(picture, answer));
            }
            if let Some((frame, since)) = state.frame.take() {
                return Some(Work::Frame(frame, since));
            }
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Puts work back that was taken and not done: a picture before all others, a
    /// frame unless a newer one waits.
    pub fn give_back(&self, work: Work) {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match work {
            // Its sender is told of the end by the sender's half being dropped.
            Work::Picture(..) if state.closed => {}
            Work::Picture(picture, answer) => state.pictures.push_front((picture, answer)),
            Work::Frame(frame, since) => {
                state.frame.get_or_insert((frame, since));
            }
        }
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Ends [`take`](Self::take) and answers everyone who waits.
    pub fn close(&self) {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        state.pictures.clear();
        drop(state);
        self.places.close();
        self.shared.changed.notify_all();
    }
}

/// Why a picture got no embedding.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// The service is stopping.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The network failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Pixels;

    fn frame(id: u64) -> Arc<Frame> {
        Arc::new(crate::frame::tests::frame(id, Pixels::Rgb(RgbImage::new(1, 1))))
    }

    #[test]
    fn the_newest_frame_wins() {
        let inbox = Inbox::default();
        let term = inbox.new_term();
        for id in 1..=3 {
            inbox.put_frame(frame(id));
        }
        assert!(matches!(inbox.take(term), Some(Work::Frame(frame, _)) if frame.id == 3));
        assert_eq!(inbox.counts(), Counts { frames: 3, replaced: 2 });
    }

    #[tokio::test]
    async fn frames_and_pictures_take_turns() {
        let inbox = Inbox::default();
        let senders: Vec<_> = (0..3)
            .map(|_| {
                let inbox = inbox.clone();
                tokio::spawn(async move { inbox.embed(RgbImage::new(1, 1)).await })
            })
            .collect();
        while inbox.shared.state.lock().unwrap().pictures.len() < 3 {
            tokio::task::yield_now().await;
        }
        let term = inbox.new_term();
        let mut order = String::new();
        for id in 1..=6 {
            if id <= 3 {
                inbox.put_frame(frame(id));
            }
            match inbox.take(term).unwrap() {
                Work::Frame(..) => order.push('f'),
                Work::Picture(_, answer) => {
                    order.push('p');
                    answer.send(Err(EngineError::Degenerate)).unwrap();
                }
            }
            if order.len() == 6 || (order.matches('p').count() == 3 && id >= 3) {
                break;
            }
        }
        assert_eq!(order, "pfpfp");
        for sender in senders {
            assert!(matches!(sender.await.unwrap(), Err(EmbedError::Engine(EngineError::Degenerate))));
        }
    }

    #[tokio::test]
    async fn pictures_of_senders_that_gave_up_are_not_kept() {
        let inbox = Inbox::default();
        for _ in 0..3 {
            let embedding = inbox.embed(RgbImage::new(1, 1));
            tokio::pin!(embedding);
            assert!(futures::poll!(embedding).is_pending());
        }
        assert_eq!(inbox.shared.state.lock().unwrap().pictures.len(), 1);
        let term = inbox.new_term();
        inbox.put_frame(frame(1));
        assert!(matches!(inbox.take(term), Some(Work::Frame(..))), "nobody waits for the picture");
    }

    #[test]
    fn what_waits_goes_to_the_next_term() {
        let inbox = Inbox::default();
        let first = inbox.new_term();
        inbox.put_frame(frame(1));
        let second = inbox.new_term();
        assert!(inbox.take(first).is_none());
        assert!(matches!(inbox.take(second), Some(Work::Frame(frame, _)) if frame.id == 1));
    }

    #[tokio::test]
    async fn what_is_given_back_is_done_next_but_an_older_frame_gives_way() {
        let inbox = Inbox::default();
        let first = inbox.new_term();
        inbox.put_frame(frame(1));
        let taken = inbox.take(first).unwrap();
        inbox.put_frame(frame(2));
        inbox.give_back(taken);
        let second = inbox.new_term();
        let taken = inbox.take(second).unwrap();
        assert!(matches!(&taken, Work::Frame(frame, _) if frame.id == 2));
        inbox.give_back(taken);
        assert!(matches!(inbox.take(second), Some(Work::Frame(frame, _)) if frame.id == 2));

        let (answer, waiting) = oneshot::channel();
        inbox.give_back(Work::Picture(RgbImage::new(1, 1), answer));
        assert!(matches!(inbox.take(second), Some(Work::Picture(..))));
        assert!(waiting.await.is_err());
    }

    #[tokio::test]
    async fn while_nobody_works_pictures_are_answered_with_why() {
        let inbox = Inbox::default();
        let (answer, waiting) = oneshot::channel();
        inbox.give_back(Work::Picture(RgbImage::new(1, 1), answer));
        let loss = Loss { reason: crate::accelerator::LossReason::Stuck, detail: "it hangs".to_owned() };
        inbox.refuse(loss);
        assert!(waiting.await.unwrap().unwrap_err().to_string().contains("it hangs"));
        let refused = inbox.embed(RgbImage::new(1, 1)).await.unwrap_err();
        assert!(refused.to_string().contains("it hangs"), "{refused}");

        let _term = inbox.new_term();
        let embedding = inbox.embed(RgbImage::new(1, 1));
        tokio::pin!(embedding);
        assert!(futures::poll!(&mut embedding).is_pending(), "it waits for the next embedder");
    }

    #[tokio::test]
    async fn closing_answers_everyone() {
        let inbox = Inbox::default();
        let waiting = tokio::spawn({
            let inbox = inbox.clone();
            async move { inbox.embed(RgbImage::new(1, 1)).await }
        });
        while inbox.shared.state.lock().unwrap().pictures.is_empty() {
            tokio::task::yield_now().await;
        }
        let term = inbox.new_term();
        inbox.close();
        assert!(matches!(waiting.await.unwrap(), Err(EmbedError::Closed(_))));
        assert!(inbox.take(term).is_none());
        assert!(matches!(inbox.embed(RgbImage::new(1, 1)).await, Err(EmbedError::Closed(_))));
    }
}
