//! Which provider, and how it is reached: flags, environment variables, and
//! secrets from files or the environment.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::Provider;
use super::catalogue::{Catalogue, CatalogueError};
use super::emarsys::{Emarsys, Merchant};
use super::http::{Http, Limits, SetupError};
use super::occ::{Occ, Shop};
use super::products::{ProductSource, Products};
use super::sap::cache_service::{AccessValues, CacheService, Cached};
use super::sap::product_master::{self, ProductMaster};
use super::sap::runtime::{self, Runtime, Viewer};
use super::sap::session::{Account, Session};

const EMARSYS_URL: &str = "https://recommender.scarabresearch.com/";

/// Where recommendations come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ProviderKind {
    /// SAP Marketing Cloud's runtime service.
    SapRuntime,
    /// SAP's recommendation cache on the cloud platform.
    SapCache,
    /// SAP Emarsys.
    Emarsys,
    /// A local file.
    Catalogue,
    /// Nowhere: labels are shown alone.
    None,
}

/// Where product names, pictures and prices come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ProductsKind {
    /// SAP Marketing Cloud's product master; no prices.
    ProductMaster,
    /// SAP's recommendation cache; no prices.
    SapCache,
    /// SAP Commerce's web services.
    Occ,
    /// Nowhere: products are shown by their numbers.
    None,
}

/// Settings of recommendations. docs/recommendations.md leads through them.
#[derive(Clone, Debug, clap::Args)]
pub struct ProviderSettings {
    /// Where recommendations come from; unset: the catalogue if there is one,
    /// else nowhere.
    #[arg(long, env = "MIRROR_PROVIDER")]
    pub provider: Option<ProviderKind>,

    /// The file of the provider "catalogue".
    #[arg(long, env = "MIRROR_CATALOGUE")]
    pub catalogue: Option<PathBuf>,

    /// The API host of SAP Marketing Cloud (https://my300000-api.s4hana.ondemand.com).
    #[arg(long, env = "MIRROR_SAP_URL")]
    pub sap_url: Option<Url>,

    /// sap-client, where the host serves more than one.
    #[arg(long, env = "MIRROR_SAP_CLIENT", default_value = "")]
    pub sap_client: String,

    /// The communication user. Its password: MIRROR_SAP_PASSWORD or
    /// MIRROR_SAP_PASSWORD_FILE.
    #[arg(long, env = "MIRROR_SAP_USER", default_value = "")]
    pub sap_user: String,

    /// The recommendation scenario; more than one, with commas: the next ones fill
    /// up what the first leaves free.
    #[arg(long, env = "MIRROR_SAP_SCENARIO", value_delimiter = ',', default_value = "MIRROR_TRIGGER")]
    pub sap_scenario: Vec<String>,

    /// The address of the recommendation cache (https://HOST/reco). Its four
    /// access values: MIRROR_SAP_ACCESS_L54AD1F204, _K13, _V and _K14, each also
    /// with _FILE.
    #[arg(long, env = "MIRROR_SAP_CACHE_URL")]
    pub sap_cache_url: Option<Url>,

    /// Where the products of labels without an origin of their own come from.
    #[arg(long, env = "MIRROR_PRODUCT_ORIGIN", default_value = "SAP_HYBRIS_PRODUCT")]
    pub product_origin: String,

    /// Where product names, pictures and prices come from; unset: the product
    /// master for sap-runtime, the cache itself for sap-cache.
    #[arg(long, env = "MIRROR_PRODUCTS")]
    pub products: Option<ProductsKind>,

    /// SAP Commerce's web services (https://api.shop.example/occ/v2).
    #[arg(long, env = "MIRROR_OCC_URL")]
    pub occ_url: Option<Url>,

    /// The base site there.
    #[arg(long, env = "MIRROR_OCC_SITE", default_value = "")]
    pub occ_site: String,

    /// The currency of prices (EUR); unset: the site's own.
    #[arg(long, env = "MIRROR_OCC_CURRENCY", default_value = "")]
    pub occ_currency: String,

