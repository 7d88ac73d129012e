//! Logs to standard error, metrics to Prometheus.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Upper bounds of the latency histograms, in seconds: a frame's stages take
/// from tens of microseconds to some hundred milliseconds, a provider on the
/// internet up to seconds.
const LATENCY_BUCKETS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Starts logging. `MIRROR_LOG` filters (`info` unless set, syntax of
/// `tracing_subscriber::EnvFilter`); `MIRROR_LOG_FORMAT=json` writes a JSON
/// object a line. A second call changes nothing.
pub fn init_logs() {
    let _ = crate::process::started_at();
    // A browser that drops a request is no error of the server.
    let default = || EnvFilter::new("info,warp::server=off");
    let filter = EnvFilter::try_from_env("MIRROR_LOG").unwrap_or_else(|_| default());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let json = std::env::var("MIRROR_LOG_FORMAT").is_ok_and(|format| format == "json");
    // Fails only when a logger is set already, which is what is wanted.
    let _ = if json { logs.json().try_init() } else { logs.try_init() };
}

/// The process's metrics. The first call installs the recorder, so that
/// several services in one process (as in tests) share it.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCY_BUCKETS)
            .expect("the bucket list is not empty")
            .install_recorder()
            .expect("no other metrics recorder is installed in this process")
    })
}
