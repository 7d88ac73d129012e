//! Product details from SAP Commerce's web services (OCC, version 2): the only
//! source of SAP's that has prices.

use std::collections::HashMap;

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use serde_json::Value;
use url::Url;

use super::http::{Http, Reply, fault_of, host};
use super::products::{Details, ProductSource};
use super::{Fault, ProductRef, ProviderError, odata};

const NAME: &str = "occ";
/// Enough for a card, so that answers stay small.
const FIELDS: &str = "code,name,url,price(value,currencyIso),images(url,format,imageType)";
const AT_ONCE: usize = 4;
/// The formats of a picture, the one that suits a card best first.
const FORMATS: [&str; 4] = ["zoom", "product", "superZoom", "thumbnail"];

/// Where a shop's web services are.
#[derive(Clone, Debug)]
pub struct Shop {
    /// The address with its version: `https://api.shop.example/occ/v2`.
    pub base: Url,
    /// `baseSiteId`.
    pub site: String,
    /// ISO 4217; empty: the site's own.
    pub currency: String,
    /// What relative addresses of pictures are relative to; `None`: `base`.
    pub media: Option<Url>,
    /// What relative addresses of product pages are relative to; `None`: they
    /// are left out.
    pub pages: Option<Url>,
}

/// See the module's text.
#[derive(Debug)]
pub struct Occ {
    http: Http,
    shop: Shop,
}

impl Occ {
    /// One that reads from `shop`.
    #[must_use]
    pub fn new(http: Http, shop: Shop) -> Self {
        Self { http, shop }
    }

    /// A product's details; `None` when the shop doesn't have it.
    async fn one(&self, product: &ProductRef, language: &str) -> Result<Option<Details>, ProviderError> {
        match self.ask(product, Some(language)).await {
            // A site may not have the language; then its own is better than nothing.
            Err(error) if error.fault == Fault::Rejected => self.ask(product, None).await,
            answer => answer,
        }
    }

    async fn ask(
        &self,
        product: &ProductRef,
        language: Option<&str>,
    ) -> Result<Option<Details>, ProviderError> {
        let mut url = self.shop.base.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        let code = odata::encode(&product.id);
        url.set_path(&format!("{base}/{}/products/{code}", odata::encode(&self.shop.site)));
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("fields", FIELDS);
            if let Some(language) = language {
                query.append_pair("lang", language);
            }
            if !self.shop.currency.is_empty() {
                query.append_pair("curr", &self.shop.currency);
            }
        }
        let request = self.http.get(url).header(ACCEPT, "application/json");
        let reply = self.http.send(request).await.map_err(|error| error.of_provider(NAME))?;
        let host = host(&self.shop.base);
        if reply.status.is_success() {
            let value: Value = serde_json::from_slice(&reply.body).map_err(|error| {
                ProviderError::new(NAME, Fault::Malformed, format!("{host}: the answer is no JSON: {error}"))
            })?;
            return Ok(Some(self.details(&value)));
        }
        match (reply.status, error_type(&reply)) {
            (StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST, Some(kind))
                if kind == "UnknownIdentifierError" =>
            {
                Ok(None)
            }
            (StatusCode::NOT_FOUND, None) => Err(ProviderError::new(
                NAME,
                Fault::Refused,
                format!(
                    "{host} knows no site '{}' (status 404); check MIRROR_OCC_URL and MIRROR_OCC_SITE",
                    self.shop.site
                ),
            )),
            (status, kind) => {
                let kind = kind.map_or_else(String::new, |kind| format!(" ({kind})"));
                let message = format!("{host} answers with status {}{kind}", status.as_u16());
                Err(ProviderError::new(NAME, fault_of(&reply), message))
            }
        }
    }

    fn details(&self, value: &Value) -> Details {
        let price = value.get("price");
        let of_price = |field: &str| price.map_or_else(String::new, |price| odata::text(price, field));
        let media = self.shop.media.as_ref().unwrap_or(&self.shop.base);
        let pages = self.shop.pages.as_ref();
        let page = odata::text(value, "url");
        let target_url = pages.filter(|_| !page.is_empty()).and_then(|pages| pages.join(&page).ok());
        Details {
            name: odata::text(value, "name"),
            picture: picture(value).and_then(|url| media.join(&url).ok()),
            target_url: target_url.map_or_else(String::new, String::from),
            price: of_price("value"),
            currency: of_price("currencyIso"),
        }
    }
}

#[async_trait]
impl ProductSource for Occ {
    fn scope(&self) -> String {
        let Shop { base, site, currency, media, pages } = &self.shop;
        let address = |url: &Option<Url>| url.as_ref().map_or_else(String::new, Url::to_string);
        format!("{NAME} {base} {site} {currency} {} {}", address(media), address(pages))
    }

    async fn details(
        &self,
        products: &[ProductRef],
        language: &str,
    ) -> Result<HashMap<ProductRef, Details>, ProviderError> {
        let one = async |product: &ProductRef| {
            Ok::<_, ProviderError>((product.clone(), self.one(product, language).await?))
        };
        let found =
            futures::stream::iter(products).map(one).buffered(AT_ONCE).try_collect::<Vec<_>>().await?;
        Ok(found.into_iter().filter_map(|(product, details)| Some((product, details?))).collect())
    }
}

/// The address of the picture that suits a card best.
fn picture(value: &Value) -> Option<String> {
    let images = value.get("images")?.as_array()?;
    let rank = |image: &&Value| {
        let format = odata::text(image, "format");
        let format = FORMATS.iter().position(|known| *known == format).unwrap_or(FORMATS.len());
        // Any format of the primary picture before the gallery's.
        (odata::text(image, "imageType") != "PRIMARY", format)
    };
    let usable = images.iter().filter(|image| !odata::text(image, "url").is_empty());
    Some(odata::text(usable.min_by_key(rank)?, "url"))
}

/// The `type` of the first error of an answer.
fn error_type(reply: &Reply) -> Option<String> {
    let value: Value = serde_json::from_slice(&reply.body).ok()?;
    Some(odata::text(value.get("errors")?.get(0)?, "type"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shop() -> Occ {
        let base = Url::parse("https://api.shop.example/occ/v2").unwrap();
        let http = Http::new(&super::super::http::Limits::default(), [&base]).unwrap();
        let pages = Some(Url::parse("https://shop.example/").unwrap());
        Occ::new(http, Shop { base, site: "mirror".to_owned(), currency: String::new(), media: None, pages })
    }

    #[test]
    fn a_card_gets_the_picture_that_suits_it_and_whole_addresses() {
        let image =
            |url: &str, kind: &str, format: &str| json!({"url": url, "imageType": kind, "format": format});
        let value = json!({
            "name": "Green tea", "url": "/p/TEA-100", "price": {"value": 6.5, "currencyIso": "EUR"},
            "images": [
                image("/medias/gallery.jpg", "GALLERY", "zoom"),
                image("/medias/small.jpg", "PRIMARY", "thumbnail"),
                image("/medias/tea.jpg?context=x", "PRIMARY", "product"),
                image("", "PRIMARY", "zoom"),
            ],
        });
        let details = shop().details(&value);
        assert_eq!(details.picture.unwrap().as_str(), "https://api.shop.example/medias/tea.jpg?context=x");
        assert_eq!(details.target_url, "https://shop.example/p/TEA-100");
        assert_eq!((details.price.as_str(), details.currency.as_str()), ("6.5", "EUR"));
    }

    #[test]
    fn a_product_may_have_nothing_but_a_number() {
        assert_eq!(shop().details(&json!({"code": "x", "images": []})), Details::default());
    }
}