    /// Where relative addresses of pictures are; unset: on MIRROR_OCC_URL's host.
    #[arg(long, env = "MIRROR_OCC_MEDIA_URL")]
    pub occ_media_url: Option<Url>,

    /// Where the shop's product pages are; unset: cards have no links.
    #[arg(long, env = "MIRROR_OCC_PAGES_URL")]
    pub occ_pages_url: Option<Url>,

    /// The recommender of Emarsys.
    #[arg(long, env = "MIRROR_EMARSYS_URL", default_value = EMARSYS_URL)]
    pub emarsys_url: Url,

    /// The merchant id there.
    #[arg(long, env = "MIRROR_EMARSYS_MERCHANT", default_value = "")]
    pub emarsys_merchant: String,

    /// What Emarsys recommends by: RELATED, ALSO_BOUGHT, POPULAR, ...
    #[arg(long, env = "MIRROR_EMARSYS_LOGIC", default_value = "RELATED")]
    pub emarsys_logic: String,

    /// The currency of its prices (EUR); unset: no prices.
    #[arg(long, env = "MIRROR_EMARSYS_CURRENCY", default_value = "")]
    pub emarsys_currency: String,

    /// A pseudonym of this device, up to 64 letters and digits, which the provider
    /// is told; unset: it is told nothing.
    #[arg(long, env = "MIRROR_DEVICE_ID", default_value = "", value_parser = parse_device_id)]
    pub device_id: String,

    /// The most a connection to the provider may take, in milliseconds.
    #[arg(long, env = "MIRROR_PROVIDER_CONNECT_TIMEOUT_MS", default_value = "1000", value_parser = clap::value_parser!(u32).range(50..=60_000))]
    pub provider_connect_timeout_ms: u32,

    /// The most a request to the provider may take, in milliseconds.
    #[arg(long, env = "MIRROR_PROVIDER_TIMEOUT_MS", default_value = "2000", value_parser = clap::value_parser!(u32).range(50..=60_000))]
    pub provider_timeout_ms: u32,

    /// A file of certificates (PEM) to trust beside the system's.
    #[arg(long, env = "MIRROR_PROVIDER_CA_FILE")]
    pub provider_ca_file: Option<PathBuf>,

    /// Impressions are summed up over this time before they are sent, in seconds.
    #[arg(long, env = "MIRROR_FEEDBACK_WINDOW_SECONDS", default_value = "300", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub feedback_window_seconds: u32,

    /// From files or the environment alone: flags can be seen by every user.
    #[arg(skip = Secrets::from_environment())]
    pub secrets: Secrets,
}

/// What is never shown. Each from NAME, or the file that NAME_FILE names.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// `MIRROR_SAP_PASSWORD`.
    pub sap_password: Secret,
    /// `MIRROR_SAP_ACCESS_L54AD1F204`, `_K13`, `_V`, `_K14`.
    pub sap_access: [Secret; 4],
}

/// A secret that was set, or not, or can't be read.
#[derive(Clone, Debug, Default)]
pub enum Secret {
    /// Not set.
    #[default]
    Unset,
    /// Set.
    Set(SecretString),
    /// Set wrongly; in words.
    Unreadable(String),
}

const ACCESS: [&str; 4] =
    ["MIRROR_SAP_ACCESS_L54AD1F204", "MIRROR_SAP_ACCESS_K13", "MIRROR_SAP_ACCESS_V", "MIRROR_SAP_ACCESS_K14"];
const PASSWORD: &str = "MIRROR_SAP_PASSWORD";

impl Secrets {
    fn from_environment() -> Self {
        Self { sap_password: Secret::named(PASSWORD), sap_access: ACCESS.map(Secret::named) }
    }
}

impl Secret {
    fn named(name: &str) -> Self {
        let file = std::env::var_os(format!("{name}_FILE")).filter(|path| !path.is_empty());
        Self::of(name, std::env::var(name).ok(), file.map(PathBuf::from))
    }

