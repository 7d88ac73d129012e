//! A stand-in for SAP Marketing Cloud, for demos and tests only.
//!
//! So far it only starts: it answers for its own health and says plainly that
//! it simulates nothing yet. No service calls it.

use std::net::SocketAddr;

use clap::Parser as _;
use mirror_ops::readiness::Readiness;
use mirror_ops::{http, listen, probe, shutdown, telemetry};
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::reply::Reply;

const TEXT: &str = "This is the simulator of SAP Marketing Cloud of the smart mirror.\n\
    It is no SAP product, and it simulates nothing yet.\n";

/// A stand-in for SAP Marketing Cloud, for demos and tests only.
#[derive(Debug, clap::Parser)]
#[command(name = "mirror-sap-simulator", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// Where it listens.
    #[arg(long, env = "MIRROR_SAP_SIMULATOR_ADDR", default_value = "127.0.0.1:8090")]
    addr: SocketAddr,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Ask a running simulator whether it is ready; exits with 1 when not.
    Healthcheck,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if let Some(Command::Healthcheck) = cli.command {
        return probe::ready(cli.addr).await;
    }
    telemetry::init_logs();
    let shutdown = shutdown::on_signal()?;
    let listener = listen::bind(cli.addr, "the simulator", "MIRROR_SAP_SIMULATOR_ADDR").await?;
    tracing::info!(addr = %listener.local_addr()?, "Simulator is ready");
    http::serve(routes(), listener, shutdown).await;
    Ok(())
}

fn routes() -> BoxedFilter<(impl Reply,)> {
    let about = warp::path::end().and(warp::get()).map(|| TEXT.into_response());
    about.or(http::routes(Readiness::default())).unify().boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_says_what_it_is_and_that_it_is_well() {
        let about = warp::test::request().path("/").reply(&routes()).await;
        assert!(String::from_utf8_lossy(about.body()).contains("simulates nothing yet"));
        assert_eq!(warp::test::request().path("/readyz").reply(&routes()).await.status(), 200);
    }
}
