//! kill -9 at any moment: what was acknowledged is there, and no half change is.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod support;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures::StreamExt as _;
use mirror_proto::recommender::v1 as pb;
use pb::training_service_client::TrainingServiceClient;
use sqlx::Connection as _;
use support::{FakeInference, PATIENCE, image_sample};
use tonic::transport::Channel;

const ROUNDS: u64 = 100;

/// What was taught: label names with their numbers of samples.
type State = BTreeMap<String, u32>;

/// A recommender in a process of its own.
struct Process {
    child: Child,
    client: TrainingServiceClient<Channel>,
}

impl Process {
    async fn start(data: &Path, inference: SocketAddr) -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let (grpc, http) = (free(), free());
        let child = Command::new(env!("CARGO_BIN_EXE_mirror-recommender"))
            .args(["--grpc-addr", &grpc, "--http-addr", &http, "--inference-addr", &inference.to_string()])
            .arg("--data-dir")
            .arg(data)
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let channel = mirror_ops::grpc::connect(&grpc).unwrap();
        let mut client = TrainingServiceClient::new(channel);
        let known = async {
            loop {
                match client.get_gallery(pb::GetGalleryRequest {}).await {
                    Ok(gallery) if !gallery.get_ref().model_fingerprint.is_empty() => return,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, known).await.expect("it starts");
        Self { child, client }
    }

    async fn state(&mut self) -> State {
        let labels = self.client.list_labels(pb::ListLabelsRequest {}).await.unwrap().into_inner().labels;
        labels.into_iter().map(|label| (label.name, label.sample_count)).collect()
    }

    async fn label(&mut self, name: &str) -> Result<i64, tonic::Status> {
        let request = pb::CreateLabelRequest { name: name.to_owned(), ..Default::default() };
        Ok(self.client.create_label(request).await?.into_inner().id)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A change that is under way when the process is killed.
#[derive(Clone, Copy, Debug)]
enum Change {
    AddSamples,
    Capture,
    DeleteLabel,
    Import,
    Undo,
}

const CHANGES: [Change; 5] =
    [Change::AddSamples, Change::Capture, Change::DeleteLabel, Change::Import, Change::Undo];

/// Makes the change on label `id`; the answer is how many samples were
/// acknowledged while it ran (a capture's), and whether it was as a whole.
async fn make(
    change: Change,
    mut client: TrainingServiceClient<Channel>,
    id: i64,
    archive: Vec<u8>,
    taken: tokio::sync::watch::Sender<u32>,
) -> Result<(), tonic::Status> {
    match change {
        Change::AddSamples => {
            let samples = vec![image_sample(id, "green"); 30];
            drop(client.add_samples(futures::stream::iter(samples)).await?);
        }
        Change::Capture => {
            let request = pb::CaptureSamplesRequest { label_id: id, count: 50 };
            let mut progress = client.capture_samples(request).await?.into_inner();
            while let Some(progress) = progress.next().await {
                taken.send_replace(progress?.captured);
            }
        }
        Change::DeleteLabel => {
            drop(client.delete_label(pb::DeleteLabelRequest { label_id: id }).await?);
        }
        Change::Import => {
            let chunks: Vec<_> = archive
                .chunks(4096)
                .map(|data| pb::ImportDatasetChunk { data: data.to_vec().into() })
                .collect();
            drop(client.import_dataset(futures::stream::iter(chunks)).await?);
        }
        Change::Undo => drop(client.undo_last_change(pb::UndoLastChangeRequest::default()).await?),
    }
    Ok(())
}

/// The same numbers every time, spread over a range.
fn dice(round: u64, below: u64) -> u64 {
    (round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % below
}

async fn check_database(data: &Path) {
    let url = format!("sqlite://{}", data.join("mirror.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let integrity: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!(integrity, "ok");
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(broken.is_empty());
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_kills_lose_nothing_acknowledged_and_leave_no_half_change() {
    let data = tempfile::tempdir().unwrap();
    let inference = FakeInference::start().await;
    let frames = async {
        let mut pace = tokio::time::interval(Duration::from_millis(5));
        for i in 0.. {
            pace.tick().await;
            let angle = i as f32;
            let values =
                [angle.cos(), angle.sin() * (0.37 * angle).cos(), angle.sin() * (0.37 * angle).sin(), 0.0];
            inference.show(values, 0.2);
        }
    };
    let rounds = async {
        let mut process = Process::start(data.path(), inference.addr).await;
        let archive = archive(&mut process).await;
        // Every state since the start, for undo.
        let mut history = vec![process.state().await];
        let (mut unfinished, mut imported) = (0, 0);
        for round in 0..ROUNDS {
            let change = CHANGES[(round % CHANGES.len() as u64) as usize];
            let name = format!("Label {round}");
            let id = process.label(&name).await.unwrap();
            history.push(process.state().await);
            if matches!(change, Change::DeleteLabel) {
                let samples = vec![image_sample(id, "red"); 10];
                process.client.add_samples(futures::stream::iter(samples)).await.unwrap();
                history.push(process.state().await);
            }
            let before = history.last().unwrap().clone();
            let (taken, told) = tokio::sync::watch::channel(0);
            let mut running = tokio::spawn(make(change, process.client.clone(), id, archive.clone(), taken));
            let moment = Duration::from_micros(dice(round, 12_000));
            let done = tokio::time::timeout(moment, &mut running).await;
            process.child.kill().unwrap();
            process.child.wait().unwrap();
            let made = match done {
                Ok(made) => made,
                Err(_) => running.await,
            };
            let acknowledged = made.unwrap().is_ok();
            let told = *told.borrow();
            unfinished += u32::from(!acknowledged);
            drop(process);

            check_database(data.path()).await;
            process = Process::start(data.path(), inference.addr).await;
            let now = process.state().await;
            let same = now == before;
            assert!(!(acknowledged && same), "{change:?} was acknowledged and is gone");
            let with = |name: &str, count: u32| {
                let mut state = before.clone();
                state.insert(name.to_owned(), count);
                state
            };
            let whole = match change {
                Change::AddSamples => now == with(&name, 30),
                Change::Capture => {
                    let captured = now.get(&name).copied().unwrap_or(0);
                    assert!(captured >= told, "{captured} samples of {told} acknowledged");
                    now == with(&name, captured)
                }
                Change::DeleteLabel => {
                    let mut state = before.clone();
                    state.remove(&name);
                    now == state
                }
                Change::Import => {
                    let mut state = before.clone();
                    state.extend([("Archived 0".to_owned(), 20), ("Archived 1".to_owned(), 20)]);
                    now == state
                }
                Change::Undo => now == history[history.len() - 2],
            };
            assert!(same || whole, "{change:?}: {before:?} became {now:?}");
            match change {
                Change::Undo if !same => drop(history.pop()),
                // So that the next one finds nothing that it brings.
                Change::Import => {
                    imported += u32::from(!same);
                    return_to_start(&mut process, &mut history).await;
                }
                _ if same => {}
                _ => history.push(now),
            }
        }
        println!("{unfinished} of {ROUNDS} changes were cut off, {imported} imports were not");
        assert!(imported > 0 && unfinished > 10, "the kills came too late to show anything");
    };
    tokio::select! {
        () = rounds => {}
        () = frames => unreachable!("frames never end"),
    }
}

/// An archive of two labels with twenty samples each; the database is empty again
/// afterwards.
async fn archive(process: &mut Process) -> Vec<u8> {
    for number in 0..2 {
        let id = process.label(&format!("Archived {number}")).await.unwrap();
        let distinct = (0..20).map(|i| {
            let angle = 0.05 * f64::from(i) + f64::from(number);
            let picture = format!("{} {} 0 0", angle.cos(), angle.sin());
            let source = pb::add_sample_request::Source::Image(picture.into_bytes().into());
            pb::AddSampleRequest { label_id: id, source: Some(source), views: Vec::new() }
        });
        let samples: Vec<_> = distinct.collect();
        process.client.add_samples(futures::stream::iter(samples)).await.unwrap();
    }
    let mut chunks = process.client.export_dataset(pb::ExportDatasetRequest {}).await.unwrap().into_inner();
    let mut archive = Vec::new();
    while let Some(chunk) = chunks.message().await.unwrap() {
        archive.extend_from_slice(&chunk.data);
    }
    let mut nothing = Vec::new();
    return_to_start(process, &mut nothing).await;
    archive
}

/// Takes everything back, so that each import is the first one.
async fn return_to_start(process: &mut Process, history: &mut Vec<State>) {
    while process.client.undo_last_change(pb::UndoLastChangeRequest::default()).await.is_ok() {}
    *history = vec![process.state().await];
    assert!(history[0].is_empty());
}
