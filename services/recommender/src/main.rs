//! The recommender's process.

use clap::Parser as _;
use mirror_ops::{probe, shutdown, telemetry};
use mirror_recommender::config::{Cli, Command};
use mirror_recommender::{bind, run};

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if let Some(Command::Healthcheck) = cli.command {
        return probe::ready(cli.config.http_addr).await;
    }
    telemetry::init_logs();
    let shutdown = shutdown::on_signal()?;
    let listeners = bind(&cli.config).await?;
    run(cli.config, listeners, shutdown).await
}
