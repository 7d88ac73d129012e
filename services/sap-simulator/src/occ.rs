//! Commerce OCC v2, of which one thing is asked: a product, with its price.

use serde_json::{Map, Value, json};
use warp::http::StatusCode;

use crate::Simulator;
use crate::answer::Answer;
use crate::media;
use crate::request::{Request, decoded};
use crate::table::Product;

const BASIC: &[&str] = &["code", "name", "url", "purchasable"];
const DEFAULT: &[&str] =
    &["code", "name", "url", "purchasable", "summary", "description", "price", "images", "stock"];

/// Answers `rest`, what follows `/occ/v2/` in the address.
pub(crate) fn answer(simulator: &Simulator, request: &Request, rest: &str) -> Answer {
    let segments: Vec<_> = rest.split('/').map(decoded).collect();
    let [site, products, code] = segments.as_slice() else { return unknown_path() };
    if products != "products" {
        return unknown_path();
    }
    if !request.reads() {
        let message = format!("Request method '{}' is not supported", request.method);
        return error(StatusCode::METHOD_NOT_ALLOWED, "HttpRequestMethodNotSupportedError", &message);
    }
    if *site != simulator.settings().occ_site {
        let message = format!("Base site {site} doesn't exist");
        return error(StatusCode::BAD_REQUEST, "InvalidResourceError", &message);
    }
    let state = simulator.state();
    let Some(product) = state.table.products.get(code) else {
        let message = format!("Product with code '{code}' not found");
        return error(StatusCode::NOT_FOUND, "UnknownIdentifierError", &message);
    };
    if let Some(currency) = request.param("curr").filter(|currency| *currency != product.currency) {
        let message = format!("Currency {currency} is not supported by the current base store");
        return error(StatusCode::BAD_REQUEST, "UnsupportedCurrencyError", &message);
    }
    let language = request.param("lang").unwrap_or_else(|| "en".to_owned());
    let wanted = fields(&request.param("fields").unwrap_or_else(|| "DEFAULT".to_owned()));
    let mut all = whole(product, &language);
    all.retain(|name, _| wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|field| field == name)));
    Answer::json(StatusCode::OK, all.into())
}

/// The fields that a list names, without what it says of their parts; `None`
/// for all.
fn fields(list: &str) -> Option<Vec<String>> {
    let mut depth = 0;
    let outer = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    let mut wanted = Vec::new();
    for field in list.split(outer) {
        match field.split('(').next().unwrap_or_default().trim() {
            "FULL" => return None,
            "DEFAULT" => wanted.extend(DEFAULT.iter().map(ToString::to_string)),
            "BASIC" => wanted.extend(BASIC.iter().map(ToString::to_string)),
            name => wanted.push(name.to_owned()),
        }
    }
    Some(wanted)
}

fn whole(product: &Product, language: &str) -> Map<String, Value> {
    let name = product.name(language);
    let mut all = Map::from_iter([
        ("code".to_owned(), product.id.as_str().into()),
        ("name".to_owned(), name.into()),
        ("summary".to_owned(), product.description.as_str().into()),
        ("description".to_owned(), product.description.as_str().into()),
        ("url".to_owned(), format!("/p/{}", product.id).into()),
        ("purchasable".to_owned(), true.into()),
        ("averageRating".to_owned(), 4.5.into()),
        ("stock".to_owned(), json!({"stockLevel": 12, "stockLevelStatus": "inStock"})),
    ]);
    if let Some(price) = product.price() {
        let price = json!({
            "value": price,
            "formattedValue": format!("{} {price:.2}", product.currency),
            "currencyIso": product.currency,
            "priceType": "BUY",
        });
        all.insert("price".to_owned(), price);
    }
    if !product.picture.is_empty() {
        let url = media::relative(product);
        let image =
            |format: &str| json!({"url": url, "format": format, "imageType": "PRIMARY", "altText": name});
        all.insert("images".to_owned(), json!([image("thumbnail"), image("product")]));
    }
    all
}

fn unknown_path() -> Answer {
    error(StatusCode::NOT_FOUND, "UnknownResourceError", "There is no resource for given path")
}

/// An error as OCC words it.
pub(crate) fn error(status: StatusCode, kind: &str, message: &str) -> Answer {
    Answer::json(status, json!({"errors": [{"type": kind, "message": message}]}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_lists() {
        assert_eq!(
            fields("code,price(value,currencyIso),images(FULL)").unwrap(),
            ["code", "price", "images"]
        );
        assert_eq!(fields("BASIC,price").unwrap(), ["code", "name", "url", "purchasable", "price"]);
        assert!(fields("code,FULL").is_none());
    }
}
