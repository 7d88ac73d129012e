//! What products are called, what they cost and how they look, for providers
//! that answer with their numbers alone. [`ProductSource`] is where that comes
//! from; [`Products`] keeps it for a while, so that new recommendations among
//! known products cost no further call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use url::Url;

use super::{PictureSource, ProductCard, ProductRef, ProviderError};

/// How long what is known of a product holds: a price that has changed is shown
/// within this time.
const KEEP: Duration = Duration::from_secs(15 * 60);
const MOST_KEPT: usize = 2000;

/// What a source knows of a product.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// Its name; empty: none, then its number is shown.
    pub name: String,
    /// Its picture.
    pub picture: Option<Url>,
    /// Where it is sold; empty for unknown.
    pub target_url: String,
    /// A decimal number with a dot; empty for none.
    pub price: String,
    /// ISO 4217.
    pub currency: String,
}

/// Where details come from.
#[async_trait]
pub trait ProductSource: std::fmt::Debug + Send + Sync {
    /// What answers depend on beside product and language.
    fn scope(&self) -> String;

    /// The details of these products; those it doesn't have are absent.
    ///
    /// # Errors
    /// When it can't answer now.
    async fn details(
        &self,
        products: &[ProductRef],
        language: &str,
    ) -> Result<HashMap<ProductRef, Details>, ProviderError>;
}

/// See the module's text.
#[derive(Debug)]
pub struct Products {
    source: Option<Arc<dyn ProductSource>>,
    kept: Mutex<HashMap<(ProductRef, String), Kept>>,
}

/// `None`: the source doesn't have it.
#[derive(Clone, Debug)]
struct Kept {
    details: Option<Details>,
    at: Instant,
}

impl Products {
    /// What `source` knows; without one, products are shown by their numbers.
    #[must_use]
    pub fn new(source: Option<Arc<dyn ProductSource>>) -> Self {
        Self { source, kept: Mutex::default() }
    }

    /// What answers depend on beside product and language.
    #[must_use]
    pub fn scope(&self) -> String {
        self.source.as_ref().map_or_else(String::new, |source| source.scope())
    }

    /// The cards with names, pictures and prices. A product that the source
    /// doesn't have is left out: it is not sold (any more).
    ///
    /// # Errors
    /// When the source can't answer, and what is known doesn't do.
    pub async fn fill(
        &self,
        cards: Vec<ProductCard>,
        language: &str,
    ) -> Result<Vec<ProductCard>, ProviderError> {
        let Some(source) = &self.source else {
            let named = |card: ProductCard| ProductCard { name: card.product.id.clone(), ..card };
            return Ok(cards.into_iter().map(named).collect());
        };
        let known = self.known(&cards, language);
        let recent = |product: &ProductRef| known.get(product).is_some_and(|kept| kept.at.elapsed() < KEEP);
        let wanted: Vec<ProductRef> =
            cards.iter().map(|card| card.product.clone()).filter(|product| !recent(product)).collect();
        let mut found: HashMap<ProductRef, Option<Details>> =
            known.iter().map(|(product, kept)| (product.clone(), kept.details.clone())).collect();
        if !wanted.is_empty() {
            match source.details(&wanted, language).await {
                Ok(mut details) => {
                    let answers = wanted.into_iter().map(|product| (details.remove(&product), product));
                    found.extend(answers.map(|(details, product)| (product, details)));
                    self.keep(&found, language);
                }
                // What was known some time ago is better than nothing.
                Err(error) if wanted.iter().all(|product| known.contains_key(product)) => {
                    tracing::warn!(%error, "Product details not refreshed");
                }
                Err(error) => return Err(error),
            }
        }
        let card = |mut card: ProductCard| {
            let details = found.get(&card.product)?.clone();
            let Some(details) = details else {
                tracing::warn!(product = card.product.id, "Recommended, but not among the products");
                return None;
            };
            card.name = if details.name.is_empty() { card.product.id.clone() } else { details.name };
            card.picture = details.picture.map(PictureSource::Url);
            card.target_url = details.target_url;
            card.currency = if details.price.is_empty() { String::new() } else { details.currency };
            card.price = details.price;
            Some(card)
        };
        Ok(cards.into_iter().filter_map(card).collect())
    }

