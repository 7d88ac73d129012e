//! What the provider answered, kept and kept fresh, so that a screen never
//! waits for the network.
//!
//! An answer is fresh for as long as the provider says. After that it is served
//! as stale, and one fetch, shared by all who ask, goes for a new one. When that
//! fails the last good answer stays, of whatever age and also over a restart,
//! and is tried again with growing waits, as far as the [`Breaker`] lets.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use futures::stream::BoxStream;
use futures::{FutureExt as _, Stream, StreamExt as _};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

use super::breaker::Breaker;
use super::pictures::Pictures;
use super::store::{KeptAnswer, Key, MOST_ANSWERS, RecommendationStore};
use super::{Answer, Fault, Freshness, Provider, ProviderError, Recommendations, primary_language};
use crate::recognition::TriggerProduct;

/// How long an answer counts as fresh when the provider doesn't say.
const FRESH_FOR: Duration = Duration::from_secs(15 * 60);
/// Whatever the provider says: not asked all the time, and not forgotten.
const FRESH_AT_LEAST: Duration = Duration::from_secs(1);
const FRESH_AT_MOST: Duration = Duration::from_secs(24 * 60 * 60);
/// Questions to the provider at once.
const AT_ONCE: usize = 4;

/// See the module's text.
#[derive(Debug)]
pub struct Cache {
    provider: Arc<dyn Provider>,
    store: RecommendationStore,
    pictures: Arc<Pictures>,
    breaker: Breaker,
    scope: String,
    places: Semaphore,
    entries: Mutex<HashMap<Key, Arc<Entry>>>,
}

#[derive(Debug)]
struct Entry {
    key: Key,
    state: watch::Sender<State>,
}

#[derive(Debug)]
struct State {
    answer: Option<Arc<KeptAnswer>>,
    fetching: bool,
    /// After a failure: not asked again before.
    retry_at: Option<Instant>,
    waits: ExponentialBackoff,
    used: Instant,
}

impl State {
    fn new(answer: Option<KeptAnswer>) -> Self {
        let answer = answer.map(Arc::new);
        Self { answer, fetching: false, retry_at: None, waits: waits(), used: Instant::now() }
    }

    /// The time for which the answer still holds; `None`: it doesn't.
    fn fresh(&self) -> Option<Duration> {
        let answer = self.answer.as_ref()?;
        // A clock that was set back makes it expired, not eternal.
        let age = SystemTime::now().duration_since(answer.fetched_at).ok()?;
        answer.fresh_for.checked_sub(age).filter(|rest| !rest.is_zero())
    }
}

/// After a failure: 1 s, doubling, to a minute.
fn waits() -> ExponentialBackoff {
    let builder = ExponentialBuilder::new().with_max_delay(Duration::from_secs(60)).with_jitter();
    builder.with_min_delay(Duration::from_secs(1)).without_max_times().build()
}

