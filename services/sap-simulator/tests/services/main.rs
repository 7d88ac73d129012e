//! The simulator's services, asked over their routes or over a socket.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

mod control;
mod details;
mod faults;
mod pictures;
mod runtime;
mod socket;

use mirror_sap_simulator::{Seed, Settings, Simulator};
use serde_json::{Value, json};
use warp::filters::BoxedFilter;
use warp::http::Response;
use warp::hyper::body::Bytes;

const RUNTIME: &str = "/sap/opu/odata/sap/PROD_RECO_RUNTIME_SRV";
/// MIRROR:simulator
const BASIC: &str = "Basic TUlSUk9SOnNpbXVsYXRvcg==";

type Answer = Response<Bytes>;

/// A simulator of the sample, and its routes.
struct Fixture {
    simulator: Simulator,
    routes: BoxedFilter<(warp::reply::Response,)>,
}

/// What a client keeps of a token fetch.
struct Session {
    token: String,
    cookies: String,
}

impl Fixture {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let simulator = Simulator::new(Seed::sample(), settings);
        Self { routes: simulator.routes(), simulator }
    }

    fn request(&self, method: &str, path: &str) -> warp::test::RequestBuilder {
        let request = warp::test::request().method(method).path(path);
        request.header("host", "mirror.example:8090").header("accept", "application/json")
    }

    async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).header("authorization", BASIC).reply(&self.routes).await
    }

    /// Without a logon.
    async fn visit(&self, path: &str) -> Answer {
        self.request("GET", path).reply(&self.routes).await
    }

    async fn session(&self) -> Session {
        let request = self.request("GET", &format!("{RUNTIME}/?saml2=disabled"));
        let request = request.header("authorization", BASIC).header("x-csrf-token", "Fetch");
        let answer = request.reply(&self.routes).await;
        assert_eq!(answer.status(), 200);
        let cookies: Vec<_> = answer
            .headers()
            .get_all("set-cookie")
            .iter()
            .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
            .collect();
        assert_eq!(cookies.len(), 2);
        let token = answer.headers()["x-csrf-token"].to_str().unwrap().to_owned();
        Session { token, cookies: cookies.join("; ") }
    }

    async fn post(&self, session: &Session, path: &str, body: &str) -> Answer {
        let request = self.request("POST", &format!("{RUNTIME}/{path}"));
        let request = request.header("x-csrf-token", &session.token).header("cookie", &session.cookies);
        request.body(body).reply(&self.routes).await
    }

    /// A new session and one question.
    async fn recommend(&self, scenario: &str, leading: &str) -> Answer {
        let session = self.session().await;
        self.post(&session, "RecommendationScenarios", &question(scenario, leading).to_string()).await
    }
}

fn question(scenario: &str, leading: &str) -> Value {
    json!({
        "UserId": "", "UserType": "ANONYMOUS", "ExternalTracking": true,
        "ScenarioHashes": [],
        "Scenarios": [{
            "ScenarioId": scenario,
            "LeadingObjects": [{"LeadingObjectType": "SAP_HYBRIS_PRODUCT", "LeadingObjectId": leading}],
            "BasketObjects": [],
        }],
        "ResultObjects": [],
    })
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

/// The values of `field` in a list.
fn fields<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|item| item[field].as_str().unwrap()).collect()
}

/// An error with all that clients read of it.
fn assert_error(answer: &Answer, status: u16, code: &str, words: &str) {
    assert_eq!(answer.status(), status);
    let error = &body(answer)["error"];
    assert_eq!(error["code"], code, "{error}");
    let message = error["message"]["value"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
    assert_eq!(error["innererror"]["transactionid"].as_str().unwrap().len(), 32);
    let time = error["innererror"]["timestamp"].as_str().unwrap();
    assert_eq!((time.len(), time.find('.')), (22, Some(14)), "{time}");
    assert_eq!(error["innererror"]["errordetails"][0]["message"], message);
}
