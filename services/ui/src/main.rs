//! The ui service's process.

use clap::Parser as _;
use mirror_ops::{listen, probe, shutdown, telemetry};
use mirror_ui::config::{Cli, Command};

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Healthcheck) => return probe::ready(cli.config.addr).await,
        Some(Command::HashPin) => return hash_pin(),
        None => {}
    }
    telemetry::init_logs();
    let shutdown = shutdown::on_signal()?;
    let listener = listen::bind(cli.config.addr, "the pages", "MIRROR_UI_ADDR").await?;
    mirror_ui::run(&cli.config, listener, shutdown).await
}

fn hash_pin() -> anyhow::Result<()> {
    let pin = std::io::read_to_string(std::io::stdin())?;
    println!("{}", mirror_ui::hash_pin(&pin)?);
    Ok(())
}
