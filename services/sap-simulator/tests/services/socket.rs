//! What only a socket shows: connections that break, hang or never end.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use mirror_ops::shutdown::Shutdown;
use mirror_sap_simulator::{BodyFault, Faults, Seed, Settings, Simulator};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const PATH: &str = "/occ/v2/mirror-shop/products/TEA-100?fields=FULL";
/// Nothing here takes this long unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    simulator: Simulator,
    addr: SocketAddr,
    shutdown: Shutdown,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(faults: Faults) -> Self {
        let simulator = Simulator::new(Seed::sample(), Settings::default());
        simulator.set_faults(faults);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let shutdown = Shutdown::new();
        let task = tokio::spawn(simulator.clone().serve(listener, shutdown.clone()));
        Self { simulator, addr, shutdown, task }
    }

    /// Sends a request and reads at most `limit` bytes of what comes.
    fn ask(&self, path: &str, limit: u64) -> JoinHandle<String> {
        let (addr, path) = (self.addr, path.to_owned());
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(addr).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n").unwrap();
            let mut answer = Vec::new();
            // A connection that is reset has sent what it has sent.
            let _ = stream.take(limit).read_to_end(&mut answer);
            String::from_utf8(answer).unwrap()
        })
    }

    async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_serves_and_tells_how_it_is() {
    let server = Server::start(Faults::default()).await;
    let answer = server.ask("/readyz", u64::MAX).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ready\n"), "{answer}");
    assert!(answer.contains("x-simulated-by: smart-mirror-sap-simulator"), "{answer}");
    let answer = server.ask(PATH, u64::MAX).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with('}'), "{answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_connection_ends_in_the_middle_of_the_body() {
    let server = Server::start(Faults { drop: true, ..Faults::default() }).await;
    let answer = server.ask(PATH, u64::MAX).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(body.starts_with('{') && body.len() == length.parse::<usize>().unwrap() / 2, "{answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hanging_request_is_answered_by_nothing_but_the_end() {
    let server = Server::start(Faults { hang: true, ..Faults::default() }).await;
    let answer = server.ask(PATH, u64::MAX);
    while server.simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.simulator.requests()[0].status, 0);
    assert!(!answer.is_finished());
    server.stop().await;
    let answer = answer.await.unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 503"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_body_goes_on_for_as_long_as_it_is_read() {
    let server = Server::start(Faults { body: Some(BodyFault::Endless), ..Faults::default() }).await;
    let megabytes = 20 * 1024 * 1024;
    let answer = server.ask(PATH, megabytes).await.unwrap();
    assert_eq!(answer.len() as u64, megabytes);
    assert!(answer.contains("transfer-encoding: chunked"), "{}", &answer[..500]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_can_be_late() {
    let server = Server::start(Faults { latency_ms: 150, ..Faults::default() }).await;
    let start = std::time::Instant::now();
    let answer = server.ask(PATH, u64::MAX).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && start.elapsed() >= Duration::from_millis(150));
    server.stop().await;
}
