//! How providers and product pictures reach the network: one client, with
//! limits on everything a server could stretch.
//!
//! A server may only send the client where the shop meant it to go: redirects
//! are followed on the same host alone, and a picture's address must be public
//! or the provider's own ([`Http::may_fetch`]), so that no answer can make the
//! mirror ask other machines of the shop.

mod address;
mod fault;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, RequestBuilder, StatusCode};
use url::Url;

pub use self::address::is_public;
use self::address::{Origin, Resolver};
pub use self::fault::HttpError;
pub(super) use self::fault::fault_of;

/// Most bytes of an answer that isn't a picture, unpacked.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
const MAX_REDIRECTS: usize = 3;

/// How the network is used.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For a request, from its start to the answer's last byte.
    pub total: Duration,
    /// A file of certificates (PEM) that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(1), total: Duration::from_secs(2), ca_file: None }
    }
}

/// The client can't be made. Each says which setting is wrong.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The file of certificates.
    #[error("MIRROR_PROVIDER_CA_FILE: {} {why}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The system's own certificates, or the client itself.
    #[error("the HTTP client can't be made: {0}")]
    Client(#[source] reqwest::Error),
}

/// The client.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client,
    /// Where the shop's settings point: asked whatever its address is.
    trusted: Arc<HashSet<Origin>>,
    /// The shop's proxies, which are nobody's business but the client's.
    proxies: Arc<HashSet<String>>,
    total: Duration,
}

/// A whole answer.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, unpacked.
    pub body: Vec<u8>,
}

impl Http {
    /// A client that trusts the hosts of `trusted`, which the shop has set.
    ///
    /// # Errors
    /// When the certificates can't be read.
    pub fn new<'a>(limits: &Limits, trusted: impl IntoIterator<Item = &'a Url>) -> Result<Self, SetupError> {
        let trusted: HashSet<Origin> = trusted.into_iter().filter_map(Origin::of).collect();
        let proxies: HashSet<String> = proxies().collect();
        let hosts = trusted.iter().map(|origin| &origin.host).chain(&proxies).cloned().collect();
        // Another part of the process may have installed one; then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("smart-mirror/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .dns_resolver(Arc::new(Resolver::new(hosts)))
            .redirect(Policy::custom(follow))
            .pool_max_idle_per_host(4)
            // Firewalls of shops drop what is silent for long, without a word.
            .pool_idle_timeout(Duration::from_secs(45))
            .tcp_nodelay(true);
        if let Some(path) = &limits.ca_file {
            builder = builder.tls_certs_merge(certificates(path)?);
        }
        let client = builder.build().map_err(SetupError::Client)?;
        Ok(Self { client, trusted: Arc::new(trusted), proxies: Arc::new(proxies), total: limits.total })
    }

    /// A GET request.
    pub fn get(&self, url: Url) -> RequestBuilder {
        self.client.get(url)
    }

    /// A POST request.
    pub fn post(&self, url: Url) -> RequestBuilder {
        self.client.post(url)
    }

    /// The time limit of a request.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.total
    }

    /// Sends it and takes the whole answer, whatever its status.
    ///
    /// # Errors
    /// When there is no whole answer in time, it is too large, or it leads to
    /// another host.
    pub async fn send(&self, request: RequestBuilder) -> Result<Reply, HttpError> {
        self.send_within(request, MAX_ANSWER_BYTES).await
    }

    /// The same with another limit of bytes.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_within(&self, request: RequestBuilder, most: usize) -> Result<Reply, HttpError> {
        let (client, request) = request.build_split();
        let request = request.map_err(|error| HttpError::of(&error, None))?;
        let url = request.url().clone();
        let failed = |error: reqwest::Error| HttpError::of(&error, Some(&url));
        let mut response = client.execute(request).await.map_err(failed)?;
        if response.status().is_redirection() {
            return Err(HttpError::redirected(&url, &response));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > most {
                return Err(HttpError::TooLarge { host: host(&url), most });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status: response.status(), headers: response.headers().clone(), body })
    }

    /// Whether an address that came from a server may be asked: http(s), and
    /// either where the shop's settings point or, as far as the address itself
    /// tells, on the public internet. Names are judged when they are resolved.
    #[must_use]
    pub fn may_fetch(&self, url: &Url) -> bool {
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
            return false;
        }
        if Origin::of(url).is_some_and(|origin| self.trusted.contains(&origin)) {
            return true;
        }
        match url.host() {
            Some(url::Host::Ipv4(address)) => is_public(address.into()),
            Some(url::Host::Ipv6(address)) => is_public(address.into()),
            // A trusted name with another port is another service of that machine.
            Some(url::Host::Domain(name)) => {
                !self.proxies.contains(name) && !self.trusted.iter().any(|origin| origin.host == name)
            }
            None => false,
        }
    }
}

