//! The connection to the inference service: a subscription that comes back by
//! itself, seen from here as two watch channels (the newest embedding, and
//! whether the service is there), and the calls that need an answer.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mirror_ops::shutdown::Shutdown;
use mirror_ops::{grpc, retry};
use mirror_proto::MAX_MESSAGE_BYTES;
use mirror_proto::inference::v1 as pb;
use mirror_proto::inference::v1::inference_service_client::InferenceServiceClient;
use tokio::sync::watch;
use tonic::codegen::Bytes;
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};

use crate::recognition::{Embedding, Views};

/// How often the model is asked for.
const MODEL_CHECK: Duration = Duration::from_secs(2);

type Client = InferenceServiceClient<Channel>;

/// Whether the inference service is there.
#[derive(Clone, Debug)]
pub enum LinkState {
    /// It isn't.
    Away {
        /// What the last try said.
        why: String,
        /// Since when.
        since: SystemTime,
    },
    /// It is, and computes with this model.
    Here(Arc<pb::Model>),
}

/// An Edge TPU that has computed and doesn't now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostAccelerator {
    /// Why, in the inference service's words.
    pub why: String,
    /// Whether the processor has taken over.
    pub replaced: bool,
}

/// See the module's text. Clones share the connection.
#[derive(Clone, Debug)]
pub struct InferenceLink {
    /// Whether the service is there.
    pub state: watch::Receiver<LinkState>,
    /// The newest embedded frame; slower readers miss some.
    pub newest: watch::Receiver<Option<Arc<pb::EmbeddingEvent>>>,
    /// Set while the service has lost its Edge TPU.
    pub accelerator: watch::Receiver<Option<LostAccelerator>>,
    client: Client,
    addr: Arc<str>,
}

impl InferenceLink {
    /// Starts connecting to `addr` (HOST:PORT), and goes on until `shutdown`.
    ///
    /// # Errors
    /// When `addr` is no HOST:PORT.
    pub fn start(addr: &str, shutdown: Shutdown) -> anyhow::Result<Self> {
        let client = Client::new(grpc::connect(addr)?)
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES);
        let away = LinkState::Away { why: "connecting".to_owned(), since: SystemTime::now() };
        let (state_sender, state) = watch::channel(away);
        let (newest_sender, newest) = watch::channel(None);
        let (accelerator_sender, accelerator) = watch::channel(None);
        let senders = Senders { state: state_sender, newest: newest_sender, accelerator: accelerator_sender };
        let subscription = subscribe(client.clone(), senders);
        tokio::spawn(async move { shutdown.run_until_cancelled(subscription).await });
        Ok(Self { state, newest, accelerator, client, addr: addr.into() })
    }

    /// The embedding of a picture.
    ///
    /// # Errors
    /// The inference service's own for a bad picture; UNAVAILABLE when it
    /// can't be reached.
    pub async fn embed_image(&self, image: Bytes) -> Result<pb::Embedding, Status> {
        let request = pb::EmbedImageRequest { image, ..Default::default() };
        Ok(self.embed(request).await?.embedding.unwrap_or_default())
    }

    /// The embeddings of a picture and its views, and, if `picture_size` isn't 0,
    /// the picture itself, no longer than that many pixels.
    ///
    /// # Errors
    /// As [`embed_image`](Self::embed_image).
    pub async fn embed_sample(&self, image: Bytes, picture_size: u32) -> Result<EmbeddedSample, Status> {
        let request = pb::EmbedImageRequest { image, picture_size, with_views: true };
        let answer = self.embed(request).await?;
        let unusable = |error| Status::internal(format!("the inference service gave no embedding: {error}"));
        let whole = answer.embedding.unwrap_or_default();
        let closer = answer.views.into_iter().map(|view| Embedding::new(view.values));
        let views = Views {
            whole: Embedding::new(whole.values).map_err(unusable)?,
            closer: closer.collect::<Result<_, _>>().map_err(unusable)?,
        };
        Ok(EmbeddedSample { fingerprint: whole.model_fingerprint, views, picture: answer.picture })
    }

    /// The model's fingerprint and the embeddings of a camera's frame: that of the
    /// frame itself, and of views of its small picture. The small picture as a whole
    /// looks a little different to a network.
    ///
    /// # Errors
    /// As [`embed_image`](Self::embed_image); ABORTED when the model has changed.
    pub async fn embed_frame(
        &self,
        frame: Option<pb::Embedding>,
        picture: Bytes,
    ) -> Result<(String, Views), Status> {
        let frame = frame.unwrap_or_default();
        let embedded = self.embed_sample(picture, 0).await?;
        if embedded.fingerprint != frame.model_fingerprint {
            return Err(Status::aborted("the model changed during the call; call again"));
        }
        let whole = Embedding::new(frame.values);
        let whole =
            whole.map_err(|error| Status::internal(format!("the frame has no embedding: {error}")))?;
        Ok((embedded.fingerprint, Views { whole, closer: embedded.views.closer }))
    }

    async fn embed(&self, request: pb::EmbedImageRequest) -> Result<pb::EmbedImageResponse, Status> {
        let answer = self.client.clone().embed_image(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| self.explain(status))
    }

    /// The embeddings of the service's built-in pictures.
    ///
    /// # Errors
    /// As [`embed_image`](Self::embed_image).
    pub async fn probes(&self) -> Result<Vec<pb::Embedding>, Status> {
        let answer = self.client.clone().embed_probes(pb::EmbedProbesRequest {}).await;
        answer.map(|answer| answer.into_inner().probes).map_err(|status| self.explain(status))
    }

    /// The camera's frames with small pictures, at most so many a second.
    ///
    /// # Errors
    /// As [`embed_image`](Self::embed_image).
    pub async fn frames(
        &self,
        max_rate_hz: f32,
        picture_size: u32,
    ) -> Result<Streaming<pb::EmbeddingEvent>, Status> {
        let request = pb::StreamEmbeddingsRequest { max_rate_hz, picture_size };
        let answer = self.client.clone().stream_embeddings(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| self.explain(status))
    }

    /// The selected camera, if the service answers.
    pub async fn selected_camera(&self) -> Option<pb::Camera> {
        let mut client = self.client.clone();
        let answer = client.list_cameras(pb::ListCamerasRequest {});
        let answer = tokio::time::timeout(Duration::from_secs(1), answer).await.ok()?.ok()?;
        answer.into_inner().cameras.into_iter().find(|camera| camera.selected)
    }

    /// A broken connection comes as UNAVAILABLE or, when it broke during the
    /// call, as CANCELLED or UNKNOWN; the transport's own words help nobody. What
    /// the service itself has said has no source.
    fn explain(&self, status: Status) -> Status {
        match status.code() {
            Code::InvalidArgument | Code::ResourceExhausted | Code::Aborted => {
                Status::new(status.code(), status.message())
            }
            Code::Unavailable if std::error::Error::source(&status).is_none() => {
                Status::unavailable(format!("the inference service said: {}", status.message()))
            }
            Code::Unavailable | Code::Cancelled | Code::Unknown => Status::unavailable(format!(
                "the inference service at {} can't be reached; try again",
                self.addr
            )),
            code => Status::new(code, format!("the inference service said: {}", status.message())),
        }
    }
}

