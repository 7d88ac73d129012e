//! Follows the inference service's model: changes to its gallery, and embeds the
//! samples that it has not seen yet from their pictures.

use std::sync::Arc;
use std::time::Duration;

use mirror_ops::shutdown::Shutdown;
use mirror_proto::inference::v1 as pb;
use tonic::Code;
use tonic::codegen::Bytes;

use crate::gallery::{Galleries, Status};
use crate::inference_link::{InferenceLink, LinkState};
use crate::recognition::{Embedding, ModelKey, SampleId, Views};
use crate::store::StoreError;
use crate::store::models::StoredModel;

/// How often what failed is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// How often and after how long a picture is tried again while others wait as well.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Starts the task; it ends at `shutdown`.
pub fn start(mut link: InferenceLink, galleries: Arc<Galleries>, shutdown: Shutdown) {
    link.state.mark_changed();
    let work = async move {
        loop {
            let done = match &*link.state.borrow_and_update() {
                LinkState::Here(model) => Some(Arc::clone(model)),
                LinkState::Away { .. } => None,
            };
            let done = match done {
                Some(model) => follow(&link, &galleries, &model).await,
                None => Ok(()),
            };
            let retry = async {
                match &done {
                    Ok(()) => std::future::pending().await,
                    Err(_) => tokio::time::sleep(RETRY).await,
                }
            };
            match &done {
                Err(Failure::Store(error)) => {
                    tracing::error!(%error, "Gallery not loaded");
                    galleries.set_status(Status::Failed(error.to_string()));
                }
                Err(Failure::Inference(why)) => tracing::warn!(why, "Samples not embedded"),
                Ok(()) => {}
            }
            tokio::select! {
                changed = link.state.changed() => if changed.is_err() { return },
                () = galleries.embedding_wanted.notified() => {}
                () = retry => {}
            }
        }
    };
    tokio::spawn(async move { shutdown.run_until_cancelled(work).await });
}

/// Why it has to be tried again.
enum Failure {
    Store(StoreError),
    Inference(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

async fn follow(link: &InferenceLink, galleries: &Arc<Galleries>, model: &pb::Model) -> Result<(), Failure> {
    let key = ModelKey { fingerprint: model.fingerprint.clone(), dimensions: model.dimensions as usize };
    let probes = probes(link, &key).await?;
    galleries.use_model(StoredModel { key: key.clone(), id: model.id.clone(), probes }).await?;
    let pending = galleries.pending(&key).await?;
    let preparing = |done: usize| {
        let status = galleries.status().borrow().clone();
        if let Status::Preparing { total, .. } = status {
            galleries
                .set_status(Status::Preparing { done: total.saturating_sub(pending.len() - done), total });
        }
    };
    for (done, sample) in pending.iter().enumerate() {
        preparing(done);
        let Some(picture) = galleries.picture(*sample).await? else { continue };
        let views = embed(link, &key, *sample, picture.into()).await?;
        galleries.put_embedding(key.clone(), *sample, views).await?;
    }
    if *galleries.status().borrow() != Status::Ready {
        galleries.complete(&key).await;
    }
    Ok(())
}

/// What the model sees in a kept picture; `None` when that can't be found out, so
/// that one bad picture doesn't stop all others.
async fn embed(
    link: &InferenceLink,
    model: &ModelKey,
    sample: SampleId,
    picture: Bytes,
) -> Result<Option<Views>, Failure> {
    let mut tries = 0;
    loop {
        match link.embed_sample(picture.clone(), 0).await {
            Ok(embedded) if embedded.fingerprint == model.fingerprint => return Ok(Some(embedded.views)),
            // The link says so as well, and then all begins anew.
            Ok(_) => return Err(Failure::Inference("the model changed".to_owned())),
            // Others may have their pictures embedded at the moment.
            Err(status) if status.code() == Code::ResourceExhausted && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(status)
                if matches!(
                    status.code(),
                    Code::InvalidArgument | Code::ResourceExhausted | Code::Internal
                ) =>
            {
                tracing::error!(
                    sample = sample.get(),
                    why = status.message(),
                    "Kept picture can't be embedded"
                );
                return Ok(None);
            }
            Err(status) => return Err(Failure::Inference(status.message().to_owned())),
        }
    }
}

async fn probes(link: &InferenceLink, model: &ModelKey) -> Result<Vec<Embedding>, Failure> {
    let probes = match link.probes().await {
        Ok(probes) => probes,
        // An inference service without them serves as well.
        Err(status) if status.code() == Code::Unimplemented => return Ok(Vec::new()),
        Err(status) => return Err(Failure::Inference(status.message().to_owned())),
    };
    if probes.iter().any(|probe| probe.model_fingerprint != model.fingerprint) {
        return Err(Failure::Inference("the model changed".to_owned()));
    }
    let usable = probes.into_iter().filter(|probe| probe.values.len() == model.dimensions);
    Ok(usable.filter_map(|probe| Embedding::new(probe.values).ok()).collect())
}
