//! What was shown and touched, told to the provider: through a queue in the
//! database, which is bounded and outlives a restart. Noting it is one write to
//! a local file; sending it is this module's task alone, at its own pace, so
//! nothing waits for the provider.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mirror_ops::shutdown::Shutdown;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::breaker::Breaker;
use super::cache::Cache;
use super::store::{RecommendationStore, Waiting, What};
use super::{Fault, ProductCard, Provider, ProviderError, Report, Takes};
use crate::recognition::TriggerProduct;
use crate::store::StoreError;

/// The items of one report of impressions, as SAP takes them.
const MOST_ITEMS: u32 = 100;
/// Rows sent in one go.
const BATCH: u32 = 50;
/// A row that was refused more often is given up.
const MOST_REFUSALS: u32 = 3;

/// What happened to cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// They came up on a screen.
    Impression,
    /// One was touched.
    Click,
}

/// Feedback that can't be noted.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// None of the products is among the label's cards.
    #[error("none of the products is among the label's cards, as far as they were fetched")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// See the module's text.
#[derive(Debug)]
pub struct Feedback {
    provider: Arc<dyn Provider>,
    cache: Arc<Cache>,
    store: RecommendationStore,
    scope: String,
    takes: Takes,
    /// Impressions are summed up over this time.
    window: Duration,
    clicked: Notify,
    /// Its own: feedback that fails takes no recommendations away.
    breaker: Breaker,
}

