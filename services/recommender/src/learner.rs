//! Keeps what is learnt from the gallery up to date: one task that learns anew
//! after a change, off the path of every request. While samples come one after
//! the other it rests as long as it worked, so it never takes more than half a
//! core.

use std::sync::Arc;
use std::time::Instant;

use mirror_ops::shutdown::Shutdown;

use crate::gallery::Galleries;

/// Starts the task; it ends at `shutdown`.
pub fn start(galleries: Arc<Galleries>, shutdown: Shutdown) {
    let work = async move {
        loop {
            galleries.learning_wanted.notified().await;
            let start = Instant::now();
            if galleries.relearn().await {
                let took = start.elapsed();
                metrics::histogram!("mirror_metric_refresh_seconds").record(took);
                tracing::debug!(?took, "Metric learnt");
                tokio::time::sleep(took).await;
            }
        }
    };
    tokio::spawn(async move { shutdown.run_until_cancelled(work).await });
}
