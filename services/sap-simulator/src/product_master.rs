//! `API_MKT_PRODUCT_SRV`: names, pictures and links of products. It knows no
//! prices.

use serde_json::{Value, json};
use warp::http::StatusCode;

use crate::Simulator;
use crate::answer::Answer;
use crate::odata::filter::{self, Key};
use crate::odata::{self, Refusal, bad, not_found, unknown_set, wrong_method};
use crate::request::Request;
use crate::table::Product;
use crate::{logon, media};

pub(crate) const NAME: &str = "API_MKT_PRODUCT_SRV";
const SET: &str = "ProductOriginDataSet";

/// Answers `rest`, what follows the service's name in the address.
pub(crate) fn answer(simulator: &Simulator, request: &Request, rest: &str) -> Result<Answer, Refusal> {
    if !request.reads() {
        return Err(wrong_method(request));
    }
    let session = logon::reader(simulator, request)?;
    let answer = if rest.is_empty() {
        Answer::json(StatusCode::OK, json!({"d": {"EntitySets": [SET]}}))
    } else if rest == SET {
        odata::list(set(simulator, request)?)
    } else if let Some(key) = rest.strip_prefix(SET).and_then(|key| key.strip_prefix('(')?.strip_suffix(')'))
    {
        let key = filter::key(key).ok_or_else(|| bad(format!("The key ({key}) can't be read")))?;
        let found = entities(simulator, request, |product| is(product, &key)).pop();
        let found = found.ok_or_else(|| not_found(format!("There is no product {} of {}", key.1, key.0)))?;
        Answer::json(StatusCode::OK, json!({"d": found}))
    } else {
        return Err(unknown_set(rest));
    };
    Ok(logon::with_token(simulator, request, session, answer))
}

fn set(simulator: &Simulator, request: &Request) -> Result<Vec<Value>, Refusal> {
    let Some(text) = request.param("$filter") else {
        return Ok(entities(simulator, request, |_| true));
    };
    let keys = filter::keys(&text).ok_or_else(|| bad(format!("The filter can't be read: {text}")))?;
    Ok(entities(simulator, request, |product| keys.iter().any(|key| is(product, key))))
}

fn is(product: &Product, (origin, id): &Key) -> bool {
    product.origin == *origin && product.id == *id
}

fn entities(simulator: &Simulator, request: &Request, wanted: impl Fn(&Product) -> bool) -> Vec<Value> {
    let expand = request.param("$expand").unwrap_or_default();
    let names = expand.split(',').any(|name| name.trim() == "ProductNames");
    let state = simulator.state();
    let products = state.table.products.values().filter(|product| wanted(product));
    products.map(|product| entity(request, product, names)).collect()
}

fn entity(request: &Request, product: &Product, with_names: bool) -> Value {
    let quoted = |text: &str| text.replace('\'', "''");
    let (origin, id) = (quoted(&product.origin), quoted(&product.id));
    let uri = odata::uri(request, NAME, &format!("{SET}(ProductOrigin='{origin}',ProductID='{id}')"));
    let names = if with_names {
        json!({"results": product.names.iter().map(|(language, name)| json!({
            "ProductOrigin": product.origin,
            "ProductID": product.id,
            "Language": language.to_uppercase(),
            "Name": name,
            "ProductDescription": product.description,
        })).collect::<Vec<_>>()})
    } else {
        json!({"__deferred": {"uri": format!("{uri}/ProductNames")}})
    };
    json!({
        "__metadata": {"uri": uri, "type": format!("{NAME}.ProductOriginData")},
        "ProductOrigin": product.origin,
        "ProductID": product.id,
        "Brand": product.brand,
        "IsBaseProduct": false,
        "BaseProductID": "",
        "BaseProductOrigin": "",
        "ProductImageURL": media::absolute(request, product),
        "WebsiteURL": product.target_url,
        "ProductNames": names,
        "ProductCategoryAssignments": {"__deferred": {"uri": format!("{uri}/ProductCategoryAssignments")}},
        "Product": {"__deferred": {"uri": format!("{uri}/Product")}},
    })
}