/// The hosts of the proxies that the environment names: they are of the shop.
fn proxies() -> impl Iterator<Item = String> {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    names.into_iter().filter_map(|name| {
        let value = std::env::var(name).ok()?;
        let url = Url::parse(&value).ok().filter(Url::has_host);
        Some(url.or_else(|| Url::parse(&format!("http://{value}")).ok())?.host_str()?.to_owned())
    })
}

fn certificates(path: &std::path::Path) -> Result<Vec<reqwest::Certificate>, SetupError> {
    let failed = |why: String| SetupError::CaFile { path: path.to_owned(), why };
    let text = std::fs::read(path).map_err(|error| failed(format!("can't be read: {error}")))?;
    let found = reqwest::Certificate::from_pem_bundle(&text);
    let found = found.map_err(|error| failed(format!("holds no certificates in PEM form: {error}")))?;
    if found.is_empty() {
        return Err(failed("holds no certificates in PEM form".to_owned()));
    }
    Ok(found)
}

/// Only on the same host and port, or from http to https on their usual ports.
fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let Some(from) = attempt.previous().last() else { return attempt.stop() };
    let to = attempt.url();
    let same = Origin::of(from) == Origin::of(to);
    let ports = (from.port_or_known_default(), to.port_or_known_default());
    let safer = from.scheme() == "http"
        && to.scheme() == "https"
        && from.host() == to.host()
        && ports == (Some(80), Some(443));
    if (same || safer) && attempt.previous().len() <= MAX_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// Where a URL points, for people: no path, no query, which may hold secrets.
#[must_use]
pub fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or("?");
    match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn an_answer_can_not_send_the_mirror_into_the_shop_s_network() {
        let http =
            Http::new(&Limits::default(), [&url("http://10.0.0.7:8090/x"), &url("https://sap.example")]);
        let http = http.unwrap();
        for good in [
            "http://10.0.0.7:8090/a.png",
            "https://sap.example/a.png",
            "https://img.example/a.png",
            "https://93.184.216.34/a.png",
        ] {
            assert!(http.may_fetch(&url(good)), "{good}");
        }
        for bad in [
            "http://10.0.0.7:9052/metrics",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/latest/meta-data",
            "https://sap.example:8443/",
            "https://user@img.example/a.png",
            "file:///etc/passwd",
            "data:image/png;base64,AA",
        ] {
            assert!(!http.may_fetch(&url(bad)), "{bad}");
        }
    }

    #[test]
    fn a_file_that_holds_no_certificates_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "no certificate").unwrap();
        for path in [file.path(), std::path::Path::new("/nowhere/ca.pem")] {
            let limits = Limits { ca_file: Some(path.to_owned()), ..Limits::default() };
            let error = Http::new(&limits, []).unwrap_err().to_string();
            assert!(
                error.contains("MIRROR_PROVIDER_CA_FILE") && error.contains("pem") | error.contains("PEM"),
                "{error}"
            );
        }
    }
}
