//! Recommendations: what goes with a trigger product.
//!
//! [`Provider`] is where they come from: SAP Marketing Cloud ([`sap`], two
//! ways), [`emarsys`], or a local file ([`catalogue`]). [`settings`] says which
//! one, and makes it; [`desk`] puts all parts together. Between a provider and the screen stands [`cache`]: it
//! keeps answers (in [`store`], a database of its own), refreshes them behind
//! the screen's back, and asks a provider that is down only now and then
//! ([`breaker`]). [`pictures`] fetches product pictures and makes them anew, so
//! that a page loads nothing from elsewhere. [`feedback`] is the way back:
//! what was shown and touched. [`http`] is how all of them reach the network.

pub mod breaker;
pub mod cache;
pub mod catalogue;
pub mod check;
pub mod desk;
pub mod emarsys;
mod error;
pub mod feedback;
pub mod http;
pub mod occ;
pub mod odata;
pub mod picture_file;
pub mod pictures;
pub mod products;
pub mod sap;
pub mod settings;
pub mod store;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use url::Url;

pub use self::error::{Fault, ProviderError};
use crate::recognition::TriggerProduct;

/// More products than this are not taken from an answer: no screen shows them.
pub const MOST_CARDS: usize = 20;

/// A product as a provider names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProductRef {
    /// Its origin system; empty where the provider has only one.
    pub origin: String,
    /// Its number there.
    pub id: String,
}

/// A product that is recommended, ready to be shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProductCard {
    /// Which one.
    pub product: ProductRef,
    /// In the language asked for, or one that the provider has.
    pub name: String,
    /// Where its picture is.
    pub picture: Option<PictureSource>,
    /// Where it is sold; empty for unknown.
    pub target_url: String,
    /// A decimal number with a dot; empty for none.
    pub price: String,
    /// ISO 4217; empty when the price is.
    pub currency: String,
    /// The provider's, for the order alone; 0 when it gives none.
    pub score: f32,
    /// Where the provider recommended it, as it wants to hear in feedback: a
    /// scenario, or a feature and a cohort.
    pub slot: String,
}

/// Where a product's picture is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureSource {
    /// On the network.
    Url(Url),
    /// On this device.
    File(PathBuf),
}

/// What a provider answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The cards, best first, each product once.
    pub cards: Vec<ProductCard>,
    /// How long it counts as fresh; `None`: the provider doesn't say.
    pub fresh_for: Option<Duration>,
}

/// Feedback, summed up, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// Cards of a slot were shown.
    Impressions {
        /// Where they were recommended.
        slot: String,
        /// How often cards came up.
        impressions: u32,
        /// How many cards, in all; at most 100.
        items: u32,
        /// When.
        at: SystemTime,
    },
    /// A card was touched.
    Click {
        /// Where it was recommended.
        slot: String,
        /// Which product.
        product: ProductRef,
        /// When.
        at: SystemTime,
    },
}

/// Where recommendations come from. Of what happens before the mirror it is
/// told a product's number and nothing else.
#[async_trait]
pub trait Provider: std::fmt::Debug + Send + Sync {
    /// Its name, for screens, logs and metrics.
    fn name(&self) -> &'static str;

    /// What answers depend on beside trigger and language: the tenant, the
    /// scenarios. Answers of another scope are never shown.
    fn scope(&self) -> String;

    /// Whether it answers from this device: then it is asked each time, and
    /// nothing is kept.
    fn is_local(&self) -> bool {
        false
    }

    /// The cards for the trigger product; none when the provider has nothing
    /// for it. `language` is a primary BCP 47 subtag ("en").
    ///
    /// # Errors
    /// When it can't answer now.
    async fn recommend(&self, trigger: &TriggerProduct, language: &str) -> Result<Answer, ProviderError>;

    /// Which kinds of feedback it takes.
    fn takes(&self) -> Takes {
        Takes::default()
    }

    /// Tells it what was shown or touched, of the kinds it takes.
    ///
    /// # Errors
    /// When it can't take it now.
    async fn report(&self, report: &Report) -> Result<(), ProviderError>;
}

/// Which kinds of feedback a provider takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Takes {
    /// That cards were shown.
    pub impressions: bool,
    /// That a card was touched.
    pub clicks: bool,
}

/// An answer with what a screen has to know about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendations {
    /// The cards, best first.
    pub items: Vec<ProductCard>,
    /// Who answered.
    pub provider: &'static str,
    /// How new it is.
    pub freshness: Freshness,
    /// When it was fetched; `None` when there is nothing.
    pub fetched_at: Option<SystemTime>,
}

/// How new an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// The provider's word is that it holds.
    Fresh,
    /// The last good one: it has expired, or the provider is away.
    Stale,
    /// There is nothing to show.
    None,
}

impl Recommendations {
    /// Nothing to show.
    #[must_use]
    pub fn none(provider: &'static str) -> Self {
        Self { items: Vec::new(), provider, freshness: Freshness::None, fetched_at: None }
    }
}

/// A language as answers are kept by: the primary subtag in small letters, "en"
/// for what is none.
#[must_use]
pub fn primary_language(tag: &str) -> String {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    if (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        primary.to_ascii_lowercase()
    } else {
        "en".to_owned()
    }
}

/// The text in the language, else in English, else the first.
fn in_language<'a>(texts: &[(&'a str, &'a str)], language: &str) -> Option<&'a str> {
    let of = |wanted: &str| texts.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(wanted));
    of(language).or_else(|| of("en")).or_else(|| texts.first()).map(|(_, text)| *text)
}

/// Each product once, the first of it, and not more than a screen may want.
fn distinct(cards: impl IntoIterator<Item = ProductCard>) -> Vec<ProductCard> {
    let mut seen = std::collections::HashSet::new();
    cards.into_iter().filter(|card| seen.insert(card.product.clone())).take(MOST_CARDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_few_whatever_a_page_asks_for() {
        for (tag, primary) in [("de-AT", "de"), ("EN", "en"), ("", "en"), ("../x", "en"), ("gsw_CH", "gsw")] {
            assert_eq!(primary_language(tag), primary, "{tag}");
        }
    }

    #[test]
    fn a_text_is_in_the_language_or_english_or_there_at_all() {
        let texts = [("FR", "thé"), ("EN", "tea"), ("DE", "Tee")];
        assert_eq!(in_language(&texts, "de"), Some("Tee"));
        assert_eq!(in_language(&texts, "it"), Some("tea"));
        assert_eq!(in_language(&texts[..1], "de"), Some("thé"));
        assert_eq!(in_language(&[], "de"), None);
    }
}
