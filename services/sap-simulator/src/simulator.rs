//! The simulator's state and what can be done with it from outside.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mirror_ops::readiness::Readiness;
use mirror_ops::shutdown::Shutdown;
use mirror_ops::{http, telemetry};
use tokio::net::TcpListener;
use warp::Filter as _;
use warp::filters::BoxedFilter;
use warp::hyper::body::Bytes;
use warp::reply::Response;

use crate::answer::marked;
use crate::dispatch;
use crate::faults::{Faults, Service};
use crate::record::{Feedback, Received, Record};
use crate::request::Request;
use crate::seed::Seed;
use crate::session::Sessions;
use crate::settings::Settings;
use crate::table::{ORIGIN, Product, Table};

/// The simulator. Clones share everything.
#[derive(Clone, Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    state: Mutex<State>,
    sessions: Mutex<Sessions>,
    faults: Mutex<Faults>,
    record: Mutex<Record>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) table: Table,
    pub(crate) feedback: Feedback,
    pictures: BTreeMap<String, Bytes>,
}

impl Simulator {
    /// A simulator that knows `seed`.
    #[must_use]
    pub fn new(seed: Seed, settings: Settings) -> Self {
        let products = seed.products.into_iter().map(|product| (product.id.clone(), product)).collect();
        let table = Table { scenarios: seed.scenarios, products, ..Table::default() };
        let pictures = seed.pictures.into_iter().map(|(name, data)| (name, data.into())).collect();
        let state = State { table, feedback: Feedback::default(), pictures };
        let shared = Shared {
            settings,
            state: Mutex::new(state),
            sessions: Mutex::default(),
            faults: Mutex::default(),
            record: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// All services and the page.
    #[must_use]
    pub fn routes(&self) -> BoxedFilter<(Response,)> {
        dispatch::routes(self.clone(), Shutdown::new())
    }

    /// Serves [`routes`](Self::routes) and `/livez`, `/readyz` and `/metrics`
    /// until `shutdown`.
    pub async fn serve(self, listener: TcpListener, shutdown: Shutdown) {
        telemetry::metrics();
        let health = http::routes(Readiness::default()).map(marked);
        let routes = health.or(dispatch::routes(self, shutdown.clone())).unify().boxed();
        http::serve(routes, listener, shutdown).await;
    }

    /// Replaces all faults; the default is none.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.shared.faults) = faults;
    }

    /// Ends all sessions, as if their time were up.
    pub fn expire_sessions(&self) {
        self.sessions().expire();
    }

    /// An edit, as a marketeer makes it: from now on `scenario` recommends
    /// `results` with the product `leading_id`. An empty one stands for all
    /// products that have no row: the fallback. A scenario that isn't there is
    /// made.
    pub fn recommend(&self, scenario: &str, leading_id: &str, results: &[&str], who: &str) {
        let leading = (ORIGIN.to_owned(), leading_id.to_owned());
        self.state().table.edit(scenario, leading, results, who);
    }

    /// Adds a product, or replaces the one with its id.
    pub fn set_product(&self, product: Product) {
        self.state().table.products.insert(product.id.clone(), product);
    }

    /// Adds a picture, or replaces the one of that file name, which ends in
    /// `.png`, `.jpg` or `.webp`.
    pub fn set_picture(&self, file: &str, data: Vec<u8>) {
        self.state().pictures.insert(file.to_owned(), data.into());
    }

    /// The requests to the services, oldest first; the newest ten thousand.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.record().all()
    }

    /// What the mirrors reported so far.
    #[must_use]
    pub fn feedback(&self) -> Feedback {
        self.state().feedback.clone()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared.state)
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        lock(&self.shared.sessions)
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        lock(&self.shared.record)
    }

    /// The faults as they are set.
    pub(crate) fn faults(&self) -> Faults {
        lock(&self.shared.faults).clone()
    }

    /// The faults that `request` to `service` meets, counted.
    pub(crate) fn meet_faults(&self, service: Service, request: &Request) -> Faults {
        lock(&self.shared.faults).meet(service, request)
    }

    pub(crate) fn picture(&self, file: &str) -> Option<Bytes> {
        self.state().pictures.get(file).cloned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