impl Cache {
    /// One for `provider`, with what is kept of its answers.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn open(
        provider: Arc<dyn Provider>,
        store: RecommendationStore,
        pictures: Arc<Pictures>,
    ) -> Result<Arc<Self>, crate::store::StoreError> {
        let scope = provider.scope();
        let mut entries = HashMap::new();
        if !provider.is_local() {
            for (key, answer) in store.answers(&scope).await? {
                pictures.note(&answer.cards);
                let state = watch::Sender::new(State::new(Some(answer)));
                entries.insert(key.clone(), Arc::new(Entry { key, state }));
            }
        }
        Ok(Arc::new(Self {
            provider,
            store,
            pictures,
            breaker: Breaker::default(),
            scope,
            places: Semaphore::new(AT_ONCE),
            entries: Mutex::new(entries),
        }))
    }

    /// The provider's name.
    #[must_use]
    pub fn provider(&self) -> &'static str {
        self.provider.name()
    }

    /// Why the provider is left alone, `None` while it answers.
    #[must_use]
    pub fn problem(&self) -> watch::Receiver<Option<String>> {
        self.breaker.problem()
    }

    /// While the provider is left alone, asks for what was wanted last as often as
    /// the breaker lets: that it is back is noticed also when nobody looks.
    pub(super) async fn notice_comebacks(self: Arc<Self>) {
        let mut problem = self.problem();
        while problem.wait_for(Option::is_some).await.is_ok() {
            let last = {
                let entries = self.lock();
                entries.values().max_by_key(|entry| entry.state.borrow().used).cloned()
            };
            // Only feedback can have found out; it tries again by itself.
            let Some(entry) = last else {
                let _ = problem.changed().await;
                continue;
            };
            let mut states = entry.state.subscribe();
            match self.refresh(&entry) {
                Some(back) => tokio::time::sleep_until(back).await,
                None => drop(states.changed().await),
            }
        }
    }

    /// Until when the provider is left alone.
    pub(super) fn left_alone_until(&self) -> Option<Instant> {
        self.breaker.until()
    }

    /// What is there now; only for what was never fetched the provider is waited
    /// for, and not longer than `patience`.
    pub async fn get(
        self: &Arc<Self>,
        trigger: &TriggerProduct,
        language: &str,
        patience: Duration,
    ) -> Recommendations {
        let mut following = self.follow(trigger, language);
        let found = tokio::time::timeout(patience, following.next()).await;
        found.ok().flatten().unwrap_or_else(|| Recommendations::none(self.provider()))
    }

    /// What a screen should show: what is kept at once, then each change for as
    /// long as it is followed. While nothing is kept and the provider is asked,
    /// nothing comes.
    pub fn follow(
        self: &Arc<Self>,
        trigger: &TriggerProduct,
        language: &str,
    ) -> BoxStream<'static, Recommendations> {
        if trigger.id.is_empty() {
            return futures::stream::iter([Recommendations::none(self.provider())]).boxed();
        }
        let language = primary_language(language);
        if self.provider.is_local() {
            let (cache, trigger) = (Arc::clone(self), trigger.clone());
            return futures::stream::once(async move { cache.ask_local(&trigger, &language).await }).boxed();
        }
        let key = Key { trigger: trigger.clone(), language };
        self.follow_entry(self.entry(key)).boxed()
    }

    /// The cards that were last shown for a trigger, in any language.
    #[must_use]
    pub fn shown(&self, trigger: &TriggerProduct) -> Vec<Arc<KeptAnswer>> {
        let entries = self.lock();
        let of = entries.values().filter(|entry| entry.key.trigger == *trigger);
        of.filter_map(|entry| entry.state.borrow().answer.clone()).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self, key: Key) -> Arc<Entry> {
        let mut entries = self.lock();
        if entries.len() >= MOST_ANSWERS
            && !entries.contains_key(&key)
            && let Some(oldest) = entries.values().min_by_key(|entry| entry.state.borrow().used)
        {
            let oldest = oldest.key.clone();
            entries.remove(&oldest);
        }
        let entry = match entries.entry(key.clone()) {
            Slot::Occupied(slot) => Arc::clone(slot.get()),
            Slot::Vacant(slot) => {
                let state = watch::Sender::new(State::new(None));
                Arc::clone(slot.insert(Arc::new(Entry { key, state })))
            }
        };
        entry.state.send_if_modified(|state| {
            state.used = Instant::now();
            false
        });
        entry
    }

    fn follow_entry(
        self: &Arc<Self>,
        entry: Arc<Entry>,
    ) -> impl Stream<Item = Recommendations> + Send + use<> {
        let follower =
            Follower { cache: Arc::clone(self), states: entry.state.subscribe(), entry, told: None };
        futures::stream::unfold(follower, async |mut follower| Some((follower.next().await, follower)))
    }

    /// Asks anew unless somebody does already or it is too early; the time from
    /// which on it is worth coming back.
    fn refresh(self: &Arc<Self>, entry: &Arc<Entry>) -> Option<Instant> {
        let mut start = false;
        let mut back = None;
        entry.state.send_if_modified(|state| {
            let early = state.retry_at.filter(|retry_at| Instant::now() < *retry_at);
            if state.fetching || early.is_some() {
                back = early;
                return false;
            }
            state.fetching = true;
            start = true;
            false
        });
        if start {
            // On its own: whoever asked may be gone before the answer comes.
            tokio::spawn(Arc::clone(self).fetch(Arc::clone(entry)));
        }
        back
    }

    async fn fetch(self: Arc<Self>, entry: Arc<Entry>) {
        let _place = self.places.acquire().await.expect("it is never closed");
        let result = match self.breaker.permit() {
            Ok(permit) => {
                // Whatever is wrong with an answer, the product is asked for again.
                let asked = AssertUnwindSafe(self.ask(&entry.key, permit.is_probe())).catch_unwind().await;
                let result = asked.unwrap_or_else(|_| {
                    let message = "its answer made this program fail; the log says where";
                    Err(ProviderError::new(self.provider(), Fault::Malformed, message))
                });
                match &result {
                    Ok(_) => permit.succeeded(),
                    Err(error) => permit.failed(error),
                }
                result.map_err(|error| {
                    tracing::warn!(%error, trigger = entry.key.trigger.id, "No recommendations");
                    None
                })
            }
            Err(until) => Err(Some(until)),
        };
        match result {
            Ok(answer) => {
                let kept = KeptAnswer {
                    cards: answer.cards,
                    fetched_at: SystemTime::now(),
                    fresh_for: answer.fresh_for.unwrap_or(FRESH_FOR).clamp(FRESH_AT_LEAST, FRESH_AT_MOST),
                };
                self.pictures.note(&kept.cards);
                self.pictures.prefetch(&kept.cards);
                entry.state.send_modify(|state| *state = State::new(Some(kept.clone())));
                // What is on the screen doesn't wait for the disk.
                if let Err(error) = self.store.keep(&self.scope, &entry.key, &kept).await {
                    tracing::warn!(%error, "Answer not kept");
                }
            }
            Err(until) => entry.state.send_modify(|state| {
                state.fetching = false;
                let wait = state.waits.next().unwrap_or(FRESH_AT_LEAST);
                state.retry_at = Some(until.unwrap_or_else(|| Instant::now() + wait));
            }),
        }
    }

    /// One question, and one more when it failed quickly: a screen shouldn't be
    /// without cards for a second because of one lost connection.
    async fn ask(&self, key: &Key, probe: bool) -> Result<Answer, ProviderError> {
        let start = Instant::now();
        let mut result = self.provider.recommend(&key.trigger, &key.language).await;
        let quick = start.elapsed() < Duration::from_millis(500);
        let passes = matches!(&result, Err(error) if error.fault == Fault::Unreachable);
        if passes && quick && !probe {
            let wait = ExponentialBuilder::new().with_min_delay(Duration::from_millis(100)).with_jitter();
            tokio::time::sleep(wait.build().next().unwrap_or_default()).await;
            result = self.provider.recommend(&key.trigger, &key.language).await;
        }
        let provider = self.provider.name();
        let outcome = if result.is_ok() { "answer" } else { "failure" };
        metrics::counter!("mirror_provider_answers_total", "provider" => provider, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("mirror_provider_seconds", "provider" => provider)
            .record(start.elapsed().as_secs_f64());
        result
    }

    async fn ask_local(&self, trigger: &TriggerProduct, language: &str) -> Recommendations {
        let provider = self.provider.name();
        match self.provider.recommend(trigger, language).await {
            Ok(answer) if answer.cards.is_empty() => Recommendations::none(provider),
            Ok(answer) => {
                self.pictures.note(&answer.cards);
                let fetched_at = Some(SystemTime::now());
                Recommendations { items: answer.cards, provider, freshness: Freshness::Fresh, fetched_at }
            }
            Err(error) => {
                tracing::warn!(%error, trigger = trigger.id, "No recommendations");
                Recommendations::none(provider)
            }
        }
    }
}

