//! Product details from SAP Marketing Cloud's product master
//! (`API_MKT_PRODUCT_SRV`): names in the product's languages, picture and link.
//! It has no prices.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::Value;
use url::Url;

use super::malformed;
use super::session::Session;
use crate::recommendations::products::{Details, ProductSource};
use crate::recommendations::{Fault, ProductRef, ProviderError, in_language, odata};

/// The path below the tenant's host.
pub const PATH: &str = "/sap/opu/odata/sap/API_MKT_PRODUCT_SRV/";
const NAME: &str = "product-master";
const AT_ONCE: usize = 4;

/// See the module's text.
#[derive(Debug)]
pub struct ProductMaster {
    session: Session,
    /// The tenant doesn't take many products in one call.
    one_by_one: AtomicBool,
}

impl ProductMaster {
    /// One that reads through `session`, whose root is [`PATH`].
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self { session, one_by_one: AtomicBool::new(false) }
    }

    async fn together(&self, products: &[ProductRef]) -> Result<Vec<Value>, ProviderError> {
        let term = |product: &ProductRef| {
            let (origin, id) = (odata::quoted(&product.origin), odata::quoted(&product.id));
            format!("(ProductOrigin eq {origin} and ProductID eq {id})")
        };
        let filter = products.iter().map(term).collect::<Vec<_>>().join(" or ");
        let filter = odata::encode(&filter);
        let path = format!("ProductOriginDataSet?$filter={filter}&$expand=ProductNames&$format=json");
        let value = self.read(&path).await?;
        let rows = odata::some_list(&value);
        let rows =
            rows.ok_or_else(|| malformed(NAME, &self.session.host(), "there is no list in the answer"))?;
        Ok(rows.to_vec())
    }

    async fn one(&self, product: &ProductRef) -> Result<Option<Value>, ProviderError> {
        let (origin, id) = (odata::literal(&product.origin), odata::literal(&product.id));
        let path = format!(
            "ProductOriginDataSet(ProductOrigin={origin},ProductID={id})?$expand=ProductNames&$format=json"
        );
        match self.read(&path).await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.fault == Fault::Missing => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn read(&self, path: &str) -> Result<Value, ProviderError> {
        let reply = self.session.get(path).await?;
        odata::read(&reply).map_err(|why| malformed(NAME, &self.session.host(), &why))
    }
}

#[async_trait]
impl ProductSource for ProductMaster {
    fn scope(&self) -> String {
        NAME.to_owned()
    }

    async fn details(
        &self,
        products: &[ProductRef],
        language: &str,
    ) -> Result<HashMap<ProductRef, Details>, ProviderError> {
        let mut rows = None;
        if products.len() > 1 && !self.one_by_one.load(Ordering::Relaxed) {
            match self.together(products).await {
                Ok(found) => rows = Some(found),
                Err(error) if error.fault.is_of_the_question() => {
                    tracing::info!(%error, "Products are asked for one by one");
                }
                Err(error) => return Err(error),
            }
        }
        let rows = match rows {
            Some(rows) => rows,
            None => {
                let asked = products.iter().map(|product| self.one(product)).collect::<Vec<_>>();
                let answers = futures::stream::iter(asked).buffered(AT_ONCE);
                let answers: Vec<Option<Value>> = answers.try_collect().await?;
                // So it is the filter that isn't taken, not the user.
                if products.len() > 1 {
                    self.one_by_one.store(true, Ordering::Relaxed);
                }
                answers.into_iter().flatten().collect()
            }
        };
        let product = |row: &Value| {
            let product =
                ProductRef { origin: odata::text(row, "ProductOrigin"), id: odata::text(row, "ProductID") };
            (product, details(row, language))
        };
        Ok(rows.iter().map(product).collect())
    }
}

fn details(row: &Value, language: &str) -> Details {
    let rows = row.get("ProductNames").map_or(&[][..], odata::list);
    let names: Vec<(String, String)> = rows
        .iter()
        .map(|row| (odata::text(row, "Language"), odata::text(row, "Name")))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    let names: Vec<(&str, &str)> = names.iter().map(|(tag, name)| (tag.as_str(), name.as_str())).collect();
    Details {
        name: in_language(&names, language).unwrap_or_default().to_owned(),
        picture: Url::parse(&odata::text(row, "ProductImageURL")).ok(),
        target_url: odata::text(row, "WebsiteURL"),
        ..Details::default()
    }
}
