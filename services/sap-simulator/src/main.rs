//! The simulator's process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser as _;
use mirror_ops::{listen, probe, shutdown, telemetry};
use mirror_sap_simulator::{Seed, Settings, Simulator};

/// A stand-in for SAP Marketing Cloud, for demos and tests only. It is no SAP
/// product.
#[derive(Debug, clap::Parser)]
#[command(name = "mirror-sap-simulator", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// Where it listens.
    #[arg(long, env = "MIRROR_SAP_SIMULATOR_ADDR", default_value = "127.0.0.1:8090")]
    addr: SocketAddr,

    /// The catalogue whose products it knows and whose recommendations it
    /// starts with; unset: a small sample.
    #[arg(long, env = "MIRROR_SAP_SIMULATOR_CATALOGUE")]
    catalogue: Option<PathBuf>,

    /// How long mirrors may keep what they were told, in seconds: an edit
    /// shows after that.
    #[arg(long, env = "MIRROR_SAP_SIMULATOR_EXPIRY_SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(0..=86_400))]
    expiry_seconds: u64,

    /// The communication user that is let in.
    #[arg(long, env = "MIRROR_SAP_SIMULATOR_USER", default_value = "MIRROR")]
    user: String,

    /// That user's password. It protects nothing.
    #[arg(long, env = "MIRROR_SAP_SIMULATOR_PASSWORD", default_value = "simulator")]
    password: String,
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
    let seed = match &cli.catalogue {
        Some(path) => Seed::from_catalogue(path)?,
        None => Seed::sample(),
    };
    let settings = Settings {
        user: cli.user,
        password: cli.password,
        expiry: Duration::from_secs(cli.expiry_seconds),
        ..Settings::default()
    };
    let listener = listen::bind(cli.addr, "the simulator", "MIRROR_SAP_SIMULATOR_ADDR").await?;
    tracing::info!(
        addr = %listener.local_addr()?,
        "This is a simulator, not an SAP product: for demos and tests only"
    );
    Simulator::new(seed, settings).serve(listener, shutdown).await;
    Ok(())
}
