//! A session with an OData service of SAP: a token against request forgery and
//! the cookies that go with it, fetched with the user's password, used for many
//! calls, and fetched anew once when the server doesn't take it any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{RequestBuilder, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::refusal;
use crate::recommendations::http::{Http, Reply, host};
use crate::recommendations::{Fault, ProviderError, odata};

const TOKEN: &str = "x-csrf-token";
/// "No service found": the service isn't active, or not for this user.
const UNKNOWN_SERVICE: &str = "/IWFND/MED/170";

/// Who the mirror is to the server.
#[derive(Clone, Debug)]
pub struct Account {
    /// The communication user.
    pub user: String,
    /// Its password.
    pub password: SecretString,
    /// `sap-client`; empty: not sent.
    pub client: String,
}

/// See the module's text. Clones share it.
#[derive(Clone, Debug)]
pub struct Session {
    provider: &'static str,
    http: Http,
    /// The service's root, with a slash at its end.
    root: Url,
    account: Account,
    token: Arc<Mutex<Option<Arc<Token>>>>,
}

#[derive(Debug)]
struct Token {
    value: String,
    cookies: String,
}

impl Session {
    /// One with the service at `root`; nothing is sent yet.
    #[must_use]
    pub fn new(provider: &'static str, http: Http, root: Url, account: Account) -> Self {
        Self { provider, http, root, account, token: Arc::default() }
    }

    /// What answers depend on: host and `sap-client`.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("{} {}", self.host(), self.account.client)
    }

    /// The service's host, for people.
    #[must_use]
    pub fn host(&self) -> String {
        host(&self.root)
    }

    /// Reads what `path` (with its query, encoded) names.
    ///
    /// # Errors
    /// When there is no answer, or one that is no success.
    pub async fn get(&self, path: &str) -> Result<Reply, ProviderError> {
        let request = self.sign(self.http.get(self.url(path)));
        let reply = self.send(request).await?;
        if reply.status.is_success() { Ok(reply) } else { Err(self.refused(&reply)) }
    }

    /// Posts to `path` (with its query, encoded). A session that the server has
    /// ended is opened anew, once, and the call repeated, once.
    ///
    /// # Errors
    /// When there is no answer, or one that is no success.
    pub async fn post(&self, path: &str, body: Option<&Value>) -> Result<Reply, ProviderError> {
        let token = self.token(None).await?;
        let reply = self.post_with(&token, path, body).await?;
        if !lost(&reply) {
            return if reply.status.is_success() { Ok(reply) } else { Err(self.refused(&reply)) };
        }
        tracing::debug!(status = reply.status.as_u16(), host = self.host(), "Session opened anew");
        let token = self.token(Some(&token)).await?;
        let reply = self.post_with(&token, path, body).await?;
        if reply.status.is_success() { Ok(reply) } else { Err(self.refused(&reply)) }
    }

    /// The token in use; a new one when there is none, or it is still `refused`.
    /// Whoever comes while one is being fetched waits for that one.
    async fn token(&self, refused: Option<&Arc<Token>>) -> Result<Arc<Token>, ProviderError> {
        let mut current = self.token.lock().await;
        if let Some(token) = current.as_ref()
            && !refused.is_some_and(|refused| Arc::ptr_eq(refused, token))
        {
            return Ok(Arc::clone(token));
        }
        *current = None;
        let request = self.sign(self.http.get(self.url(""))).header(TOKEN, "Fetch");
        let reply = self.send(request).await?;
        let value = reply.headers.get(TOKEN).and_then(|value| value.to_str().ok());
        // Some answer with an error here and give a token all the same.
        let value = value.filter(|value| !value.eq_ignore_ascii_case("required") && !value.is_empty());
        let Some(value) = value.filter(|_| reply.status != StatusCode::UNAUTHORIZED) else {
            return Err(if reply.status.is_success() {
                let why = format!("{} gives no token; is the address that of the service?", self.host());
                ProviderError::new(self.provider, Fault::Refused, why)
            } else {
                self.refused(&reply)
            });
        };
        let token = Arc::new(Token { value: value.to_owned(), cookies: cookies(&reply.headers) });
        *current = Some(Arc::clone(&token));
        Ok(token)
    }

    async fn post_with(
        &self,
        token: &Token,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply, ProviderError> {
        let mut request = self.sign(self.http.post(self.url(path))).header(TOKEN, &token.value);
        if !token.cookies.is_empty() {
            request = request.header(COOKIE, &token.cookies);
        }
        let request = match body {
            Some(body) => request.json(body),
            None => request.header(CONTENT_TYPE, "application/json").body(""),
        };
        self.send(request).await
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.root.join(path).expect("paths are the program's own, their values encoded");
        // A web login has nobody to fill it in here.
        let mut query = format!("{}{}saml2=disabled", url.query().unwrap_or_default(), separator(&url));
        if !self.account.client.is_empty() {
            query = format!("{query}&sap-client={}", odata::encode(&self.account.client));
        }
        url.set_query(Some(&query));
        url
    }

    fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        let Account { user, password, .. } = &self.account;
        request.header(ACCEPT, "application/json").basic_auth(user, Some(password.expose_secret()))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Reply, ProviderError> {
        self.http.send(request).await.map_err(|error| error.of_provider(self.provider))
    }

    fn refused(&self, reply: &Reply) -> ProviderError {
        let host = self.host();
        let (code, _) = odata::error_text(reply);
        let new = |fault, message| ProviderError::new(self.provider, fault, message);
        match reply.status {
            StatusCode::UNAUTHORIZED => new(
                Fault::Refused,
                format!(
                    "{host} refuses the user '{}' or its password (status 401); check MIRROR_SAP_USER and \
                     MIRROR_SAP_PASSWORD, and that the user isn't locked",
                    self.account.user
                ),
            ),
            StatusCode::FORBIDDEN if code == UNKNOWN_SERVICE => new(
                Fault::Refused,
                format!(
                    "{host} has no service {} for this user ({UNKNOWN_SERVICE}); check the communication \
                     arrangement and its user",
                    self.root.path()
                ),
            ),
            StatusCode::NOT_FOUND if code.is_empty() => new(
                Fault::Refused,
                format!("{host} has nothing at {} (status 404); check MIRROR_SAP_URL", self.root.path()),
            ),
            StatusCode::NOT_FOUND => {
                ProviderError { fault: Fault::Missing, ..refusal(self.provider, &host, reply) }
            }
            // Of this one thing: a missing right, a token that is never taken.
            StatusCode::FORBIDDEN => {
                ProviderError { fault: Fault::Rejected, ..refusal(self.provider, &host, reply) }
            }
            _ => refusal(self.provider, &host, reply),
        }
    }
}

