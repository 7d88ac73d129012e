//! Answers that say something else, or say it differently.

use prost_types::Timestamp;
use serde_json::{Map, Value, json};

use super::BodyFault;

/// What no page should ever run.
const MARKUP: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>";

pub(super) fn change(value: &mut Value, fault: BodyFault) {
    match fault {
        BodyFault::EmptyList => {
            lists(value).into_iter().for_each(Vec::clear);
            // Where nothing is found there are no details either.
            if let Some(all) = value.as_object_mut() {
                all.remove("products");
            }
        }
        BodyFault::DuplicateItems => {
            for list in lists(value) {
                *list = list.iter().flat_map(|item| [item.clone(), item.clone()]).collect();
            }
        }
        BodyFault::ForeignScenario => foreign(value),
        BodyFault::Bare => bare(value),
        BodyFault::NumbersAsNumbers => each(value, &mut |name, value| {
            if name == "ResultObjectScore" {
                let number = value.as_str().and_then(|text| text.parse::<f64>().ok());
                *value = number.map_or(Value::Null, Value::from);
            }
        }),
        BodyFault::IsoDates => each(value, &mut |_, value| {
            if let Some(millis) = millis(value) {
                let nanos = (millis.rem_euclid(1000) * 1_000_000) as i32;
                *value = Timestamp { seconds: millis.div_euclid(1000), nanos }.to_string().into();
            }
        }),
        BodyFault::PlainDates => each(value, &mut |_, value| {
            if let Some(millis) = millis(value) {
                *value = format!("/Date({millis})/").into();
            }
        }),
        BodyFault::NoExpiry => without(value, "ExpiresOn"),
        BodyFault::HtmlNames => each(value, &mut |name, value| {
            if ["Name", "ProductName", "name", "title"].contains(&name)
                && let Some(text) = value.as_str()
            {
                *value = format!("{MARKUP}{text}").into();
            }
        }),
        BodyFault::Malformed
        | BodyFault::Empty
        | BodyFault::Html
        | BodyFault::XmlError
        | BodyFault::Endless
        | BodyFault::Deep
        | BodyFault::Huge => unreachable!("{fault:?} is no matter of what is said"),
    }
}

/// What was recommended or found, wherever the service puts it.
fn lists(value: &mut Value) -> Vec<&mut Vec<Value>> {
    let mut found = Vec::new();
    let Some(all) = value.as_object_mut() else { return found };
    for (name, value) in all {
        match name.as_str() {
            "d" => {
                let Some(entity) = value.as_object_mut() else { continue };
                for (name, value) in entity {
                    match name.as_str() {
                        "results" => found.extend(value.as_array_mut()),
                        "ResultObjects" => found.extend(value["results"].as_array_mut()),
                        _ => {}
                    }
                }
            }
            "features" => {
                let features = value.as_object_mut().into_iter().flatten();
                found.extend(features.filter_map(|(_, feature)| feature["items"].as_array_mut()));
            }
            _ => {}
        }
    }
    found
}

fn foreign(value: &mut Value) {
    const SCENARIO: &str = "SOMEBODY_ELSES";
    let Some(entity) = value.get_mut("d").and_then(Value::as_object_mut) else { return };
    let rows = |entity: &mut Map<String, Value>, name: &str, row: Value| {
        if let Some(rows) = entity.get_mut(name).and_then(|list| list["results"].as_array_mut()) {
            rows.insert(0, row.clone());
            rows.push(row);
        }
    };
    let result = json!({
        "ScenarioId": SCENARIO,
        "ResultObjectType": crate::ORIGIN,
        "ResultObjectId": "FOREIGN-1",
        "ResultObjectScore": "1.00000",
    });
    rows(entity, "ResultObjects", result);
    let hash = json!({
        "ScenarioId": SCENARIO,
        "HashId": "00000000000000000000000000000000",
        "ExpiresOn": "/Date(0+0000)/",
        "ResultScope": "G",
    });
    rows(entity, "ScenarioHashes", hash);
}

/// Takes lists out of the objects around them.
fn bare(value: &mut Value) {
    if let Some(object) = value.as_object_mut()
        && object.len() == 1
        && let Some(list) = object.get_mut("results").filter(|list| list.is_array())
    {
        *value = list.take();
    }
    children(value).into_iter().for_each(|(_, value)| bare(value));
}

fn without(value: &mut Value, name: &str) {
    if let Some(object) = value.as_object_mut() {
        object.remove(name);
    }
    children(value).into_iter().for_each(|(_, value)| without(value, name));
}

/// Calls `change` with each value that has a name.
fn each(value: &mut Value, change: &mut impl FnMut(&str, &mut Value)) {
    for (name, value) in children(value) {
        if let Some(name) = name {
            change(name, value);
        }
        each(value, change);
    }
}

fn children(value: &mut Value) -> Vec<(Option<&str>, &mut Value)> {
    match value {
        Value::Object(object) => {
            object.iter_mut().map(|(name, value)| (Some(name.as_str()), value)).collect()
        }
        Value::Array(list) => list.iter_mut().map(|value| (None, value)).collect(),
        _ => Vec::new(),
    }
}

/// Of a date as OData writes it.
fn millis(value: &Value) -> Option<i64> {
    value.as_str()?.strip_prefix("/Date(")?.strip_suffix("+0000)/")?.parse().ok()
}
