//! How the service is doing, for operators.

use std::path::Path;

use mirror_ops::process;
use mirror_proto::recommender::v1 as pb;

use super::{Recommender, convert};
use crate::recommendations::{desk, store as recommendations};
use crate::store;

impl Recommender {
    /// As it is now; what can't be read counts as nothing, as this is asked when
    /// something doesn't work.
    pub(super) async fn report(&self) -> pb::RecommenderStatus {
        let queued = self.recommendations.queued().await.unwrap_or(0);
        let data_dir = self.data_dir.clone();
        let measured = tokio::task::spawn_blocking(move || Disk::measure(&data_dir)).await;
        let disk = measured.expect("measuring does not panic");
        let view = self.live.mirror.borrow().clone();
        pb::RecommenderStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: Some(process::started_at().into()),
            resident_bytes: process::resident_bytes(),
            database_bytes: disk.database,
            recommendations_bytes: disk.recommendations,
            disk_free_bytes: disk.free,
            state: convert::mirror_state(view.state).into(),
            degradations: view.degradations.iter().map(convert::degradation).collect(),
            provider: self.recommendations.cache.provider().to_owned(),
            queued_interactions: u32::try_from(queued).unwrap_or(u32::MAX),
            teaching: convert::count(*self.teaching.leases().borrow()),
        }
    }
}

/// In bytes.
struct Disk {
    database: u64,
    recommendations: u64,
    free: u64,
}

impl Disk {
    fn measure(data_dir: &Path) -> Self {
        let pictures = std::fs::read_dir(data_dir.join(desk::PICTURES)).into_iter().flatten();
        let pictures: u64 = pictures.filter_map(|file| Some(file.ok()?.metadata().ok()?.len())).sum();
        let free = rustix::fs::statvfs(data_dir).map_or(0, |found| found.f_bavail * found.f_frsize);
        Self {
            database: database(&data_dir.join(store::FILE)),
            recommendations: database(&data_dir.join(recommendations::FILE)) + pictures,
            free,
        }
    }
}

/// SQLite's file, and what is written to it next.
fn database(file: &Path) -> u64 {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    size(file) + size(Path::new(&log))
}
