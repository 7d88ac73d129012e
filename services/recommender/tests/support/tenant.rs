//! A tenant of the provider: the simulator over real HTTP, and desks that ask it.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use clap::Parser as _;
use mirror_ops::shutdown::Shutdown;
use mirror_recommender::recommendations::desk::Desk;
use mirror_recommender::recommendations::settings::{ProviderSettings, Secret};
use mirror_recommender::recommendations::{ProductCard, Recommendations};
use mirror_sap_simulator::{Faults, Received, Seed, Settings, Simulator};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const PASSWORD: &str = "simulator";

pub struct Tenant {
    pub simulator: Simulator,
    pub addr: SocketAddr,
    shutdown: Shutdown,
    task: JoinHandle<()>,
}

impl Tenant {
    /// Mugs with tea, in lists that hold for `expiry`.
    pub async fn start(expiry: Duration) -> Self {
        let simulator = Simulator::new(Seed::sample(), Settings { expiry, ..Settings::default() });
        Self::serve(simulator, "127.0.0.1:0".parse().unwrap()).await
    }

    /// The same simulator, back at its address.
    pub async fn serve(simulator: Simulator, addr: SocketAddr) -> Self {
        let listener = TcpListener::bind(addr).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let shutdown = Shutdown::new();
        let task = tokio::spawn(simulator.clone().serve(listener, shutdown.clone()));
        Self { simulator, addr, shutdown, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub fn fails(&self, faults: Faults) {
        self.simulator.set_faults(faults);
    }

    /// It is gone, as if the network were.
    pub async fn stop(self) -> (Simulator, SocketAddr) {
        self.shutdown.cancel();
        self.task.await.unwrap();
        (self.simulator, self.addr)
    }

    /// The requests whose path ends so.
    pub fn asked(&self, path: &str) -> Vec<Received> {
        let all = self.simulator.requests();
        all.into_iter().filter(|request| request.path.ends_with(path)).collect()
    }

    /// Settings for a provider of this tenant.
    pub fn settings(&self, provider: &str, flags: &[&str]) -> ProviderSettings {
        settings_at(&self.url(), provider, flags)
    }

    pub async fn desk(&self, data: &Path, provider: &str, flags: &[&str]) -> Desk {
        desk(&self.settings(provider, flags), data).await
    }
}

#[derive(Debug, clap::Parser)]
struct Cli {
    #[command(flatten)]
    settings: ProviderSettings,
}

pub fn settings_at(url: &str, provider: &str, flags: &[&str]) -> ProviderSettings {
    let (reco, occ) = (format!("{url}/reco"), format!("{url}/occ/v2"));
    let mut arguments = vec!["test", "--provider", provider, "--sap-url", url];
    if !flags.contains(&"--sap-user") {
        arguments.extend(["--sap-user", "MIRROR"]);
    }
    arguments.extend(["--sap-cache-url", &reco, "--occ-url", &occ, "--occ-site", "mirror-shop"]);
    arguments.extend(["--emarsys-url", url, "--emarsys-merchant", "SIMULATOR", "--emarsys-currency", "EUR"]);
    arguments.extend(flags);
    let mut settings = Cli::try_parse_from(arguments).unwrap().settings;
    settings.secrets.sap_password = Secret::Set(PASSWORD.into());
    settings.secrets.sap_access = ["c2NlbmFyaW8x", "7", "1", "a1b2"].map(|value| Secret::Set(value.into()));
    settings
}

pub async fn desk(settings: &ProviderSettings, data: &Path) -> Desk {
    Desk::open(settings, data, Shutdown::new()).await.unwrap()
}

pub async fn get(desk: &Desk, product: &str) -> Recommendations {
    desk.cache.get(&product.into(), "en", Duration::from_secs(30)).await
}

pub fn ids(cards: &[ProductCard]) -> Vec<&str> {
    cards.iter().map(|card| card.product.id.as_str()).collect()
}

pub fn names(cards: &[ProductCard]) -> Vec<&str> {
    cards.iter().map(|card| card.name.as_str()).collect()
}