fn separator(url: &Url) -> &'static str {
    if url.query().is_some_and(|query| !query.is_empty()) { "&" } else { "" }
}

/// Whether an answer may mean that the session has ended: 401, a refused token,
/// or 500, as proxies say it.
fn lost(reply: &Reply) -> bool {
    match reply.status {
        StatusCode::UNAUTHORIZED | StatusCode::INTERNAL_SERVER_ERROR => true,
        StatusCode::FORBIDDEN => {
            let wanted = reply
                .headers
                .get(TOKEN)
                .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"required"));
            let (code, message) = odata::error_text(reply);
            wanted || (code.is_empty() && message.to_ascii_uppercase().contains("CSRF"))
        }
        _ => false,
    }
}

/// All cookies that were set, the last of each name: names differ between
/// systems, so none is looked for.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let pairs = set.filter_map(|cookie| cookie.split(';').next()?.trim().split_once('='));
    let jar: BTreeMap<&str, &str> = pairs.collect();
    jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cookie_is_sent_back_and_nothing_of_its_attributes() {
        let mut headers = HeaderMap::new();
        for cookie in [
            "sap-XSRF_ABC_100=xyz%3d; path=/; secure; HttpOnly",
            "SAP_SESSIONID_ABC_100=old; path=/",
            "SAP_SESSIONID_ABC_100=a=b",
            "no cookie",
        ] {
            headers.append(SET_COOKIE, cookie.parse().unwrap());
        }
        assert_eq!(cookies(&headers), "SAP_SESSIONID_ABC_100=a=b; sap-XSRF_ABC_100=xyz%3d");
    }
}