struct Follower {
    cache: Arc<Cache>,
    entry: Arc<Entry>,
    states: watch::Receiver<State>,
    told: Option<Recommendations>,
}

impl Follower {
    /// The next that is worth telling.
    async fn next(&mut self) -> Recommendations {
        loop {
            let (now, fresh) = self.look();
            if let Some(now) = now {
                self.told = Some(now.clone());
                if fresh.is_none() {
                    self.cache.refresh(&self.entry);
                }
                return now;
            }
            // When it expires, or may be tried again, or a look is due because
            // somebody else fetches.
            let back = match fresh {
                Some(rest) => Some(Instant::now() + rest),
                None => self.cache.refresh(&self.entry),
            };
            let due = async {
                match back {
                    Some(back) => tokio::time::sleep_until(back).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = self.states.changed() => changed.expect("the entry is held here"),
                () = due => {}
            }
        }
    }

    /// What there is, if it is other than what was told, and how long it holds.
    /// While a fetch is under way a freshly expired answer is told as it was.
    fn look(&mut self) -> (Option<Recommendations>, Option<Duration>) {
        let state = self.states.borrow_and_update();
        let fresh = state.fresh();
        let settled = state.retry_at.is_some() && !state.fetching;
        let provider = self.cache.provider.name();
        let freshness = match (&self.told, fresh) {
            (_, Some(_)) => Freshness::Fresh,
            (Some(told), None) if !settled && told.freshness == Freshness::Fresh => Freshness::Fresh,
            _ => Freshness::Stale,
        };
        let now = match &state.answer {
            Some(answer) if answer.cards.is_empty() => Recommendations::none(provider),
            Some(answer) => Recommendations {
                items: answer.cards.clone(),
                provider,
                freshness,
                fetched_at: Some(answer.fetched_at),
            },
            None if settled => Recommendations::none(provider),
            None => return (None, fresh),
        };
        // A new answer that says the same is nothing to tell.
        let same = self
            .told
            .as_ref()
            .is_some_and(|told| (&told.items, told.freshness) == (&now.items, now.freshness));
        ((!same).then_some(now), fresh)
    }
}
