//! Everything that the page shows.

use serde_json::{Value, json};

use crate::Simulator;
use crate::table::{ORIGIN, Product, Recommended, Scenario};

pub(super) fn of(simulator: &Simulator) -> Value {
    let (requests, last) = simulator.record().count();
    let faults = simulator.faults();
    let state = simulator.state();
    let scenarios = state.table.scenarios.iter().map(|(id, scenario)| {
        let mut scenario = view(id, scenario);
        let shown = state.feedback.impressions.get(id).copied().unwrap_or_default();
        let clicks = state.feedback.click_counts.get(id).copied().unwrap_or_default();
        scenario["feedback"] =
            json!({"shown": shown.count, "items": shown.items, "calls": shown.calls, "clicks": clicks});
        scenario
    });
    json!({
        "expiry_seconds": simulator.settings().expiry.as_secs(),
        "leading_type": ORIGIN,
        "scenarios": scenarios.collect::<Vec<_>>(),
        "products": state.table.products.values().map(product).collect::<Vec<_>>(),
        "edits": state.table.edits,
        "faults": faults,
        "requests": requests,
        "seconds_since_request": last.map(|last| last.elapsed().as_secs()),
    })
}

fn view(id: &str, scenario: &Scenario) -> Value {
    let rows = scenario.rows.iter().map(|((leading_type, leading_id), results)| {
        json!({"leading_type": leading_type, "leading_id": leading_id, "results": ids(results)})
    });
    json!({
        "id": id,
        "description": scenario.description,
        "version": scenario.version,
        "rows": rows.collect::<Vec<_>>(),
        "fallback": ids(&scenario.fallback),
    })
}

fn ids(items: &[Recommended]) -> Vec<&str> {
    items.iter().map(|item| item.result_id.as_str()).collect()
}

fn product(product: &Product) -> Value {
    // An address without faults: the page shows pictures even while mirrors
    // get none.
    let picture = match product.picture.as_str() {
        "" => String::new(),
        file => format!("/simulator/pictures/{file}"),
    };
    json!({
        "id": product.id,
        "name": product.name("en"),
        "picture": picture,
        "price": product.price,
        "currency": product.currency,
        "brand": product.brand,
    })
}
