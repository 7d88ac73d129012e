//! The runtime service of SAP Marketing Cloud (`PROD_RECO_RUNTIME_SRV`): asked
//! for one or more scenarios with the trigger product as leading object, it
//! answers with product numbers. What they are called and how they look comes
//! from [`Products`].
//!
//! Source: how public clients of the service speak to it.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use reqwest::header::DATE;
use serde_json::{Value, json};

use super::malformed;
use super::session::Session;
use crate::recognition::TriggerProduct;
use crate::recommendations::http::Reply;
use crate::recommendations::products::Products;
use crate::recommendations::{
    Answer, ProductCard, ProductRef, Provider, ProviderError, Report, Takes, distinct, odata,
};

const NAME: &str = "sap-runtime";
/// The path below the tenant's host.
pub const PATH: &str = "/sap/opu/odata/sap/PROD_RECO_RUNTIME_SRV/";

/// Who the mirror says is looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// `UserId`: empty, or the device's pseudonym.
    pub id: String,
    /// `UserType`.
    pub kind: &'static str,
}

impl Viewer {
    /// Nobody in particular, or this device by its pseudonym; never a shopper.
    #[must_use]
    pub fn of_device(device_id: &str) -> Self {
        let kind = if device_id.is_empty() { "ANONYMOUS" } else { "COOKIE_ID" };
        Self { id: device_id.to_owned(), kind }
    }
}

/// See the module's text.
#[derive(Debug)]
pub struct Runtime {
    session: Session,
    /// Where to look, the first before the others.
    scenarios: Vec<String>,
    /// The origin of products whose label names none.
    origin: String,
    viewer: Viewer,
    products: Products,
}

impl Runtime {
    /// One that asks for `scenarios`, at least one.
    #[must_use]
    pub fn new(
        session: Session,
        scenarios: Vec<String>,
        origin: String,
        viewer: Viewer,
        products: Products,
    ) -> Self {
        Self { session, scenarios, origin, viewer, products }
    }

    /// The scenarios that the tenant has, each with its description.
    ///
    /// # Errors
    /// When it can't answer.
    pub async fn known_scenarios(&self) -> Result<Vec<(String, String)>, ProviderError> {
        let path = "ProductRecoScenarios?$orderby=ScenarioId&$select=ScenarioId,ScenarioDescription";
        let reply = self.session.get(path).await?;
        let value = odata::read(&reply).map_err(|why| malformed(NAME, "the list of scenarios", &why))?;
        let scenario = |row| (odata::text(row, "ScenarioId"), odata::text(row, "ScenarioDescription"));
        Ok(odata::list(&value).iter().map(scenario).collect())
    }

    /// The scenarios that are asked for.
    #[must_use]
    pub fn scenarios(&self) -> &[String] {
        &self.scenarios
    }

    fn question(&self, trigger: &TriggerProduct) -> Value {
        let origin = if trigger.origin.is_empty() { &self.origin } else { &trigger.origin };
        let leading = json!([{"LeadingObjectType": origin, "LeadingObjectId": trigger.id}]);
        let scenario = |id| json!({"ScenarioId": id, "LeadingObjects": leading, "BasketObjects": []});
        // Naming the empty collections asks for what belongs into them.
        json!({
            "UserId": self.viewer.id,
            "UserType": self.viewer.kind,
            "ExternalTracking": true,
            "ScenarioHashes": [],
            "Scenarios": self.scenarios.iter().map(scenario).collect::<Vec<_>>(),
            "ResultObjects": [],
        })
    }

    /// The answer's products, those of the first scenario first; names and
    /// pictures are missing still.
    fn read(&self, rows: &[Value]) -> Vec<ProductCard> {
        // With one scenario there is no other that a row without one could be of.
        let only = self.scenarios.len() == 1;
        let cards = self.scenarios.iter().flat_map(|scenario| {
            let these = rows.iter().filter(move |row| {
                let of = odata::text(row, "ScenarioId");
                of == *scenario || (only && of.is_empty())
            });
            these.map(|row| ProductCard {
                product: ProductRef {
                    origin: odata::text(row, "ResultObjectType"),
                    id: odata::text(row, "ResultObjectId"),
                },
                score: odata::number(row, "ResultObjectScore").unwrap_or(0.0) as f32,
                slot: scenario.clone(),
                ..ProductCard::default()
            })
        });
        distinct(cards.filter(|card| !card.product.id.is_empty()))
    }

    /// How long the first of the scenarios' lists holds.
    fn fresh_for(&self, value: &Value, reply: &Reply) -> Option<Duration> {
        let hashes = value.get("ScenarioHashes").map_or(&[][..], odata::list);
        let expires = hashes.iter().filter_map(|hash| odata::time(&odata::text(hash, "ExpiresOn"))).min()?;
        // By the server's clock: this device's may be wrong, it has no battery.
        let date = reply.headers.get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let now = date.unwrap_or_else(SystemTime::now);
        // One that is over already says nothing.
        expires.duration_since(now).ok().filter(|rest| !rest.is_zero())
    }
}

#[async_trait]
impl Provider for Runtime {
    fn name(&self) -> &'static str {
        NAME
    }

    fn scope(&self) -> String {
        let Self { session, scenarios, origin, products, .. } = self;
        format!("{NAME} {} {origin} {} {}", session.scope(), scenarios.join(","), products.scope())
    }

    async fn recommend(&self, trigger: &TriggerProduct, language: &str) -> Result<Answer, ProviderError> {
        let reply = self.session.post("RecommendationScenarios", Some(&self.question(trigger))).await?;
        let value = odata::read(&reply).map_err(|why| malformed(NAME, &self.session.host(), &why))?;
        let Some(rows) = value.get("ResultObjects").and_then(odata::some_list) else {
            return Err(malformed(NAME, &self.session.host(), "there are no ResultObjects in the answer"));
        };
        let cards = self.products.fill(self.read(rows), language).await?;
        Ok(Answer { cards, fresh_for: self.fresh_for(&value, &reply) })
    }

    fn takes(&self) -> Takes {
        Takes { impressions: true, clicks: true }
    }

    async fn report(&self, report: &Report) -> Result<(), ProviderError> {
        match report {
            Report::Impressions { slot, impressions, items, at } => {
                let path = format!(
                    "PostImpressions?ScenarioId={}&ImpressionCount={impressions}&ItemCount={items}&TimeStamp={}",
                    odata::literal(slot),
                    odata::time_literal(*at)
                );
                self.session.post(&path, None).await?;
            }
            Report::Click { slot, product, at } => {
                let body = json!({
                    "ScenarioId": slot,
                    "UserId": self.viewer.id,
                    "UserType": self.viewer.kind,
                    "InteractionType": "CLICK_THROUGH",
                    "TimeStamp": odata::json_time(*at),
                    // Not a shopper's session: there is none.
                    "SourceObjectId": if self.viewer.id.is_empty() { "smart-mirror" } else { &self.viewer.id },
                    "InteractionItems": [{"ItemType": product.origin, "ItemId": product.id}],
                });
                self.session.post("Interactions", Some(&body)).await?;
            }
        }
        Ok(())
    }
}