    fn of(name: &str, value: Option<String>, file: Option<PathBuf>) -> Self {
        match (value.filter(|value| !value.is_empty()), file) {
            (None, None) => Self::Unset,
            (Some(value), None) => Self::Set(value.into()),
            (Some(_), Some(_)) => Self::Unreadable(format!("{name} and {name}_FILE are both set; use one")),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                // Editors end files with a line break.
                Ok(text) if !text.trim().is_empty() => Self::Set(text.trim_end_matches(['\r', '\n']).into()),
                Ok(_) => Self::Unreadable(format!("{name}_FILE: {} is empty", path.display())),
                Err(error) => {
                    Self::Unreadable(format!("{name}_FILE: {} can't be read: {error}", path.display()))
                }
            },
        }
    }

    fn get(&self, name: &str) -> Result<SecretString, SettingsError> {
        match self {
            Self::Set(secret) => Ok(secret.clone()),
            Self::Unset => Err(SettingsError::Missing(format!("{name} or {name}_FILE"))),
            Self::Unreadable(why) => Err(SettingsError::Wrong(why.clone())),
        }
    }
}

/// Settings that don't go together. Each names the variable.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The provider needs more.
    #[error("{0} is not set; the provider needs it")]
    Missing(String),
    /// A value can't be used.
    #[error("{0}")]
    Wrong(String),
    /// The HTTP client.
    #[error(transparent)]
    Http(#[from] SetupError),
    /// The catalogue.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// What the settings make.
#[derive(Debug)]
pub struct Configured {
    /// Where recommendations come from.
    pub provider: Arc<dyn Provider>,
    /// The same, where it is SAP's runtime service.
    pub runtime: Option<Arc<Runtime>>,
    /// How it, and product pictures, are reached.
    pub http: Http,
}

impl ProviderSettings {
    /// The provider that is meant.
    #[must_use]
    pub fn kind(&self) -> ProviderKind {
        match (self.provider, &self.catalogue) {
            (Some(kind), _) => kind,
            (None, Some(_)) => ProviderKind::Catalogue,
            (None, None) => ProviderKind::None,
        }
    }

    /// How long a request may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.provider_timeout_ms.into())
    }

    /// Over which time impressions are summed up.
    #[must_use]
    pub fn feedback_window(&self) -> Duration {
        Duration::from_secs(self.feedback_window_seconds.into())
    }

    /// Every address that is set: what the mirror may ask.
    #[must_use]
    pub fn addresses(&self) -> Vec<&Url> {
        let urls =
            [&self.sap_url, &self.sap_cache_url, &self.occ_url, &self.occ_media_url, &self.occ_pages_url];
        let emarsys = Some(&self.emarsys_url).filter(|_| self.kind() == ProviderKind::Emarsys);
        urls.into_iter().flatten().chain(emarsys).collect()
    }

    /// Makes the provider; nothing is sent yet.
    ///
    /// # Errors
    /// When a setting is missing or wrong; the error names it.
    pub fn build(&self) -> Result<Configured, SettingsError> {
        let limits = Limits {
            connect: Duration::from_millis(self.provider_connect_timeout_ms.into()),
            total: self.timeout(),
            ca_file: self.provider_ca_file.clone(),
        };
        self.check_addresses()?;
        let http = Http::new(&limits, self.addresses())?;
        let mut runtime = None;
        let provider: Arc<dyn Provider> = match self.kind() {
            ProviderKind::SapRuntime => {
                let made = Arc::new(self.runtime(&http)?);
                runtime = Some(Arc::clone(&made));
                made
            }
            ProviderKind::SapCache => Arc::new(self.cached(&http)?),
            ProviderKind::Emarsys => Arc::new(self.emarsys(&http)?),
            ProviderKind::Catalogue => {
                let path = self.catalogue.as_ref();
                let path = path.ok_or_else(|| SettingsError::Missing("MIRROR_CATALOGUE".to_owned()))?;
                Arc::new(Catalogue::open(path)?)
            }
            ProviderKind::None => Arc::new(Catalogue::empty()),
        };
        Ok(Configured { provider, runtime, http })
    }

    fn check_addresses(&self) -> Result<(), SettingsError> {
        for url in self.addresses() {
            if !url.username().is_empty() || url.password().is_some() {
                let why =
                    "an address has a user name in it; set MIRROR_SAP_USER and MIRROR_SAP_PASSWORD instead";
                return Err(SettingsError::Wrong(why.to_owned()));
            }
            if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
                return Err(SettingsError::Wrong(format!(
                    "'{url}' is no address of a web service; use https://HOST"
                )));
            }
            if url.scheme() == "http" && !is_this_machine(url) {
                tracing::warn!(host = super::http::host(url), "Not encrypted: use https, also inside a shop");
            }
        }
        Ok(())
    }

    fn runtime(&self, http: &Http) -> Result<Runtime, SettingsError> {
        let url = needed(&self.sap_url, "MIRROR_SAP_URL")?;
        let scenarios: Vec<String> = self.sap_scenario.iter().map(|id| id.trim().to_owned()).collect();
        if scenarios.is_empty() || scenarios.iter().any(String::is_empty) {
            return Err(SettingsError::Wrong("MIRROR_SAP_SCENARIO: a scenario's id is empty".to_owned()));
        }
        let session = Session::new("sap-runtime", http.clone(), at(url, runtime::PATH), self.account()?);
        let products = self.products(http, ProductsKind::ProductMaster)?;
        let viewer = Viewer::of_device(&self.device_id);
        Ok(Runtime::new(session, scenarios, self.product_origin.clone(), viewer, products))
    }

    fn cached(&self, http: &Http) -> Result<Cached, SettingsError> {
        let service = self.cache_service(http)?;
        let products = self.products(http, ProductsKind::SapCache)?;
        let viewer = Viewer::of_device(&self.device_id);
        Ok(Cached::new(service, self.product_origin.clone(), viewer, products))
    }

    fn emarsys(&self, http: &Http) -> Result<Emarsys, SettingsError> {
        if self.emarsys_merchant.is_empty() {
            return Err(SettingsError::Missing("MIRROR_EMARSYS_MERCHANT".to_owned()));
        }
        let merchant = Merchant {
            base: self.emarsys_url.clone(),
            id: self.emarsys_merchant.clone(),
            logic: self.emarsys_logic.clone(),
            currency: self.emarsys_currency.clone(),
            visitor: self.device_id.clone(),
        };
        Ok(Emarsys::new(http.clone(), merchant))
    }

    fn products(&self, http: &Http, default: ProductsKind) -> Result<Products, SettingsError> {
        let source: Option<Arc<dyn ProductSource>> = match self.products.unwrap_or(default) {
            ProductsKind::ProductMaster => {
                let root = at(needed(&self.sap_url, "MIRROR_SAP_URL")?, product_master::PATH);
                let session = Session::new("product-master", http.clone(), root, self.account()?);
                Some(Arc::new(ProductMaster::new(session)))
            }
            ProductsKind::SapCache => Some(Arc::new(self.cache_service(http)?)),
            ProductsKind::Occ => {
                let base = needed(&self.occ_url, "MIRROR_OCC_URL")?.clone();
                if self.occ_site.is_empty() {
                    return Err(SettingsError::Missing("MIRROR_OCC_SITE".to_owned()));
                }
                let shop = Shop {
                    base,
                    site: self.occ_site.clone(),
                    currency: self.occ_currency.clone(),
                    media: self.occ_media_url.clone(),
                    pages: self.occ_pages_url.clone(),
                };
                Some(Arc::new(Occ::new(http.clone(), shop)))
            }
            ProductsKind::None => None,
        };
        Ok(Products::new(source))
    }

    fn cache_service(&self, http: &Http) -> Result<CacheService, SettingsError> {
        let url = needed(&self.sap_cache_url, "MIRROR_SAP_CACHE_URL")?;
        let [l54ad1f204, k13, v, k14] = &self.secrets.sap_access;
        let access = AccessValues {
            l54ad1f204: l54ad1f204.get(ACCESS[0])?,
            k13: k13.get(ACCESS[1])?,
            v: v.get(ACCESS[2])?,
            k14: k14.get(ACCESS[3])?,
        };
        CacheService::new(http.clone(), url, access)
            .map_err(|error| SettingsError::Wrong(format!("MIRROR_SAP_CACHE_URL: {error}")))
    }

    fn account(&self) -> Result<Account, SettingsError> {
        if self.sap_user.is_empty() {
            return Err(SettingsError::Missing("MIRROR_SAP_USER".to_owned()));
        }
        let password = self.secrets.sap_password.get(PASSWORD)?;
        Ok(Account { user: self.sap_user.clone(), password, client: self.sap_client.clone() })
    }
}

