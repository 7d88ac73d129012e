//! The recommender's process.

use std::time::Duration;

use clap::Parser as _;
use mirror_ops::{probe, shutdown, telemetry};
use mirror_recommender::config::{Cli, Command, Config};
use mirror_recommender::recommendations::check;
use mirror_recommender::{bind, run};

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(start());
    // The system may be looking a name up, which can't be broken off.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn start() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Healthcheck) => return probe::ready(cli.config.http_addr).await,
        Some(Command::CheckProvider { product, language }) => {
            telemetry::init_logs();
            let Config { recommendations, data_dir, .. } = &cli.config;
            return check::run(recommendations, data_dir, product, &language).await;
        }
        None => {}
    }
    telemetry::init_logs();
    let shutdown = shutdown::on_signal()?;
    let listeners = bind(&cli.config).await?;
    run(cli.config, listeners, shutdown).await
}
