//! ExportDataset and ImportDataset: archives as streams of chunks.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use mirror_proto::recommender::v1 as pb;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::{Recommender, status};
use crate::dataset::archive::{Archive, MOST_BYTES};
use crate::dataset::export;

const CHUNK: usize = 256 * 1024;

type Chunk = Result<pb::ExportDatasetChunk, Status>;

pub(super) fn export(service: &Recommender) -> Result<BoxStream<'static, Chunk>, Status> {
    let place = Arc::clone(&service.exporting).try_acquire_owned();
    let place = place.map_err(|_| Status::resource_exhausted("another export is under way; try again"))?;
    let (store, scratch) = (service.galleries.store().clone(), service.data_dir.clone());
    let (sender, chunks) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let _place = place;
        match export::write(&store, &scratch, &Handle::current(), || !sender.is_closed()) {
            Ok(file) => send(file, &sender),
            // Nobody may be waiting any more.
            Err(error) => drop(sender.blocking_send(Err(status::export(error)))),
        }
    });
    Ok(ReceiverStream::new(chunks).take_until(service.shutdown.clone().cancelled_owned()).boxed())
}

/// Until the end or until nobody listens.
fn send(mut file: File, sender: &mpsc::Sender<Chunk>) {
    loop {
        let mut data = vec![0; CHUNK];
        let chunk = match file.read(&mut data) {
            Ok(0) => return,
            Ok(length) => {
                data.truncate(length);
                Ok(pb::ExportDatasetChunk { data: data.into() })
            }
            Err(error) => Err(status::export(error.into())),
        };
        let last = chunk.is_err();
        if sender.blocking_send(chunk).is_err() || last {
            return;
        }
    }
}

pub(super) async fn import(
    service: &Recommender,
    mut chunks: Streaming<pb::ImportDatasetChunk>,
) -> Result<pb::ImportDatasetResponse, Status> {
    let scratch = service.data_dir.clone();
    let mut file = tempfile::tempfile_in(&scratch).map_err(status::scratch)?;
    let mut length = 0;
    while let Some(chunk) = chunks.message().await? {
        length += chunk.data.len() as u64;
        if length > MOST_BYTES {
            return Err(Status::resource_exhausted(format!(
                "archive: it has more than {MOST_BYTES} bytes; nothing was changed"
            )));
        }
        let written = tokio::task::spawn_blocking(move || file.write_all(&chunk.data).map(|()| file));
        file = written.await.expect("writing does not panic").map_err(status::scratch)?;
    }
    if length == 0 {
        return Err(Status::invalid_argument("archive: it is empty; send the chunks of an exported dataset"));
    }
    let opened = tokio::task::spawn_blocking(move || {
        file.rewind()?;
        Archive::open(file, &scratch)
    });
    let archive = opened.await.expect("checking does not panic").map_err(status::archive)?;
    let merged = service.galleries.merge(archive, service.keep_pictures).await.map_err(status::merge)?;
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    Ok(pb::ImportDatasetResponse {
        added_labels: count(merged.labels.len()),
        added_samples: count(merged.samples.len()),
        known_samples: merged.known,
        pending_samples: merged.pending,
        ignored_samples: merged.ignored,
    })
}
