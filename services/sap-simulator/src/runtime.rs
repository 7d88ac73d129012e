//! `PROD_RECO_RUNTIME_SRV`: what a shop asks for recommendations, and where it
//! reports what was shown and clicked.

use md5::{Digest as _, Md5};
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::StatusCode;

use crate::Simulator;
use crate::answer::Answer;
use crate::logon;
use crate::odata::{self, Refusal, bad, string_param, unknown_set, wrong_method};
use crate::request::Request;
use crate::table::{Leading, ORIGIN, Recommended};

pub(crate) const NAME: &str = "PROD_RECO_RUNTIME_SRV";
/// The same for everybody: the simulator knows no shoppers.
const SCOPE: &str = "G";
const SETS: [&str; 4] =
    ["RecommendationScenarios", "ProductRecoScenarios", "ItemSourceTypes", "Interactions"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Question {
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    user_type: String,
    #[serde(default)]
    external_tracking: Option<bool>,
    scenarios: Vec<Slot>,
    #[serde(default)]
    #[expect(dead_code, reason = "allowed, and without effect here")]
    context_params: Vec<Value>,
    #[serde(default)]
    #[expect(dead_code, reason = "allowed, and without effect here")]
    scenario_hashes: Vec<Value>,
    /// Present when results are wanted, not only their hashes.
    #[serde(default)]
    result_objects: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Slot {
    scenario_id: String,
    #[serde(default)]
    leading_objects: Vec<LeadingObject>,
    #[serde(default)]
    #[expect(dead_code, reason = "allowed, and without effect here")]
    basket_objects: Vec<BasketObject>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct LeadingObject {
    leading_object_type: String,
    leading_object_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "read to be checked")]
struct BasketObject {
    basket_object_type: String,
    basket_object_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Interaction {
    scenario_id: String,
    interaction_type: String,
    interaction_items: Vec<InteractionItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "read to be checked")]
struct InteractionItem {
    item_type: String,
    item_id: String,
}

/// Answers `rest`, what follows the service's name in the address.
pub(crate) fn answer(simulator: &Simulator, request: &Request, rest: &str) -> Result<Answer, Refusal> {
    if request.reads() {
        let session = logon::reader(simulator, request)?;
        let answer = match rest {
            "" => Answer::json(StatusCode::OK, json!({"d": {"EntitySets": SETS}})),
            "ProductRecoScenarios" => scenarios(simulator),
            "ItemSourceTypes" => odata::list(vec![json!({
                "ItemSourceObjectType": ORIGIN,
                "ItemSourceTypeDescription": "SAP Commerce product",
            })]),
            "RecommendationScenarios" | "Interactions" | "PostImpressions" => {
                return Err(wrong_method(request));
            }
            other => return Err(unknown_set(other)),
        };
        return Ok(logon::with_token(simulator, request, session, answer));
    }
    if request.method != warp::http::Method::POST {
        return Err(wrong_method(request));
    }
    logon::writer(simulator, request)?;
    match rest {
        "RecommendationScenarios" => recommend(simulator, request),
        "Interactions" => interaction(simulator, request),
        "PostImpressions" => impressions(simulator, request),
        "" | "ProductRecoScenarios" | "ItemSourceTypes" => Err(wrong_method(request)),
        other => Err(unknown_set(other)),
    }
}

fn recommend(simulator: &Simulator, request: &Request) -> Result<Answer, Refusal> {
    let question: Question = parsed(request)?;
    let state = simulator.state();
    let (mut hashes, mut results) = (Vec::new(), Vec::new());
    for slot in &question.scenarios {
        let name = &slot.scenario_id;
        let leading: Vec<Leading> = slot
            .leading_objects
            .iter()
            .map(|object| (object.leading_object_type.clone(), object.leading_object_id.clone()))
            .collect();
        let items = state.table.recommended(name, &leading).ok_or_else(|| unknown_scenario(name))?;
        let version = state.table.scenarios[name].version;
        hashes.push(json!({
            "ScenarioId": name,
            "HashId": hash(name, version, &leading),
            "ExpiresOn": odata::date_ahead(simulator.settings().expiry),
            "ResultScope": SCOPE,
        }));
        results.extend(items.iter().map(|item| result(name, item)));
    }
    let mut entity = json!({
        "__metadata": {
            "uri": odata::uri(request, NAME, &format!("RecommendationScenarios('{}')", question.user_id)),
            "type": format!("{NAME}.RecommendationScenario"),
        },
        "UserId": question.user_id,
        "UserType": question.user_type,
        "ScenarioHashes": {"results": hashes},
    });
    if let Some(tracking) = question.external_tracking {
        entity["ExternalTracking"] = tracking.into();
    }
    if question.result_objects.is_some() {
        entity["ResultObjects"] = json!({"results": results});
    }
    Ok(Answer::json(StatusCode::CREATED, json!({"d": entity})))
}

fn result(scenario: &str, item: &Recommended) -> Value {
    json!({
        "ScenarioId": scenario,
        "ResultObjectType": item.result_type,
        "ResultObjectId": item.result_id,
        "ResultObjectScore": format!("{:.5}", item.score),
    })
}

/// Names a list that can be kept: another version, another name.
fn hash(scenario: &str, version: u64, leading: &[Leading]) -> String {
    let mut ids: Vec<_> = leading.iter().map(|(origin, id)| format!("{origin}\n{id}")).collect();
    ids.sort();
    let digest = Md5::digest(format!("{scenario}\t{version}\t{}\t{SCOPE}", ids.join("\t")));
    digest.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn scenarios(simulator: &Simulator) -> Answer {
    let state = simulator.state();
    let rows = state
        .table
        .scenarios
        .iter()
        .map(|(id, scenario)| json!({"ScenarioId": id, "ScenarioDescription": scenario.description}));
    odata::list(rows.collect())
}

fn interaction(simulator: &Simulator, request: &Request) -> Result<Answer, Refusal> {
    let interaction: Interaction = parsed(request)?;
    let entity: Value = parsed(request)?;
    let mut state = simulator.state();
    if !state.table.scenarios.contains_key(&interaction.scenario_id) {
        return Err(unknown_scenario(&interaction.scenario_id));
    }
    if interaction.interaction_items.is_empty() || interaction.interaction_type.is_empty() {
        return Err(bad("An interaction needs a type and at least one item"));
    }
    state.feedback.clicked(&interaction.scenario_id, entity.clone());
    Ok(Answer::json(StatusCode::CREATED, json!({"d": entity})))
}

fn impressions(simulator: &Simulator, request: &Request) -> Result<Answer, Refusal> {
    let scenario = string_param(request, "ScenarioId")?.ok_or_else(|| missing("ScenarioId"))?;
    let count = number(request, "ImpressionCount")?;
    let items = number(request, "ItemCount")?;
    if !(1..=100).contains(&items) {
        return Err(bad(format!("ItemCount is {items}; use 1 to 100")));
    }
    let time = request.param("TimeStamp").ok_or_else(|| missing("TimeStamp"))?;
    let moment = time.strip_prefix("datetimeoffset").and_then(odata::string_literal);
    if moment.is_none_or(|moment| moment.parse::<prost_types::Timestamp>().is_err()) {
        return Err(bad(format!("Invalid datetimeoffset literal for TimeStamp: {time}")));
    }
    let mut state = simulator.state();
    if !state.table.scenarios.contains_key(&scenario) {
        return Err(unknown_scenario(&scenario));
    }
    state.feedback.shown(&scenario, count, items);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn number(request: &Request, name: &str) -> Result<u64, Refusal> {
    let text = request.param(name).ok_or_else(|| missing(name))?;
    text.parse().map_err(|_| bad(format!("Invalid number for {name}: {text}")))
}

fn missing(name: &str) -> Refusal {
    bad(format!("The parameter {name} is missing"))
}

fn unknown_scenario(name: &str) -> Refusal {
    bad(format!("Scenario {name} does not exist"))
}

fn parsed<'a, T: Deserialize<'a>>(request: &'a Request) -> Result<T, Refusal> {
    serde_json::from_slice(&request.body).map_err(|error| bad(format!("The body can't be read: {error}")))
}
