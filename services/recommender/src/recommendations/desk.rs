//! All parts of the recommendations, put together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use mirror_ops::shutdown::Shutdown;

use super::Recommendations;
use super::cache::Cache;
use super::feedback::Feedback;
use super::pictures::Pictures;
use super::settings::ProviderSettings;
use super::store::RecommendationStore;
use crate::recognition::TriggerProduct;
use crate::store::StoreError;

pub(crate) const PICTURES: &str = "product-pictures";

/// What the service answers from. Clones share it.
#[derive(Clone, Debug)]
pub struct Desk {
    /// What goes with a product.
    pub cache: Arc<Cache>,
    /// How those products look.
    pub pictures: Arc<Pictures>,
    /// What was shown and touched.
    pub feedback: Arc<Feedback>,
    store: RecommendationStore,
    patience: Duration,
}

impl Desk {
    /// Makes the provider and opens what is kept in `data_dir`, which exists.
    ///
    /// # Errors
    /// When a setting is missing or wrong, or the database or the folder of
    /// pictures can't be opened; the error names it.
    pub async fn open(
        settings: &ProviderSettings,
        data_dir: &Path,
        shutdown: Shutdown,
    ) -> anyhow::Result<Self> {
        let configured = settings.build()?;
        let folder = data_dir.join(PICTURES);
        let pictures = Pictures::open(folder.clone(), configured.http);
        let pictures = pictures.with_context(|| format!("can't make the folder {}", folder.display()))?;
        let store = RecommendationStore::open(data_dir).await?;
        let provider = configured.provider;
        tracing::info!(provider = provider.name(), "Recommendations");
        let cache = Cache::open(Arc::clone(&provider), store.clone(), Arc::clone(&pictures)).await?;
        let (noticing, end) = (Arc::clone(&cache), shutdown.clone());
        tokio::spawn(async move { end.run_until_cancelled(noticing.notice_comebacks()).await });
        let window = settings.feedback_window();
        let feedback = Feedback::start(provider, Arc::clone(&cache), store.clone(), window, shutdown).await?;
        Ok(Self { cache, pictures, feedback, store, patience: settings.timeout() })
    }

    /// What there is now; see [`Cache::get`].
    pub async fn get(&self, trigger: &TriggerProduct, language: &str) -> Recommendations {
        self.cache.get(trigger, language, self.patience).await
    }

    /// How many interactions wait to be told to the provider.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn queued(&self) -> Result<u64, StoreError> {
        self.store.waiting().await
    }

    /// Closes the database.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
