//! Who sees to it that a thread is at work, and on what. The Edge TPU is preferred;
//! when it is lost the processor takes over at once, if it may, and the Edge TPU is
//! tried again.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use mirror_ops::readiness::Condition;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use super::thread::{Accelerator, Job, Launched, launch};
use super::watchdog::Beat;
use super::{Output, Running, Serving};
use crate::accelerator::backoff::Backoff;
use crate::accelerator::{AcceleratorChoice, AcceleratorSettings, Loss, LossReason, Twins};
use crate::inbox::Inbox;
use crate::model::self_test::SelfTestError;
use crate::model::{EngineError, ModelError};

/// How often it is looked whether the network comes back from its picture.
const LOOK: Duration = Duration::from_secs(5);

/// Without anything else to compute with, the service ends after so many failures in
/// a row, the loss counted, so that it is started anew.
const MOST_FAILURES: u32 = 6;

/// Why the service can't go on.
#[derive(Debug, thiserror::Error)]
pub enum EmbedderFailure {
    /// The network doesn't come back.
    #[error(
        "the network has been computing one picture for more than a minute; the service has to be started anew"
    )]
    Stuck,
    /// The Edge TPU stays away, and nothing else may compute.
    #[error("the Edge TPU doesn't come back, and nothing else may compute: {0}")]
    NoAccelerator(String),
}

/// Another network is wanted.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) twins: Twins,
    pub(super) answer: oneshot::Sender<Result<Serving, ModelError>>,
}

/// See the module's text.
pub(super) struct Supervisor {
    threads: Threads,
    twins: Twins,
    running: Running,
    ready: Condition,
    serving: watch::Sender<Serving>,
    /// Of the thread at work.
    number: u64,
    beat: Beat,
    losses: mpsc::UnboundedReceiver<(u64, Loss)>,
    backoff: Backoff,
    /// Since something computed last.
    failures: u32,
    /// When the Edge TPU is tried again.
    retry_at: Option<Instant>,
}

impl Supervisor {
    /// Brings the best of `twins` to work.
    pub(super) async fn start(
        twins: Twins,
        settings: AcceleratorSettings,
        inbox: Inbox,
        output: Output,
        running: Running,
        ready: Condition,
    ) -> Result<(Self, watch::Receiver<Serving>), ModelError> {
        let (loses, losses) = mpsc::unbounded_channel();
        let mut threads = Threads { settings, inbox, output, loses, launched: 0 };
        let (launched, refused) = threads.bring_up(&twins).await?;
        let model = Arc::clone(&launched.model);
        let (serving, receiver) = watch::channel(Serving { model, works: true, problem: None, lost: false });
        let mut this = Self {
            threads,
            twins,
            running,
            ready,
            serving,
            number: 0,
            beat: Beat::default(),
            losses,
            backoff: Backoff::default(),
            failures: 0,
            retry_at: None,
        };
        this.took_over(launched, refused.as_ref());
        Ok((this, receiver))
    }

