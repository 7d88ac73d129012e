//! The mirror's events for one subscriber: each state as it comes, and for a
//! recognised label its product cards as soon as the provider has answered.
//! The label never waits for the cards.

use std::sync::Arc;

use futures::stream::BoxStream;
use futures::{FutureExt as _, Stream, StreamExt as _};
use mirror_proto::recommender::v1 as pb;
use tokio::sync::watch;

use super::recommendation::DEFAULT_LIMIT;
use super::{Recommender, convert};
use crate::gallery::Galleries;
use crate::live::MirrorView;
use crate::recognition::mirror::State;
use crate::recommendations::Recommendations;
use crate::recommendations::desk::Desk;

/// The current state, then each change, without end. A state that comes while
/// the subscriber doesn't read replaces the one that waits.
pub(super) fn events(
    recommender: &Recommender,
    language: String,
) -> impl Stream<Item = pb::MirrorEvent> + Send + use<> {
    let mut views = recommender.live.mirror.clone();
    views.mark_changed();
    let subscriber = Subscriber {
        views,
        galleries: Arc::clone(&recommender.galleries),
        recommendations: recommender.recommendations.clone(),
        language,
        cards: None,
    };
    futures::stream::unfold(subscriber, async |mut subscriber| Some((subscriber.next().await?, subscriber)))
        .boxed()
}

struct Subscriber {
    views: watch::Receiver<MirrorView>,
    galleries: Arc<Galleries>,
    recommendations: Desk,
    language: String,
    /// The event that is shown, and its cards: the first, and each change.
    cards: Option<(pb::MirrorEvent, BoxStream<'static, Recommendations>)>,
}

impl Subscriber {
    async fn next(&mut self) -> Option<pb::MirrorEvent> {
        let arrived = async {
            match &mut self.cards {
                // A provider on this device has said all it has to say.
                Some((_, cards)) => match cards.next().await {
                    Some(cards) => cards,
                    None => std::future::pending().await,
                },
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = self.views.changed() => {
                changed.ok()?;
                let view = self.views.borrow_and_update().clone();
                Some(self.enter(&view))
            }
            recommendations = arrived => {
                let (event, _) = self.cards.as_ref().expect("they have just arrived");
                let recommendations = convert::recommendations(recommendations, DEFAULT_LIMIT);
                Some(pb::MirrorEvent { recommendations: Some(recommendations), ..event.clone() })
            }
        }
    }

    fn enter(&mut self, view: &MirrorView) -> pb::MirrorEvent {
        let mut event = self.event(view);
        self.cards = None;
        if let Some(State::Recognised(label)) = view.state {
            let product = self.galleries.label(label).map(|label| label.product).unwrap_or_default();
            let mut cards = self.recommendations.cache.follow(&product, &self.language);
            // What is known already spares the screen a second event.
            if let Some(Some(recommendations)) = cards.next().now_or_never() {
                event.recommendations = Some(convert::recommendations(recommendations, DEFAULT_LIMIT));
            }
            self.cards = Some((event.clone(), cards));
        }
        event
    }

    fn event(&self, view: &MirrorView) -> pb::MirrorEvent {
        let state = convert::mirror_state(view.state);
        let recognised = state == pb::MirrorState::Recognised;
        let recognition = view.recognition.as_ref().filter(|_| recognised);
        pb::MirrorEvent {
            sequence: view.sequence,
            at: Some(view.at.into()),
            state: state.into(),
            recognition: recognition.map(|recognition| convert::recognition(recognition, &self.galleries)),
            recommendations: None,
            degradations: view.degradations.iter().map(convert::degradation).collect(),
            frame_id: view.event.as_ref().map_or(0, |event| event.frame_id),
            captured_at: view.event.as_ref().and_then(|event| event.captured_at),
        }
    }
}
