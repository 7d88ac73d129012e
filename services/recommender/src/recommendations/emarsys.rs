//! The recommender of SAP Emarsys ("Engagement Cloud"), SAP's way on from
//! Marketing Cloud: one call answers with products, names, pictures and prices.
//! It says nothing of expiry, and hears of clicks alone.

use async_trait::async_trait;
use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use serde_json::Value;
use url::Url;

use super::http::{Http, fault_of, host};
use super::{
    Answer, Fault, PictureSource, ProductCard, ProductRef, Provider, ProviderError, Report, Takes, distinct,
    odata,
};
use crate::recognition::TriggerProduct;

const NAME: &str = "emarsys";
const LIMIT: usize = 8;

/// A merchant's recommender.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// Where the service is.
    pub base: Url,
    /// The merchant's id.
    pub id: String,
    /// What to recommend by: `RELATED`, `ALSO_BOUGHT`, `POPULAR`, ...
    pub logic: String,
    /// ISO 4217 of its prices; empty: prices are left out.
    pub currency: String,
    /// `vi`: empty, or the device's pseudonym.
    pub visitor: String,
}

/// See the module's text.
#[derive(Debug)]
pub struct Emarsys {
    http: Http,
    merchant: Merchant,
}

impl Emarsys {
    /// One that asks `merchant`'s recommender.
    #[must_use]
    pub fn new(http: Http, merchant: Merchant) -> Self {
        Self { http, merchant }
    }

    async fn call(&self, parameters: &[(&str, String)]) -> Result<Value, ProviderError> {
        let Merchant { base, id, .. } = &self.merchant;
        let mut url = base.clone();
        let path = format!("{}/merchants/{}", base.path().trim_end_matches('/'), odata::encode(id));
        url.set_path(&path);
        let visitor = Some(("vi", self.merchant.visitor.clone())).filter(|(_, visitor)| !visitor.is_empty());
        let pairs = parameters.iter().cloned().chain(visitor);
        let query: Vec<String> =
            pairs.map(|(name, value)| format!("{name}={}", odata::encode(&value))).collect();
        url.set_query(Some(&query.join("&")));
        let request = self.http.get(url).header(ACCEPT, "application/json");
        let reply = self.http.send(request).await.map_err(|error| error.of_provider(NAME))?;
        let host = host(base);
        if reply.status.is_success() {
            return serde_json::from_slice(&reply.body).map_err(|error| {
                ProviderError::new(NAME, Fault::Malformed, format!("{host}: the answer is no JSON: {error}"))
            });
        }
        let (fault, hint) = match reply.status {
            StatusCode::NOT_FOUND => {
                (Fault::Refused, format!("; is '{id}' the merchant (MIRROR_EMARSYS_MERCHANT)?"))
            }
            _ => (fault_of(&reply), String::new()),
        };
        let message = format!("{host} answers with status {}{hint}", reply.status.as_u16());
        Err(ProviderError::new(NAME, fault, message))
    }

    fn card(&self, id: &str, product: Option<&Value>, slot: &str) -> Option<ProductCard> {
        // What has no details can't be shown.
        let product = product?;
        if product.get("available").and_then(Value::as_bool) == Some(false) {
            return None;
        }
        let name = odata::text(product, "title");
        let price =
            if self.merchant.currency.is_empty() { String::new() } else { odata::text(product, "price") };
        Some(ProductCard {
            product: ProductRef { origin: String::new(), id: id.to_owned() },
            name: if name.is_empty() { id.to_owned() } else { name },
            picture: Url::parse(&odata::text(product, "image")).ok().map(PictureSource::Url),
            target_url: odata::text(product, "link"),
            currency: if price.is_empty() { String::new() } else { self.merchant.currency.clone() },
            price,
            score: 0.0,
            slot: slot.to_owned(),
        })
    }
}

#[async_trait]
impl Provider for Emarsys {
    fn name(&self) -> &'static str {
        NAME
    }

    fn scope(&self) -> String {
        let Merchant { base, id, logic, currency, .. } = &self.merchant;
        format!("{NAME} {} {id} {logic} {currency}", host(base))
    }

    async fn recommend(&self, trigger: &TriggerProduct, _: &str) -> Result<Answer, ProviderError> {
        let logic = &self.merchant.logic;
        let parameters = [("f", format!("f:{logic},l:{LIMIT},o:0")), ("v", format!("i:{}", trigger.id))];
        let value = self.call(&parameters).await?;
        let Some(features) = value.get("features").filter(|features| features.is_object()) else {
            let why = format!("{}: there are no features in the answer", host(&self.merchant.base));
            return Err(ProviderError::new(NAME, Fault::Malformed, why));
        };
        let items = features.get(logic).and_then(|feature| feature.get("items")).map_or(&[][..], odata::list);
        let slot = format!("t:{logic},c:{}", odata::text(&value, "cohort"));
        let cards = items.iter().filter_map(|item| {
            let id = odata::text(item, "id");
            let product = value.get("products").and_then(|products| products.get(&id));
            self.card(&id, product, &slot)
        });
        Ok(Answer { cards: distinct(cards), fresh_for: None })
    }

    fn takes(&self) -> Takes {
        Takes { impressions: false, clicks: true }
    }

    async fn report(&self, report: &Report) -> Result<(), ProviderError> {
        match report {
            Report::Click { slot, product, .. } => {
                self.call(&[("v", format!("i:{},{slot}", product.id))]).await.map(drop)
            }
            Report::Impressions { .. } => {
                Err(ProviderError::new(NAME, Fault::Rejected, "this service hears of clicks alone"))
            }
        }
    }
}