    fn known(&self, cards: &[ProductCard], language: &str) -> HashMap<ProductRef, Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |card: &ProductCard| {
            let found = kept.get(&(card.product.clone(), language.to_owned()))?;
            Some((card.product.clone(), found.clone()))
        };
        cards.iter().filter_map(of).collect()
    }

    fn keep(&self, found: &HashMap<ProductRef, Option<Details>>, language: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() + found.len() > MOST_KEPT {
            kept.retain(|_, kept| kept.at.elapsed() < KEEP);
        }
        if kept.len() + found.len() > MOST_KEPT {
            kept.clear();
        }
        let at = Instant::now();
        for (product, details) in found {
            let key = (product.clone(), language.to_owned());
            let recent = kept.get(&key).is_some_and(|kept| kept.at.elapsed() < KEEP);
            if !recent {
                kept.insert(key, Kept { details: details.clone(), at });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use crate::recommendations::Fault;

    #[derive(Debug, Default)]
    struct Source {
        calls: AtomicUsize,
        away: AtomicBool,
    }

    #[async_trait]
    impl ProductSource for Source {
        fn scope(&self) -> String {
            "test".to_owned()
        }

        async fn details(
            &self,
            products: &[ProductRef],
            language: &str,
        ) -> Result<HashMap<ProductRef, Details>, ProviderError> {
            self.calls.fetch_add(products.len(), Ordering::Relaxed);
            if self.away.load(Ordering::Relaxed) {
                return Err(ProviderError::new("test", Fault::Unreachable, "away"));
            }
            let known = products.iter().filter(|product| product.id != "gone");
            let named = |id: &str| if id == "plain" { String::new() } else { format!("{id} in {language}") };
            Ok(known.map(|p| (p.clone(), Details { name: named(&p.id), ..Details::default() })).collect())
        }
    }

    fn cards(ids: &[&str]) -> Vec<ProductCard> {
        let card = |id: &&str| ProductCard {
            product: ProductRef { origin: "O".to_owned(), id: (*id).to_owned() },
            ..ProductCard::default()
        };
        ids.iter().map(card).collect()
    }

    fn names(cards: &[ProductCard]) -> Vec<&str> {
        cards.iter().map(|card| card.name.as_str()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn details_are_asked_for_once_and_again_when_they_are_old() {
        let source = Arc::new(Source::default());
        let products = Products::new(Some(Arc::clone(&source) as Arc<dyn ProductSource>));
        let filled = products.fill(cards(&["a", "gone", "plain"]), "de").await.unwrap();
        assert_eq!(names(&filled), ["a in de", "plain"], "what is not sold is left out");
        products.fill(cards(&["plain", "a", "gone"]), "de").await.unwrap();
        assert_eq!(source.calls.load(Ordering::Relaxed), 3);
        products.fill(cards(&["a", "b"]), "de").await.unwrap();
        assert_eq!(source.calls.load(Ordering::Relaxed), 4, "only what is new");
        products.fill(cards(&["a"]), "en").await.unwrap();
        assert_eq!(source.calls.load(Ordering::Relaxed), 5, "each language for itself");

        tokio::time::advance(KEEP).await;
        source.away.store(true, Ordering::Relaxed);
        let filled = products.fill(cards(&["a"]), "de").await.unwrap();
        assert_eq!(names(&filled), ["a in de"], "old details are better than none");
        assert!(products.fill(cards(&["a", "new"]), "de").await.is_err());
        source.away.store(false, Ordering::Relaxed);
        let before = source.calls.load(Ordering::Relaxed);
        products.fill(cards(&["a"]), "de").await.unwrap();
        assert_eq!(source.calls.load(Ordering::Relaxed), before + 1);
    }

    #[tokio::test]
    async fn without_a_source_numbers_are_names() {
        let filled = Products::new(None).fill(cards(&["TEA-100"]), "en").await.unwrap();
        assert_eq!(names(&filled), ["TEA-100"]);
    }
}
