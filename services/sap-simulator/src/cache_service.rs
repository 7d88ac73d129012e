//! `API_MKT_RECOMMENDATION_SRV`: the cache in front of Marketing Cloud that a
//! browser may ask. Four access values take the place of a logon.

use serde_json::json;
use warp::http::StatusCode;
use warp::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;

use crate::Simulator;
use crate::answer::Answer;
use crate::media;
use crate::odata::{self, Refusal, bad, refused, string_param, unknown_set, wrong_method};
use crate::request::Request;
use crate::table::{Leading, TRIGGER};

pub(crate) const NAME: &str = "API_MKT_RECOMMENDATION_SRV";

/// Answers the function `rest`.
pub(crate) fn answer(simulator: &Simulator, request: &Request, rest: &str) -> Result<Answer, Refusal> {
    if !request.reads() {
        return Err(wrong_method(request));
    }
    let function = match rest {
        "GetRecommendations" => recommendations,
        "GetProducts" => products,
        other => return Err(unknown_set(other)),
    };
    check_access(simulator, request)?;
    let answer = function(simulator, request)?;
    // Web pages of any origin ask here.
    Ok(answer.with(ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
}

fn check_access(simulator: &Simulator, request: &Request) -> Result<(), Refusal> {
    let access = &simulator.settings().access;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let wanted = [
        ("_L54AD1F204_", quoted(&access.l54ad1f204)),
        ("_K13_", access.k13.clone()),
        ("_V_", access.v.clone()),
        ("_K14_", quoted(&access.k14)),
    ];
    match wanted.iter().find(|(name, value)| request.param(name).as_ref() != Some(value)) {
        Some((name, _)) => Err(refused(
            StatusCode::FORBIDDEN,
            "CUAN_RECO/403",
            format!("The access value {name} is missing or wrong"),
        )),
        None => Ok(()),
    }
}

fn recommendations(simulator: &Simulator, request: &Request) -> Result<Answer, Refusal> {
    let origin = string_param(request, "LeadingItemType")?.unwrap_or_default();
    let ids = string_param(request, "LeadingItemIds")?.unwrap_or_default();
    let leading: Vec<Leading> = listed(&ids).map(|id| (origin.clone(), id.to_owned())).collect();
    let items = simulator.state().table.recommended(TRIGGER, &leading);
    let items = items.ok_or_else(|| bad(format!("Scenario {TRIGGER} does not exist")))?;
    let rows = items
        .iter()
        .map(|item| json!({"ResultObjectType": item.result_type, "ResultObjectId": item.result_id}));
    Ok(odata::list(rows.collect()))
}

fn products(simulator: &Simulator, request: &Request) -> Result<Answer, Refusal> {
    let need = |name: &'static str| {
        string_param(request, name)?.ok_or_else(|| bad(format!("The parameter {name} is missing")))
    };
    let (ids, origin) = (need("ProductIds")?, need("ProductOrigin")?);
    let language = string_param(request, "Language")?.unwrap_or_else(|| "EN".to_owned());
    let state = simulator.state();
    let found = listed(&ids)
        .filter_map(|id| state.table.products.get(id))
        .filter(|product| product.origin == origin)
        .map(|product| {
            json!({
                "ProductId": product.id,
                "ProductName": product.name(&language),
                "ProductImageUrl": media::absolute(request, product),
                "ProductTargetUrl": product.target_url,
            })
        });
    Ok(odata::list(found.collect()))
}

fn listed(ids: &str) -> impl Iterator<Item = &str> {
    ids.split(',').map(str::trim).filter(|id| !id.is_empty())
}