impl Feedback {
    /// Starts sending; ends at `shutdown`. What could not be sent until then is
    /// sent after the next start.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn start(
        provider: Arc<dyn Provider>,
        cache: Arc<Cache>,
        store: RecommendationStore,
        window: Duration,
        shutdown: Shutdown,
    ) -> Result<Arc<Self>, StoreError> {
        let (scope, takes) = (provider.scope(), provider.takes());
        store.drop_foreign_feedback(&scope).await?;
        let clicked = Notify::new();
        let feedback = Arc::new(Self {
            provider,
            cache,
            store,
            scope,
            takes,
            window,
            clicked,
            breaker: Breaker::default(),
        });
        if takes != Takes::default() {
            let sender = Arc::clone(&feedback);
            tokio::spawn(async move { shutdown.run_until_cancelled(sender.run()).await });
        }
        Ok(feedback)
    }

    /// Notes what happened to the cards of `trigger`; when it returns, that
    /// outlives a restart of the service. Of a provider that takes no such
    /// feedback nothing is noted.
    ///
    /// # Errors
    /// When no card has one of the products, or SQLite fails.
    pub async fn note(
        &self,
        interaction: Interaction,
        trigger: &TriggerProduct,
        product_ids: &[String],
    ) -> Result<(), FeedbackError> {
        let wanted = match interaction {
            Interaction::Impression => self.takes.impressions,
            Interaction::Click => self.takes.clicks,
        };
        if !wanted {
            return Ok(());
        }
        let cards = self.cards(trigger, product_ids);
        if cards.is_empty() {
            return Err(FeedbackError::Unknown);
        }
        let now = SystemTime::now();
        match interaction {
            Interaction::Impression => {
                let mut slots: BTreeMap<&str, u32> = BTreeMap::new();
                cards.iter().for_each(|card| *slots.entry(&card.slot).or_default() += 1);
                for (slot, items) in slots {
                    self.store.add_impression(&self.scope, slot, self.window_of(now), items).await?;
                }
            }
            Interaction::Click => {
                for card in &cards {
                    self.store.add_click(&self.scope, &card.slot, now, &card.product).await?;
                }
                self.clicked.notify_one();
            }
        }
        Ok(())
    }

    fn cards(&self, trigger: &TriggerProduct, product_ids: &[String]) -> Vec<ProductCard> {
        let wanted: HashSet<&str> = product_ids.iter().map(String::as_str).collect();
        let mut seen = HashSet::new();
        let shown = self.cache.shown(trigger);
        let all = shown.iter().flat_map(|answer| &answer.cards);
        let these = all.filter(|card| wanted.contains(&*card.product.id) && seen.insert(&card.product));
        these.cloned().collect()
    }

    /// The start of the window that a moment is in.
    fn window_of(&self, at: SystemTime) -> SystemTime {
        let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let window = self.window.as_micros().max(1);
        let start = since.as_micros() / window * window;
        SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(start).unwrap_or(0))
    }

    async fn run(&self) {
        // Windows close in the middle of it, on average.
        let pace = (self.window / 2).clamp(Duration::from_millis(100), Duration::from_secs(30));
        loop {
            let again = match self.send_due().await {
                Ok(again) => again,
                Err(error) => {
                    tracing::warn!(%error, "Feedback can't be read");
                    None
                }
            };
            let again = again.unwrap_or_else(|| Instant::now() + pace);
            tokio::select! {
                () = tokio::time::sleep_until(again) => {}
                () = self.clicked.notified() => {}
            }
        }
    }

    /// Sends what is due until nothing is, something was refused, or the provider
    /// has to be left alone; then until when.
    async fn send_due(&self) -> Result<Option<Instant>, StoreError> {
        loop {
            let closed = SystemTime::now().checked_sub(self.window).unwrap_or(SystemTime::UNIX_EPOCH);
            let due = self.store.due(&self.scope, closed, BATCH).await?;
            metrics::gauge!("mirror_feedback_waiting").set(self.store.waiting().await? as f64);
            if due.is_empty() {
                return Ok(None);
            }
            let mut refused = false;
            for waiting in due {
                // A provider that gives no recommendations is left alone altogether.
                if let Some(until) = self.cache.left_alone_until() {
                    return Ok(Some(until));
                }
                let permit = match self.breaker.permit() {
                    Ok(permit) => permit,
                    Err(until) => return Ok(Some(until)),
                };
                match self.send(&waiting).await? {
                    Ok(()) => {
                        permit.succeeded();
                        metrics::counter!("mirror_feedback_sent_total").increment(1);
                    }
                    Err(error) => {
                        permit.failed(&error);
                        self.not_sent(&waiting, &error).await?;
                        if !error.fault.is_of_the_question() {
                            let pause = Instant::now() + Duration::from_secs(1);
                            return Ok(Some(self.breaker.until().unwrap_or(pause)));
                        }
                        refused = true;
                    }
                }
            }
            // It is still due: not again at once.
            if refused {
                return Ok(None);
            }
        }
    }

    async fn send(&self, waiting: &Waiting) -> Result<Result<(), ProviderError>, StoreError> {
        let (slot, at) = (waiting.slot.clone(), waiting.at);
        match &waiting.what {
            What::Click(product) => {
                let report = Report::Click { slot, product: product.clone(), at };
                if let Err(error) = self.provider.report(&report).await {
                    return Ok(Err(error));
                }
            }
            What::Impressions { impressions, items } => {
                let (mut impressions, mut items) = (*impressions, *items);
                while let Some((some, of)) = portion(impressions, items) {
                    let report = Report::Impressions { slot: slot.clone(), impressions: some, items: of, at };
                    if let Err(error) = self.provider.report(&report).await {
                        return Ok(Err(error));
                    }
                    self.store.told(waiting.id, some, of).await?;
                    (impressions, items) = (impressions - some, items - of);
                }
            }
        }
        self.store.done(waiting.id).await?;
        Ok(Ok(()))
    }

    /// Only what the provider itself turned down counts against a row: it may be
    /// away for days.
    async fn not_sent(&self, waiting: &Waiting, error: &ProviderError) -> Result<(), StoreError> {
        let refused = error.fault.is_of_the_question() || error.fault == Fault::Malformed;
        if !refused {
            return Ok(());
        }
        if waiting.refusals < MOST_REFUSALS {
            return self.store.refused(waiting.id).await;
        }
        tracing::warn!(%error, "Feedback given up");
        metrics::counter!("mirror_feedback_dropped_total", "why" => "refused").increment(1);
        self.store.done(waiting.id).await
    }
}

/// So many impressions, and cards of them, as one report may have.
fn portion(impressions: u32, items: u32) -> Option<(u32, u32)> {
    if impressions == 0 || items == 0 {
        return None;
    }
    if items <= MOST_ITEMS {
        return Some((impressions, items));
    }
    let some = u64::from(impressions) * u64::from(MOST_ITEMS) / u64::from(items);
    // At least one is left for the rest of the cards.
    let some = u32::try_from(some).unwrap_or(u32::MAX).clamp(1, impressions.saturating_sub(1).max(1));
    Some((some, MOST_ITEMS))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn portions_add_up_and_none_is_too_large(per in 1_u32..=20, times in 1_u32..5000) {
            let (mut impressions, mut items) = (times, times * per);
            while let Some((some, of)) = portion(impressions, items) {
                assert!(some >= 1 && (1..=MOST_ITEMS).contains(&of));
                (impressions, items) = (impressions - some, items - of);
            }
            assert_eq!((impressions, items), (0, 0));
        }
    }
}
