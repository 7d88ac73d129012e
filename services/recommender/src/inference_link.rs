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
use tonic::{Code, Status};

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

/// See the module's text. Clones share the connection.
#[derive(Clone, Debug)]
pub struct InferenceLink {
    /// Whether the service is there.
    pub state: watch::Receiver<LinkState>,
    /// The newest embedded frame; slower readers miss some.
    pub newest: watch::Receiver<Option<Arc<pb::EmbeddingEvent>>>,
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
        let subscription = subscribe(client.clone(), state_sender, newest_sender);
        tokio::spawn(async move { shutdown.run_until_cancelled(subscription).await });
        Ok(Self { state, newest, client, addr: addr.into() })
    }

    /// The embedding of a picture, and, if `picture_size` isn't 0, the picture
    /// itself, no longer than that many pixels.
    ///
    /// # Errors
    /// The inference service's own for a bad picture; UNAVAILABLE when it
    /// can't be reached.
    pub async fn embed_image(
        &self,
        image: Bytes,
        picture_size: u32,
    ) -> Result<pb::EmbedImageResponse, Status> {
        let request = pb::EmbedImageRequest { image, picture_size };
        let answer = self.client.clone().embed_image(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| self.explain(status))
    }

    /// Why the selected camera doesn't deliver, if the service knows.
    pub async fn camera_problem(&self) -> Option<String> {
        let mut client = self.client.clone();
        let answer = client.list_cameras(pb::ListCamerasRequest {});
        let answer = tokio::time::timeout(Duration::from_secs(1), answer).await.ok()?.ok()?;
        let selected = answer.into_inner().cameras.into_iter().find(|camera| camera.selected)?;
        (!selected.problem.is_empty()).then_some(selected.problem)
    }

    /// A broken connection comes as UNAVAILABLE or, when it broke during the
    /// call, as CANCELLED or UNKNOWN; the transport's own words help nobody.
    fn explain(&self, status: Status) -> Status {
        match status.code() {
            Code::InvalidArgument | Code::ResourceExhausted => Status::new(status.code(), status.message()),
            Code::Unavailable | Code::Cancelled | Code::Unknown => Status::unavailable(format!(
                "the inference service at {} can't be reached; try again",
                self.addr
            )),
            code => Status::new(code, format!("the inference service said: {}", status.message())),
        }
    }
}

async fn subscribe(
    client: Client,
    state: watch::Sender<LinkState>,
    newest: watch::Sender<Option<Arc<pb::EmbeddingEvent>>>,
) {
    let mut waits = retry::reconnect_waits();
    loop {
        let ended = session(client.clone(), &state, &newest).await.unwrap_or_else(|status| status);
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
async fn session(
    mut client: Client,
    state: &watch::Sender<LinkState>,
    newest: &watch::Sender<Option<Arc<pb::EmbeddingEvent>>>,
) -> Result<Status, Status> {
    let model = client.get_model(pb::GetModelRequest {}).await?.into_inner();
    let mut events = client.stream_embeddings(pb::StreamEmbeddingsRequest::default()).await?.into_inner();
    tracing::info!(model = model.id, fingerprint = model.fingerprint, "Inference service found");
    state.send_replace(LinkState::Here(Arc::new(model)));
    while let Some(event) = events.message().await? {
        newest.send_replace(Some(Arc::new(event)));
    }
    Ok(Status::unavailable("the inference service stopped"))
}
