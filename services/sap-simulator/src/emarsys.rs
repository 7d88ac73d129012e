//! The recommender of Emarsys: one call, no logon, details included.

use serde_json::{Map, Value, json};
use uuid::Uuid;
use warp::http::StatusCode;
use warp::http::header::SET_COOKIE;

use crate::Simulator;
use crate::answer::Answer;
use crate::media;
use crate::request::{Request, decoded};
use crate::table::{ORIGIN, Product, Recommended, TOPSELLERS, TRIGGER, Table};

const COHORT: &str = "AAAA";
const LIMIT: usize = 5;

/// Answers `rest`, what follows `/merchants/` in the address.
pub(crate) fn answer(simulator: &Simulator, request: &Request, rest: &str) -> Answer {
    let merchant = decoded(rest);
    if merchant != simulator.settings().merchant {
        return Answer::text(StatusCode::NOT_FOUND, "Unknown merchant");
    }
    if !request.reads() {
        return Answer::text(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    }
    let viewed = Parts::of(&request.param("v").unwrap_or_default());
    let visitor = request.param("vi").unwrap_or_else(|| number(16));
    let mut body = json!({"cohort": COHORT, "visitor": visitor, "session": number(15)});
    if let (Some(item), Some(feature)) = (viewed.get("i"), viewed.get("t")) {
        let click = json!({"item": item, "feature": feature, "cohort": viewed.get("c")});
        simulator.state().feedback.clicked(scenario(feature), click);
    } else if let Some(features) = request.param("f") {
        let state = simulator.state();
        recommend(&state.table, request, &features, &viewed, &merchant, &mut body);
    }
    let cookie = format!("cdv={visitor}; path=/");
    Answer::json(StatusCode::OK, body).and(SET_COOKIE, &cookie)
}

fn recommend(
    table: &Table,
    request: &Request,
    wanted: &str,
    viewed: &Parts,
    merchant: &str,
    body: &mut Value,
) {
    let (mut features, mut products) = (Map::new(), Map::new());
    for wanted in wanted.split('|').map(Parts::of) {
        let Some(logic) = wanted.get("f") else { continue };
        let number = |key: &str| wanted.get(key).and_then(|text| text.parse().ok());
        let (offset, limit) = (number("o").unwrap_or(0), number("l").unwrap_or(LIMIT));
        // What the shop has no product for isn't recommended here.
        let found: Vec<&Product> = items(table, logic, viewed.get("i"))
            .iter()
            .filter_map(|item| table.products.get(&item.result_id))
            .collect();
        let shown = found.iter().skip(offset).take(limit);
        products.extend(shown.clone().map(|product| (product.id.clone(), details(request, product))));
        let feature = json!({
            "hasMore": found.len() > offset.saturating_add(limit),
            "merchants": [merchant],
            "items": shown.map(|product| json!({"id": product.id})).collect::<Vec<_>>(),
        });
        features.insert(logic.to_owned(), feature);
    }
    body["features"] = features.into();
    if !products.is_empty() {
        body["products"] = products.into();
    }
}

/// The scenario whose recommendations a logic shows.
fn scenario(logic: &str) -> &'static str {
    match logic {
        "RELATED" | "ALSO_BOUGHT" => TRIGGER,
        _ => TOPSELLERS,
    }
}

fn items(table: &Table, logic: &str, viewed: Option<&str>) -> Vec<Recommended> {
    let leading = match (logic.split('_').next().unwrap_or_default(), viewed) {
        ("RELATED" | "ALSO", Some(viewed)) => vec![(ORIGIN.to_owned(), viewed.to_owned())],
        ("POPULAR" | "HOME" | "PERSONAL", _) => Vec::new(),
        // The cart, searches and categories are not simulated.
        _ => return Vec::new(),
    };
    table.recommended(scenario(logic), &leading).unwrap_or_default()
}

fn details(request: &Request, product: &Product) -> Value {
    let mut details = json!({
        "item": product.id,
        "title": product.name("en"),
        "link": product.target_url,
        "available": true,
    });
    if let Some(price) = product.price() {
        details["price"] = price.into();
        details["msrp"] = price.into();
    }
    let optional = [
        ("image", media::absolute(request, product)),
        ("description", product.description.clone()),
        ("brand", product.brand.clone()),
    ];
    for (name, text) in optional.into_iter().filter(|(_, text)| !text.is_empty()) {
        details[name] = text.into();
    }
    details
}

fn number(digits: usize) -> String {
    Uuid::new_v4().simple().to_string().to_uppercase()[..digits].to_owned()
}

/// `f:RELATED,l:4,o:0`.
struct Parts(Vec<(String, String)>);

impl Parts {
    fn of(text: &str) -> Self {
        let pairs = text.split(',').filter_map(|part| part.split_once(':'));
        Self(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find_map(|(name, value)| (name == key).then_some(value.as_str()))
    }
}
