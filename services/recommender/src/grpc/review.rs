//! Teach, ListVerdicts, AddVerdictSamples.

use std::sync::Arc;

use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use mirror_proto::recommender::v1 as pb;
use tokio::sync::broadcast::error::RecvError;
use tonic::Status;

use super::{Recommender, convert, status};
use crate::gallery::Galleries;
use crate::store::samples::NewSample;
use crate::teaching::KeptVerdict;

const MOST_VERDICTS: usize = 50;

pub(super) fn teach(service: &Recommender) -> BoxStream<'static, Result<pb::Verdict, Status>> {
    let (lease, news) = (service.teaching.begin(), service.teaching.news());
    let galleries = Arc::clone(&service.galleries);
    let verdicts = futures::stream::unfold((lease, news), move |(lease, mut news)| {
        let galleries = Arc::clone(&galleries);
        async move {
            let verdict = loop {
                match news.recv().await {
                    Ok(verdict) => break verdict,
                    // A reader that is too slow misses some.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            };
            Some((Ok(message(&verdict, &galleries, true)), (lease, news)))
        }
    });
    verdicts.take_until(service.shutdown.clone().cancelled_owned()).boxed()
}

pub(super) fn list(
    service: &Recommender,
    request: pb::ListVerdictsRequest,
) -> Result<pb::ListVerdictsResponse, Status> {
    let verdicts = kept(service)?;
    let message = |verdict: &Arc<KeptVerdict>| message(verdict, &service.galleries, request.with_pictures);
    Ok(pb::ListVerdictsResponse { verdicts: verdicts.iter().map(message).collect() })
}

pub(super) async fn add_samples(
    service: &Recommender,
    request: pb::AddVerdictSamplesRequest,
) -> Result<pb::AddSamplesResponse, Status> {
    let label = service.existing_label(convert::label_id(request.label_id)?).await?.id;
    let mut ids = request.verdict_ids;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() > MOST_VERDICTS {
        return Err(Status::invalid_argument(format!(
            "verdict_ids: there are {}; give 1 to {MOST_VERDICTS}",
            ids.len()
        )));
    }
    let verdicts = kept(service)?;
    let find = |id: &i64| {
        let found = verdicts.iter().find(|verdict| verdict.id == *id).cloned();
        found.ok_or_else(|| Status::not_found(format!("verdict_ids: verdict {id} is not kept (any more)")))
    };
    let chosen = ids.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let embedded = futures::stream::iter(chosen).map(|verdict| async move {
        let frame = Some(verdict.embedding.clone());
        let (fingerprint, views) = service.link.embed_frame(frame, verdict.picture.clone()).await?;
        let picture = service.keep_pictures.then(|| verdict.picture.to_vec());
        Ok::<_, Status>((fingerprint, (NewSample { label, picture }, views)))
    });
    let embedded: Vec<_> = embedded.buffered(2).try_collect().await?;
    let model = embedded[0].0.clone();
    if embedded.iter().any(|(fingerprint, _)| *fingerprint != model) {
        return Err(status::model_changed());
    }
    let samples = embedded.into_iter().map(|(_, sample)| sample).collect();
    let added = service.galleries.add_samples(model, samples, None).await.map_err(status::add)?;
    Ok(pb::AddSamplesResponse { samples: added.samples.into_iter().map(convert::sample).collect() })
}

fn kept(service: &Recommender) -> Result<Vec<Arc<KeptVerdict>>, Status> {
    service.teaching.verdicts().ok_or_else(|| {
        Status::failed_precondition("nobody is teaching; verdicts are kept while a Teach stream is open")
    })
}

fn message(verdict: &KeptVerdict, galleries: &Galleries, with_picture: bool) -> pb::Verdict {
    pb::Verdict {
        id: verdict.id,
        captured_at: verdict.captured_at,
        recognition: Some(convert::recognition(&verdict.recognition, galleries)),
        picture: if with_picture { verdict.picture.clone() } else { Default::default() },
    }
}
