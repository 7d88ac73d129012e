//! What the page asks for and does: `/simulator/api/`. Nothing here fails on
//! purpose, and nothing is recorded.

mod view;

use serde::Deserialize;
use serde_json::json;
use warp::http::header::CACHE_CONTROL;
use warp::http::{Method, StatusCode};

use crate::answer::Answer;
use crate::faults::Faults;
use crate::request::Request;
use crate::table::{ORIGIN, Table};
use crate::{Simulator, media};

/// Statuses that can be switched on.
const STATUSES: [u16; 7] = [401, 403, 429, 500, 502, 503, 504];
/// The longest list of recommendations.
const RESULTS: usize = 50;
/// Letters of a name.
const WHO: usize = 60;
/// The longest wait before an answer.
const LATENCY_MS: u64 = 600_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    scenario: String,
    #[serde(default = "origin")]
    leading_type: String,
    /// Empty for the fallback list.
    leading_id: String,
    results: Vec<String>,
    who: String,
}

fn origin() -> String {
    ORIGIN.to_owned()
}

/// Answers `rest`, what follows `/simulator/` in the address.
pub(crate) fn answer(simulator: &Simulator, request: &Request, rest: &str) -> Answer {
    let result = match (&request.method, rest) {
        (&Method::GET, "api/state") => Ok(Answer::json(StatusCode::OK, view::of(simulator))),
        (&Method::GET, picture) if picture.starts_with("pictures/") => {
            return media::answer(simulator, request, picture.trim_start_matches("pictures/"));
        }
        (&Method::PUT, "api/recommendations") => own(request).and_then(|()| edit(simulator, request)),
        (&Method::PUT, "api/faults") => own(request).and_then(|()| faults(simulator, request)),
        (&Method::POST, "api/sessions/expire") => own(request).map(|()| {
            simulator.expire_sessions();
            Answer::empty(StatusCode::NO_CONTENT)
        }),
        (_, "api/state" | "api/recommendations" | "api/faults" | "api/sessions/expire") => {
            Err((StatusCode::METHOD_NOT_ALLOWED, format!("{} is not possible here", request.method)))
        }
        _ => Err((StatusCode::NOT_FOUND, format!("There is nothing at {}", request.path))),
    };
    result
        .unwrap_or_else(|(status, words)| Answer::json(status, json!({"error": words})))
        .with(CACHE_CONTROL, "no-store")
}

type Refused = (StatusCode, String);

fn bad(words: impl Into<String>) -> Refused {
    (StatusCode::BAD_REQUEST, words.into())
}

/// Only this server's own page may change something. A page from elsewhere
/// can't send JSON without asking, and nobody would answer it.
fn own(request: &Request) -> Result<(), Refused> {
    let json = request.header("content-type").is_some_and(|kind| {
        kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
    });
    if !json {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json".to_owned()));
    }
    match request.header("origin") {
        Some(origin) if origin.split_once("://").map(|(_, host)| host) != request.header("host") => {
            Err((StatusCode::FORBIDDEN, format!("{origin} is another origin")))
        }
        _ => Ok(()),
    }
}

fn edit(simulator: &Simulator, request: &Request) -> Result<Answer, Refused> {
    let edit: Edit = parsed(request)?;
    let mut state = simulator.state();
    check(&edit, &state.table)?;
    let results: Vec<_> = edit.results.iter().map(String::as_str).collect();
    let leading = (edit.leading_type, edit.leading_id);
    tracing::info!(scenario = edit.scenario, product = leading.1, "Recommendations edited");
    let version = state.table.edit(&edit.scenario, leading, &results, edit.who.trim());
    Ok(Answer::json(StatusCode::OK, json!({"version": version})))
}

fn check(edit: &Edit, table: &Table) -> Result<(), Refused> {
    let Edit { scenario, leading_type, leading_id, results, who } = edit;
    let Some(known) = table.scenarios.get(scenario) else {
        return Err(bad(format!("There is no scenario {scenario}")));
    };
    let row = (leading_type.clone(), leading_id.clone());
    let product = leading_type == ORIGIN && table.products.contains_key(leading_id);
    if !(leading_id.is_empty() || product || known.rows.contains_key(&row)) {
        return Err(bad(format!("There is no product {leading_id} of {leading_type}")));
    }
    if results.len() > RESULTS {
        return Err(bad(format!(
            "{} products are too many; at most {RESULTS} can be recommended",
            results.len()
        )));
    }
    for (rank, id) in results.iter().enumerate() {
        if !table.products.contains_key(id) {
            return Err(bad(format!("There is no product {id}")));
        }
        if results[..rank].contains(id) {
            return Err(bad(format!("The product {id} is in the list twice")));
        }
    }
    if who.trim().is_empty() || who.chars().count() > WHO || who.chars().any(char::is_control) {
        return Err(bad(format!("Say who you are, in at most {WHO} letters")));
    }
    Ok(())
}

fn faults(simulator: &Simulator, request: &Request) -> Result<Answer, Refused> {
    let faults: Faults = parsed(request)?;
    if let Some(status) = faults.status.filter(|status| !STATUSES.contains(status)) {
        return Err(bad(format!("{status} is none of the statuses {STATUSES:?}")));
    }
    if faults.latency_ms > LATENCY_MS {
        return Err(bad(format!("{} ms is too long; use at most {LATENCY_MS}", faults.latency_ms)));
    }
    tracing::info!(faults = serde_json::to_string(&faults).unwrap_or_default(), "Faults set");
    simulator.set_faults(faults);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn parsed<'a, T: Deserialize<'a>>(request: &'a Request) -> Result<T, Refused> {
    serde_json::from_slice(&request.body).map_err(|error| bad(format!("The body can't be read: {error}")))
}
