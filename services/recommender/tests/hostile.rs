//! A provider that means harm: it may fail to help, and nothing more. In a file
//! and so a process of its own, because it looks at the process's memory.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

#[path = "support/tenant.rs"]
#[allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
mod tenant;

use std::time::Duration;

use futures::FutureExt as _;
use mirror_recommender::recommendations::{Freshness, pictures};
use mirror_sap_simulator::{BodyFault, Faults, GzipFault, PictureFault, Service};
use tenant::{Tenant, get, ids};
use tokio::net::TcpListener;

const LONG: Duration = Duration::from_secs(600);
/// What decoding one picture may take, and an answer that is broken off, over
/// what the process has anyway.
const MOST_MEMORY: u64 = 160 * 1024 * 1024;

#[tokio::test]
async fn it_costs_bounded_memory_and_shows_nothing_dangerous() {
    let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let trapped = format!("http://{}/", trap.local_addr().unwrap());
    let before = most_memory();

    let body = |body| Faults { body: Some(body), ..Faults::default() };
    let answers = [
        body(BodyFault::Endless),
        body(BodyFault::Huge),
        body(BodyFault::Deep),
        Faults { gzip: GzipFault::Bomb, ..Faults::default() },
        Faults { redirect: Some(trapped.clone()), ..Faults::default() },
    ];
    for faults in answers {
        for (provider, flags) in [
            ("sap-runtime", &["--products", "occ"][..]),
            ("sap-runtime", &["--products", "product-master"]),
            ("sap-cache", &[]),
            ("emarsys", &[]),
        ] {
            let tenant = Tenant::start(LONG).await;
            tenant.fails(faults.clone());
            let folder = tempfile::tempdir().unwrap();
            let desk = tenant.desk(folder.path(), provider, flags).await;
            let found = get(&desk, "MUG-001").await;
            assert_eq!(found.freshness, Freshness::None, "{provider} {flags:?} {faults:?}");
        }
    }

    let files = [
        PictureFault::Svg,
        PictureFault::HugeFile,
        PictureFault::Bomb,
        PictureFault::Broken,
        PictureFault::WrongType,
        PictureFault::Redirect(trapped),
    ];
    for fault in files {
        let tenant = Tenant::start(LONG).await;
        tenant.fails(Faults {
            only: vec![Service::Media],
            picture: Some(fault.clone()),
            ..Faults::default()
        });
        let folder = tempfile::tempdir().unwrap();
        let desk = tenant.desk(folder.path(), "emarsys", &[]).await;
        let cards = get(&desk, "MUG-001").await.items;
        assert_eq!(ids(&cards), ["TEA-100", "TEA-200"], "{fault:?}");
        for card in &cards {
            let id = pictures::id(card.picture.as_ref().unwrap());
            assert!(desk.pictures.get(&id).await.is_none(), "{fault:?}");
        }
    }
    assert!(trap.accept().now_or_never().is_none(), "the mirror was sent into its own network");

    let grown = most_memory() - before;
    assert!(grown < MOST_MEMORY, "{} MB", grown / 1024 / 1024);
}

/// The most memory that the process ever had, in bytes.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}