    /// Goes on until the service can't.
    pub(super) async fn run(mut self, mut changes: mpsc::Receiver<Change>) -> EmbedderFailure {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let retry_at = self.retry_at;
            let due = async {
                match retry_at {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            let failure = tokio::select! {
                Some(change) = changes.recv() => { self.change(change).await; None }
                Some((number, loss)) = self.losses.recv() => {
                    // Of a thread that was replaced already it says nothing new.
                    if number == self.number { self.lose(loss).await; }
                    None
                }
                () = due => self.retry().await,
                _ = look.tick() => self.look(),
            };
            if let Some(failure) = failure {
                return failure;
            }
        }
    }

    async fn change(&mut self, change: Change) {
        // A device is opened once: for another network it has to be let go first.
        if self.serving.borrow().model.accelerator == Accelerator::EdgeTpu {
            self.stop_thread().await;
        }
        let changed = self.threads.bring_up(&change.twins).await;
        let answer = match changed {
            Ok((launched, refused)) => {
                self.twins = change.twins;
                self.backoff = Backoff::default();
                self.serving.send_modify(|serving| serving.lost = false);
                self.took_over(launched, refused.as_ref());
                Ok(self.serving.borrow().clone())
            }
            Err(error) => {
                if self.is_stopped() {
                    self.go_on().await;
                }
                Err(error)
            }
        };
        // To the end also when the caller gave up.
        let _ = change.answer.send(answer);
    }

    /// Goes back to the network that was stopped for a change that failed.
    async fn go_on(&mut self) {
        // It was at work, on the Edge TPU.
        self.serving.send_modify(|serving| serving.lost = true);
        match self.threads.bring_up(&self.twins).await {
            Ok((launched, refused)) => self.took_over(launched, refused.as_ref()),
            Err(error) => {
                self.failures += 1;
                self.refused(&error);
                self.nothing_computes(&as_loss(&error));
            }
        }
    }

    /// The Edge TPU was lost in the middle of its work.
    async fn lose(&mut self, loss: Loss) {
        tracing::warn!(reason = loss.reason.name(), detail = loss.detail, "Edge TPU lost");
        count_failure(loss.reason.name());
        self.failures += 1;
        self.retry_at = Some(Instant::now() + self.backoff.failed(Instant::now()));
        self.serving.send_modify(|serving| {
            serving.lost = true;
            serving.problem = Some(loss.detail.clone());
        });
        if self.threads.processor_may(&self.twins) {
            match self.threads.launch(&self.twins, Accelerator::Cpu).await {
                Ok(launched) => return self.at_work(launched),
                Err(error) => tracing::error!(%error, "The processor can't take over"),
            }
        }
        self.nothing_computes(&loss);
    }

    async fn retry(&mut self) -> Option<EmbedderFailure> {
        self.retry_at = None;
        match self.threads.launch(&self.twins, Accelerator::EdgeTpu).await {
            Ok(launched) => {
                self.took_over(launched, None);
                None
            }
            Err(error) => {
                self.refused(&error);
                if self.serving.borrow().works {
                    return None;
                }
                self.failures += 1;
                let loss = as_loss(&error);
                let give_up = self.failures >= MOST_FAILURES;
                // Who asks is told what it is now.
                self.nothing_computes(&loss);
                give_up.then_some(EmbedderFailure::NoAccelerator(loss.detail))
            }
        }
    }

    fn look(&mut self) -> Option<EmbedderFailure> {
        if !self.beat.is_stuck(Instant::now()) {
            return None;
        }
        // It can't be joined: its thread goes with the process.
        drop(self.take_running());
        Some(EmbedderFailure::Stuck)
    }

    /// A thread has taken the work over; `refused` is why it isn't on the Edge TPU.
    fn took_over(&mut self, launched: Launched, refused: Option<&ModelError>) {
        let accelerator = launched.model.accelerator;
        self.at_work(launched);
        self.retry_at = None;
        match refused {
            Some(error) => self.refused(error),
            None => {
                if accelerator == Accelerator::EdgeTpu {
                    self.backoff.works(Instant::now());
                }
                self.serving.send_modify(|serving| {
                    serving.problem = None;
                    serving.lost = false;
                });
            }
        }
    }

    fn at_work(&mut self, launched: Launched) {
        let Launched { number, model, thread, beat } = launched;
        tracing::info!(
            model = model.id,
            fingerprint = model.fingerprint,
            accelerator = model.accelerator.name(),
            detail = model.accelerator_detail,
            "The network is at work"
        );
        count_at_work(Some(model.accelerator));
        self.failures = 0;
        self.number = number;
        self.beat = beat;
        // The one before ends with what it has in hand.
        drop(self.running.lock().unwrap_or_else(PoisonError::into_inner).replace(thread));
        self.serving.send_modify(|serving| {
            serving.model = model;
            serving.works = true;
        });
        self.ready.holds();
    }

    /// The Edge TPU can't be used; it is tried again.
    fn refused(&mut self, error: &ModelError) {
        let Loss { reason, detail } = as_loss(error);
        let reason = reason.name();
        count_failure(reason);
        let now = Instant::now();
        // What was just refused is not asked again at once.
        self.retry_at = Some(now + self.backoff.failed(now).max(Duration::from_secs(1)));
        let news = self.serving.send_if_modified(|serving| {
            let news = serving.problem.as_ref() != Some(&detail);
            serving.problem = Some(detail.clone());
            news
        });
        // Said once, not at each try.
        if news {
            tracing::warn!(reason, detail, "No Edge TPU; it is tried again");
        }
    }

    fn nothing_computes(&mut self, loss: &Loss) {
        count_at_work(None);
        self.threads.inbox.refuse(loss.clone());
        self.serving.send_modify(|serving| serving.works = false);
        self.ready.lost(loss.to_string());
    }

    async fn stop_thread(&mut self) {
        let Some(thread) = self.take_running() else { return };
        let _nobody = self.threads.inbox.new_term();
        // It ends with what it has in hand, for which there is a deadline.
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
    }

    fn is_stopped(&self) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    fn take_running(&self) -> Option<std::thread::JoinHandle<()>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Starts threads.
struct Threads {
    settings: AcceleratorSettings,
    inbox: Inbox,
    output: Output,
    loses: mpsc::UnboundedSender<(u64, Loss)>,
    /// How many so far.
    launched: u64,
}

impl Threads {
    /// On the Edge TPU if it may and can be, else on the processor; then with the
    /// reason why not.
    async fn bring_up(&mut self, twins: &Twins) -> Result<(Launched, Option<ModelError>), ModelError> {
        let mut refused = None;
        if twins.edge_tpu.is_some() && self.settings.accelerator != AcceleratorChoice::Cpu {
            match self.launch(twins, Accelerator::EdgeTpu).await {
                Ok(launched) => return Ok((launched, None)),
                Err(error) if !self.processor_may(twins) => return Err(error),
                Err(error) => refused = Some(error),
            }
        }
        Ok((self.launch(twins, Accelerator::Cpu).await?, refused))
    }

    async fn launch(&mut self, twins: &Twins, on: Accelerator) -> Result<Launched, ModelError> {
        self.launched += 1;
        let job = Job {
            number: self.launched,
            twins: twins.clone(),
            settings: self.settings.clone(),
            inbox: self.inbox.clone(),
            output: Arc::clone(&self.output),
            beat: Beat::default(),
            ended: self.loses.clone(),
        };
        launch(job, on).await
    }

    fn processor_may(&self, twins: &Twins) -> bool {
        self.settings.accelerator != AcceleratorChoice::EdgeTpu && twins.cpu.is_some()
    }
}

fn as_loss(error: &ModelError) -> Loss {
    match error {
        ModelError::EdgeTpu { loss, .. }
        | ModelError::SelfTest {
            cause: SelfTestError::Engine { cause: EngineError::Lost(loss), .. }, ..
        } => loss.clone(),
        other => Loss { reason: LossReason::Refused, detail: other.to_string() },
    }
}

fn count_failure(reason: &'static str) {
    metrics::counter!("mirror_accelerator_failures_total", "reason" => reason).increment(1);
}

fn count_at_work(at_work: Option<Accelerator>) {
    for accelerator in [Accelerator::Cpu, Accelerator::EdgeTpu] {
        let works = f64::from(u8::from(at_work == Some(accelerator)));
        metrics::gauge!("mirror_accelerator", "accelerator" => accelerator.name()).set(works);
    }
}
