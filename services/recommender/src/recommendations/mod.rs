//! Recommendations: what goes with a trigger product. [`Provider`] is where
//! they come from; [`catalogue`] is one, a local file.

pub mod catalogue;

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;

/// A product that is recommended, ready to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductCard {
    /// The provider's number for it.
    pub product_id: String,
    /// In the language asked for, or one that the provider has.
    pub name: String,
    /// An http(s) address or a path on the ui service; empty for none.
    pub image_url: String,
    /// Where it is sold; empty for unknown.
    pub target_url: String,
    /// A decimal number with a dot; empty for none.
    pub price: String,
    /// ISO 4217; empty when the price is.
    pub currency: String,
    /// The provider's, 0 to 1; 0 when it gives none.
    pub score: f32,
}

/// A product's picture.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The file.
    pub data: Vec<u8>,
    /// What kind of file.
    pub media_type: &'static str,
}

/// A provider can't answer now.
#[derive(Debug, thiserror::Error)]
#[error("the provider {provider} can't answer: {cause}")]
pub struct ProviderError {
    /// Which one.
    pub provider: &'static str,
    /// Why.
    pub cause: String,
}

/// Where recommendations come from. Of what happens before the mirror it is
/// told a product's number and nothing else.
#[async_trait]
pub trait Provider: std::fmt::Debug + Send + Sync {
    /// Its name, for screens and logs.
    fn name(&self) -> &'static str;

    /// At most `limit` cards for the trigger product, best first; none when
    /// the provider doesn't know it.
    ///
    /// # Errors
    /// When it can't answer now.
    async fn recommend(
        &self,
        trigger: &str,
        limit: usize,
        language: &str,
    ) -> Result<Vec<ProductCard>, ProviderError>;

    /// The picture that a card's `image_url` names behind "/pictures/".
    ///
    /// # Errors
    /// When it can't answer now.
    async fn picture(&self, id: &str) -> Result<Option<Picture>, ProviderError>;
}

/// An answer with what a screen has to know about it.
#[derive(Clone, Debug)]
pub struct Recommendations {
    /// The cards, best first.
    pub items: Vec<ProductCard>,
    /// Who answered.
    pub provider: &'static str,
    /// When.
    pub fetched_at: SystemTime,
}

/// The recommendations for a trigger product; `None` when there are none, or
/// the provider can't answer, which is logged here.
pub async fn for_trigger(
    provider: Arc<dyn Provider>,
    trigger: String,
    limit: usize,
    language: String,
) -> Option<Recommendations> {
    if trigger.is_empty() {
        return None;
    }
    let name = provider.name();
    match provider.recommend(&trigger, limit, &language).await {
        Ok(items) if items.is_empty() => None,
        Ok(items) => {
            metrics::counter!("mirror_recommendations_total", "provider" => name).increment(1);
            Some(Recommendations { items, provider: name, fetched_at: SystemTime::now() })
        }
        Err(error) => {
            metrics::counter!("mirror_recommendation_failures_total", "provider" => name).increment(1);
            tracing::warn!(%error, trigger, "No recommendations");
            None
        }
    }
}
