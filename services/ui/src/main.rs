//! The ui service's process.

use clap::Parser as _;
use mirror_ops::{listen, probe, shutdown, telemetry};
use mirror_ui::config::{Cli, Command};

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if let Some(Command::Healthcheck) = cli.command {
        return probe::ready(cli.config.addr).await;
    }
    telemetry::init_logs();
    let shutdown = shutdown::on_signal()?;
    let listener = listen::bind(cli.config.addr, "the page", "MIRROR_UI_ADDR").await?;
    mirror_ui::run(&cli.config, listener, shutdown).await
}
