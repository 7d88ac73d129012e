//! The inference service's process.

use clap::Parser as _;
use mirror_inference::config::{Cli, Command};
use mirror_inference::{accelerator, bind, model, run};
use mirror_ops::{probe, shutdown, telemetry};

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Healthcheck) => return probe::ready(cli.config.http_addr).await,
        Some(Command::RecordReference { file }) => return model::self_test::record(&cli.config, &file),
        Some(Command::EdgeTpuWorker) => return accelerator::worker::run(),
        None => {}
    }
    telemetry::init_logs();
    let shutdown = shutdown::on_signal()?;
    let listeners = bind(&cli.config).await?;
    run(cli.config, listeners, shutdown).await
}