/// A picture as the model sees it.
#[derive(Debug)]
pub struct EmbeddedSample {
    /// The model's fingerprint.
    pub fingerprint: String,
    /// Its embeddings.
    pub views: Views,
    /// The small picture, if it was asked for.
    pub picture: Bytes,
}

/// Where what the subscription hears goes.
struct Senders {
    state: watch::Sender<LinkState>,
    newest: watch::Sender<Option<Arc<pb::EmbeddingEvent>>>,
    accelerator: watch::Sender<Option<LostAccelerator>>,
}

impl Senders {
    fn tell_accelerator(&self, model: &pb::Model) {
        let lost = model.accelerator_lost.then(|| LostAccelerator {
            why: model.accelerator_problem.clone(),
            replaced: model.accelerator() != pb::Accelerator::Unspecified,
        });
        self.accelerator.send_if_modified(|before| {
            let news = *before != lost;
            *before = lost;
            news
        });
    }
}

async fn subscribe(client: Client, senders: Senders) {
    let state = &senders.state;
    let mut waits = retry::reconnect_waits();
    loop {
        let ended = session(client.clone(), &senders).await.unwrap_or_else(|status| status);
        // While the service is away its accelerator is nobody's trouble.
        senders.tell_accelerator(&pb::Model::default());
        let why =
            if ended.message().is_empty() { ended.code().to_string() } else { ended.message().to_owned() };
        let was_here = matches!(*state.borrow(), LinkState::Here(_));
        state.send_if_modified(|state| match state {
            LinkState::Away { why: old, .. } if *old == why => false,
            LinkState::Away { since, .. } => {
                *state = LinkState::Away { why: why.clone(), since: *since };
                true
            }
            LinkState::Here(_) => {
                *state = LinkState::Away { why: why.clone(), since: SystemTime::now() };
                true
            }
        });
        if was_here {
            tracing::warn!(why, "Inference service lost");
            metrics::counter!("mirror_inference_lost_total").increment(1);
            waits = retry::reconnect_waits();
        }
        tokio::time::sleep(waits.next().expect("the waits never end")).await;
    }
}

/// One connection, from the first answer to the stream's end.
async fn session(mut client: Client, senders: &Senders) -> Result<Status, Status> {
    let Senders { state, newest, .. } = senders;
    let mut model = client.get_model(pb::GetModelRequest {}).await?.into_inner();
    let mut events = client.stream_embeddings(pb::StreamEmbeddingsRequest::default()).await?.into_inner();
    tracing::info!(model = model.id, fingerprint = model.fingerprint, "Inference service found");
    state.send_replace(LinkState::Here(Arc::new(model.clone())));
    senders.tell_accelerator(&model);
    // Also while the camera delivers nothing a change of the model is noticed.
    let mut check = tokio::time::interval(MODEL_CHECK);
    loop {
        let changed = tokio::select! {
            event = events.message() => match event? {
                Some(event) => {
                    let of = event.embedding.as_ref().map(|embedding| embedding.model_fingerprint.as_str());
                    let changed = of != Some(&model.fingerprint);
                    newest.send_replace(Some(Arc::new(event)));
                    changed
                }
                None => return Ok(Status::unavailable("the inference service stopped")),
            },
            _ = check.tick() => true,
        };
        if changed {
            let now = client.get_model(pb::GetModelRequest {}).await?.into_inner();
            senders.tell_accelerator(&now);
            if now.fingerprint != model.fingerprint {
                tracing::info!(model = now.id, fingerprint = now.fingerprint, "The model changed");
                model = now;
                state.send_replace(LinkState::Here(Arc::new(model.clone())));
            }
        }
    }
}
