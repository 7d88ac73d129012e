//! The recommendation cache on SAP's cloud platform
//! (`API_MKT_RECOMMENDATION_SRV`): three functions for reading, told which
//! tenant and scenario they are for by four access values, without a login. It
//! says nothing of expiry, and takes no feedback.
//!
//! Source: SAP's own snippets for web pages.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::runtime::Viewer;
use super::{malformed, refusal};
use crate::recognition::TriggerProduct;
use crate::recommendations::http::{Http, host};
use crate::recommendations::pictures::digest;
use crate::recommendations::products::{Details, ProductSource, Products};
use crate::recommendations::{
    Answer, Fault, ProductCard, ProductRef, Provider, ProviderError, Report, distinct, odata,
};

const NAME: &str = "sap-cache";
/// The path below the platform tenant's address, which ends in `/reco`.
const PATH: &str = "api/API_MKT_RECOMMENDATION_SRV/";

/// The values that tie a call to a tenant and a scenario, as the scenario shows
/// them. They act as a password, so they are kept as one.
#[derive(Clone, Debug)]
pub struct AccessValues {
    /// `_L54AD1F204_`.
    pub l54ad1f204: SecretString,
    /// `_K13_`.
    pub k13: SecretString,
    /// `_V_`.
    pub v: SecretString,
    /// `_K14_`.
    pub k14: SecretString,
}

impl AccessValues {
    fn all(&self) -> [&str; 4] {
        [&self.l54ad1f204, &self.k13, &self.v, &self.k14].map(|value| value.expose_secret())
    }
}

/// The service's functions.
#[derive(Clone, Debug)]
pub struct CacheService {
    http: Http,
    root: Url,
    access: AccessValues,
}

impl CacheService {
    /// The service below `base` (`https://.../reco`).
    ///
    /// # Errors
    /// When `base` can't have a path.
    pub fn new(http: Http, base: &Url, access: AccessValues) -> Result<Self, url::ParseError> {
        let base = format!("{}/{PATH}", base.as_str().trim_end_matches('/'));
        Ok(Self { http, root: Url::parse(&base)?, access })
    }

    async fn call(&self, function: &str, parameters: &[(&str, String)]) -> Result<Value, ProviderError> {
        let [l54ad1f204, k13, v, k14] = self.access.all();
        let mut query: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        query.push(format!("_L54AD1F204_={}", odata::literal(l54ad1f204)));
        query.push(format!("_K13_={}", odata::encode(k13)));
        query.push(format!("_V_={}", odata::encode(v)));
        query.push(format!("_K14_={}", odata::literal(k14)));
        let mut url = self.root.join(function).expect("a function's name");
        url.set_query(Some(&query.join("&")));
        let request = self.http.get(url).header(ACCEPT, "application/json");
        let reply = self.http.send(request).await.map_err(|error| error.of_provider(NAME))?;
        let host = host(&self.root);
        if reply.status.is_success() {
            return odata::read(&reply).map_err(|why| malformed(NAME, &host, &why));
        }
        let error = refusal(NAME, &host, &reply);
        let (fault, hint) = match reply.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                (error.fault, "; check the four values MIRROR_SAP_ACCESS_*")
            }
            StatusCode::NOT_FOUND => (Fault::Refused, "; check MIRROR_SAP_CACHE_URL"),
            _ => (error.fault, ""),
        };
        Err(ProviderError::new(NAME, fault, format!("{}{hint}", self.without_secrets(error.message))))
    }

    /// A server may quote the question, and the access values are in it.
    fn without_secrets(&self, text: String) -> String {
        // A single digit says nothing, and is everywhere.
        let telling = self.access.all().into_iter().filter(|value| value.len() > 2);
        telling.fold(text, |text, value| text.replace(value, "…").replace(&odata::encode(value), "…"))
    }
}

#[async_trait]
impl ProductSource for CacheService {
    fn scope(&self) -> String {
        NAME.to_owned()
    }

    async fn details(
        &self,
        products: &[ProductRef],
        language: &str,
    ) -> Result<HashMap<ProductRef, Details>, ProviderError> {
        let origins: BTreeSet<&str> = products.iter().map(|product| product.origin.as_str()).collect();
        let mut found = HashMap::new();
        // Nearly always one.
        for origin in origins {
            let of = products.iter().filter(|product| product.origin == origin);
            let ids = of.map(|product| product.id.as_str()).collect::<Vec<_>>().join(",");
            let parameters = [
                ("ProductIds", odata::literal(&ids)),
                ("ProductOrigin", odata::literal(origin)),
                ("Language", odata::literal(&language.to_ascii_uppercase())),
            ];
            let value = self.call("GetProducts", &parameters).await?;
            let rows = odata::some_list(&value)
                .ok_or_else(|| malformed(NAME, &host(&self.root), "there is no list in the answer"))?;
            found.extend(rows.iter().map(|row| {
                let product = ProductRef { origin: origin.to_owned(), id: odata::text(row, "ProductId") };
                let details = Details {
                    name: odata::text(row, "ProductName"),
                    picture: Url::parse(&odata::text(row, "ProductImageUrl")).ok(),
                    target_url: odata::text(row, "ProductTargetUrl"),
                    ..Details::default()
                };
                (product, details)
            }));
        }
        Ok(found)
    }
}

/// The service as a provider.
#[derive(Debug)]
pub struct Cached {
    service: CacheService,
    origin: String,
    viewer: Viewer,
    products: Products,
}

impl Cached {
    /// One whose products without an origin are of `origin`.
    #[must_use]
    pub fn new(service: CacheService, origin: String, viewer: Viewer, products: Products) -> Self {
        Self { service, origin, viewer, products }
    }
}

#[async_trait]
impl Provider for Cached {
    fn name(&self) -> &'static str {
        NAME
    }

    fn scope(&self) -> String {
        // The access values stand for tenant and scenario; their hash says as much.
        let values = digest(&self.service.access.all().join(" "));
        format!("{NAME} {} {} {values} {}", host(&self.service.root), self.origin, self.products.scope())
    }

    async fn recommend(&self, trigger: &TriggerProduct, language: &str) -> Result<Answer, ProviderError> {
        let origin = if trigger.origin.is_empty() { &self.origin } else { &trigger.origin };
        let mut parameters = vec![
            ("UserType", odata::literal(self.viewer.kind)),
            ("LeadingItemIds", odata::literal(&trigger.id)),
            ("LeadingItemType", odata::literal(origin)),
        ];
        // A parameter without a value is left out.
        if !self.viewer.id.is_empty() {
            parameters.push(("UserId", odata::literal(&self.viewer.id)));
        }
        let value = self.service.call("GetRecommendations", &parameters).await?;
        let rows = odata::some_list(&value)
            .ok_or_else(|| malformed(NAME, &host(&self.service.root), "there is no list in the answer"))?;
        let cards = rows.iter().map(|row| ProductCard {
            product: ProductRef {
                origin: odata::text(row, "ResultObjectType"),
                id: odata::text(row, "ResultObjectId"),
            },
            ..ProductCard::default()
        });
        let cards = distinct(cards.filter(|card| !card.product.id.is_empty()));
        Ok(Answer { cards: self.products.fill(cards, language).await?, fresh_for: None })
    }

    async fn report(&self, _: &Report) -> Result<(), ProviderError> {
        Err(ProviderError::new(NAME, Fault::Rejected, "this service takes no feedback"))
    }
}