fn needed<'a>(url: &'a Option<Url>, name: &str) -> Result<&'a Url, SettingsError> {
    url.as_ref().ok_or_else(|| SettingsError::Missing(name.to_owned()))
}

/// A service's root on the host of `url`; what path that has is its own.
fn at(url: &Url, path: &str) -> Url {
    url.join(path).expect("a path of the program's own")
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn parse_device_id(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain && text.len() <= 64 {
        return Ok(text.to_owned());
    }
    Err("use up to 64 letters (A to Z), digits and hyphens, such as 16 random hex digits".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use secrecy::ExposeSecret as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Cli {
        #[command(flatten)]
        settings: ProviderSettings,
    }

    fn settings(arguments: &[&str]) -> ProviderSettings {
        Cli::parse_from(std::iter::once(&"test").chain(arguments)).settings
    }

    #[test]
    fn what_is_missing_is_named() {
        for (arguments, part) in [
            (&["--provider", "sap-runtime"][..], "MIRROR_SAP_URL"),
            (&["--provider", "sap-runtime", "--sap-url", "https://sap.example"], "MIRROR_SAP_USER"),
            (
                &["--provider", "sap-runtime", "--sap-url", "https://sap.example", "--sap-user", "U"],
                "MIRROR_SAP_PASSWORD or MIRROR_SAP_PASSWORD_FILE",
            ),
            (
                &["--provider", "sap-cache", "--sap-cache-url", "https://p.example/reco"],
                "MIRROR_SAP_ACCESS_L54AD1F204",
            ),
            (&["--provider", "emarsys"], "MIRROR_EMARSYS_MERCHANT"),
            (&["--provider", "catalogue"], "MIRROR_CATALOGUE"),
            (&["--provider", "emarsys", "--emarsys-url", "ftp://x"], "ftp://x"),
            (&["--sap-url", "https://user:secret@sap.example"], "MIRROR_SAP_USER"),
        ] {
            let error = settings(arguments).build().unwrap_err().to_string();
            assert!(error.contains(part) && !error.contains("secret"), "{arguments:?}: {error}");
        }
        assert_eq!(settings(&[]).build().unwrap().provider.name(), "none");
    }

    #[test]
    fn secrets_come_from_a_file_or_the_environment_and_are_never_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "pass word \n").unwrap();
        let path = || Some(file.path().to_owned());
        let secret = Secret::of("X", None, path());
        assert!(matches!(&secret, Secret::Set(secret) if secret.expose_secret() == "pass word "));
        assert!(!format!("{secret:?}").contains("pass word"));
        let both = Secret::of("X", Some("y".to_owned()), path()).get("X").unwrap_err().to_string();
        assert!(both.contains("X and X_FILE are both set"), "{both}");
        std::fs::write(file.path(), "").unwrap();
        let empty = Secret::of("X", None, path()).get("X").unwrap_err().to_string();
        assert!(empty.contains("is empty"), "{empty}");
        let gone = Secret::of("X", None, Some("/nowhere/x".into())).get("X").unwrap_err().to_string();
        assert!(gone.contains("/nowhere/x"), "{gone}");
    }
}
