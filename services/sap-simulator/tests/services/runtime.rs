//! Recommendations and feedback.

use std::time::Duration;

use mirror_sap_simulator::{Impressions, Settings};
use serde_json::json;

use super::*;

#[tokio::test]
async fn results_come_in_rank_order_with_a_hash_that_holds_for_a_while() {
    let shop = Fixture::new();
    let before = now_ms();
    let answer = shop.recommend("MIRROR_TRIGGER", "MUG-001").await;
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["x-simulated-by"], "smart-mirror-sap-simulator");
    let entity = &body(&answer)["d"];
    assert_eq!((entity["UserId"].as_str(), entity["UserType"].as_str()), (Some(""), Some("ANONYMOUS")));

    let results = &entity["ResultObjects"]["results"];
    assert_eq!(fields(results, "ResultObjectId"), ["TEA-100", "TEA-200"]);
    assert_eq!(fields(results, "ResultObjectScore"), ["1.00000", "0.50000"]);
    assert_eq!(fields(results, "ScenarioId"), ["MIRROR_TRIGGER"; 2]);
    assert_eq!(fields(results, "ResultObjectType"), ["SAP_HYBRIS_PRODUCT"; 2]);

    let hash = &entity["ScenarioHashes"]["results"][0];
    assert_eq!(
        (hash["ScenarioId"].as_str(), hash["ResultScope"].as_str()),
        (Some("MIRROR_TRIGGER"), Some("G"))
    );
    let id = hash["HashId"].as_str().unwrap();
    assert!(id.len() == 32 && id.chars().all(|c| matches!(c, '0'..='9' | 'A'..='F')), "{id}");
    let until = hash["ExpiresOn"].as_str().unwrap();
    let until: u64 = until.strip_prefix("/Date(").unwrap().strip_suffix("+0000)/").unwrap().parse().unwrap();
    assert!((before + 30_000..=now_ms() + 30_000).contains(&until));
}

fn now_ms() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis().try_into().unwrap()
}

#[tokio::test]
async fn an_edit_changes_results_and_hash() {
    let shop = Fixture::new();
    let hash = |answer: &Answer| body(answer)["d"]["ScenarioHashes"]["results"][0]["HashId"].to_string();
    let first = shop.recommend("MIRROR_TRIGGER", "MUG-001").await;
    assert_eq!(hash(&first), hash(&shop.recommend("MIRROR_TRIGGER", "MUG-001").await));
    assert_ne!(hash(&first), hash(&shop.recommend("MIRROR_TRIGGER", "MUG-002").await));
    shop.simulator.recommend("MIRROR_TRIGGER", "MUG-001", &["TEA-300"], "Ada");
    let second = shop.recommend("MIRROR_TRIGGER", "MUG-001").await;
    assert_ne!(hash(&first), hash(&second));
    assert_eq!(fields(&body(&second)["d"]["ResultObjects"]["results"], "ResultObjectId"), ["TEA-300"]);
}

#[tokio::test]
async fn without_result_objects_only_hashes_come() {
    let shop = Fixture::new();
    let session = shop.session().await;
    let mut question = question("MIRROR_TRIGGER", "MUG-001");
    question.as_object_mut().unwrap().remove("ResultObjects");
    let answer = shop.post(&session, "RecommendationScenarios", &question.to_string()).await;
    let entity = &body(&answer)["d"];
    assert!(entity.get("ResultObjects").is_none());
    assert_eq!(entity["ScenarioHashes"]["results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn several_scenarios_are_told_apart() {
    let shop = Fixture::new();
    let session = shop.session().await;
    let mut question = question("MIRROR_TRIGGER", "MUG-002");
    question["Scenarios"].as_array_mut().unwrap().push(json!({"ScenarioId": "MIRROR_TOPSELLERS"}));
    let answer = shop.post(&session, "RecommendationScenarios", &question.to_string()).await;
    let entity = &body(&answer)["d"];
    let results = &entity["ResultObjects"]["results"];
    assert_eq!(fields(results, "ResultObjectId"), ["TEA-200", "TEA-300", "TEA-100", "TEA-200", "TEA-300"]);
    assert_eq!(fields(results, "ScenarioId")[1..3], ["MIRROR_TRIGGER", "MIRROR_TOPSELLERS"]);
    let hashes = fields(&entity["ScenarioHashes"]["results"], "ScenarioId");
    assert_eq!(hashes, ["MIRROR_TRIGGER", "MIRROR_TOPSELLERS"]);
}

#[tokio::test]
async fn what_cannot_be_answered_is_said() {
    let shop = Fixture::new();
    let unknown = shop.recommend("FOO", "MUG-001").await;
    assert_error(&unknown, 400, "SY/530", "Scenario FOO does not exist");
    let nothing = shop.recommend("MIRROR_TRIGGER", "unheard of").await;
    assert_eq!(body(&nothing)["d"]["ResultObjects"], json!({"results": []}));

    let session = shop.session().await;
    for text in ["{", "{}", r#"{"Scenarios":[{"ScenarioId":"MIRROR_TRIGGER","LeadingObjs":[]}]}"#] {
        let answer = shop.post(&session, "RecommendationScenarios", text).await;
        assert_error(&answer, 400, "SY/530", "The body can't be read");
    }
    let answer = shop.post(&session, "RecommendationScenarioss", "{}").await;
    assert_error(&answer, 400, "/IWFND/CM_MGW/051", "RecommendationScenarioss");
    let answer = shop.get(&format!("{RUNTIME}/RecommendationScenarios")).await;
    assert_error(&answer, 405, "/IWFND/CM_MGW/052", "GET");
    let answer = shop.get("/sap/opu/odata/sap/OTHER_SRV/Things").await;
    assert_error(&answer, 403, "/IWFND/MED/170", "OTHER_SRV");
    assert_error(&shop.get("/elsewhere").await, 404, "/IWBEP/CM_MGW_RT/020", "/elsewhere");
}

#[tokio::test]
async fn who_does_not_ask_for_json_gets_errors_as_xml() {
    let shop = Fixture::new();
    let request = warp::test::request().path("/sap/opu/odata/sap/A&B_SRV/");
    let answer = request.reply(&shop.routes).await;
    assert_eq!(answer.headers()["content-type"], "application/xml;charset=utf-8");
    let text = String::from_utf8_lossy(answer.body());
    assert!(text.contains("<code>/IWFND/MED/170</code>") && text.contains("A&amp;B_SRV"), "{text}");
}

#[tokio::test]
async fn a_post_needs_token_and_both_cookies() {
    let shop = Fixture::new();
    let Session { token, cookies } = shop.session().await;
    let first = cookies.split("; ").next().unwrap().to_owned();
    let session =
        |token: &str, cookies: &str| Session { token: token.to_owned(), cookies: cookies.to_owned() };
    for wrong in
        [session("", &cookies), session("other", &cookies), session(&token, &first), session(&token, "")]
    {
        let answer = shop.post(&wrong, "RecommendationScenarios", "{}").await;
        assert_eq!(
            (answer.status().as_u16(), &answer.body()[..]),
            (403, b"CSRF token validation failed".as_slice())
        );
        assert_eq!(answer.headers()["x-csrf-token"], "Required");
    }
    // The user's password takes no token's place.
    let request = shop.request("POST", &format!("{RUNTIME}/RecommendationScenarios"));
    let answer = request.header("authorization", BASIC).reply(&shop.routes).await;
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn a_session_ends_and_a_new_one_is_as_good() {
    let shop = Fixture::new();
    let session = shop.session().await;
    let question = question("MIRROR_TRIGGER", "MUG-001").to_string();
    assert_eq!(shop.post(&session, "RecommendationScenarios", &question).await.status(), 201);
    shop.simulator.expire_sessions();
    assert_eq!(shop.post(&session, "RecommendationScenarios", &question).await.status(), 401);
    let again = shop.session().await;
    assert_eq!(shop.post(&again, "RecommendationScenarios", &question).await.status(), 201);

    let brief = Fixture::with(Settings { session_life: Duration::ZERO, ..Settings::default() });
    assert_eq!(brief.recommend("MIRROR_TRIGGER", "MUG-001").await.status(), 401);
}

#[tokio::test]
async fn reading_needs_the_password_or_a_session() {
    let shop = Fixture::with(Settings { client: "100".to_owned(), ..Settings::default() });
    let path =
        format!("{RUNTIME}/ProductRecoScenarios?$select=ScenarioId,ScenarioDescription&sap-client=100");
    let wrong = shop.request("GET", &path).header("authorization", "Basic TUlSUk9SOndyb25n");
    let answer = wrong.reply(&shop.routes).await;
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key("www-authenticate"));
    assert_eq!(shop.visit(&path).await.status(), 401);
    assert_eq!(shop.get(&path.replace("=100", "=200")).await.status(), 401);

    let session = shop.session().await;
    let answer = shop.request("GET", &path).header("cookie", &session.cookies).reply(&shop.routes).await;
    let list = &body(&answer)["d"]["results"];
    assert_eq!(fields(list, "ScenarioId"), ["MIRROR_TOPSELLERS", "MIRROR_TRIGGER"]);
    assert_eq!(list[1]["ScenarioDescription"], "Smart mirror, product in hand");
    let types = body(&shop.get(&format!("{RUNTIME}/ItemSourceTypes")).await);
    assert_eq!(types["d"]["results"][0]["ItemSourceObjectType"], "SAP_HYBRIS_PRODUCT");
}

#[tokio::test]
async fn feedback_is_counted_by_scenario() {
    let shop = Fixture::new();
    let session = shop.session().await;
    let click = json!({
        "ScenarioId": "MIRROR_TRIGGER", "UserId": "", "UserType": "ANONYMOUS",
        "InteractionType": "CLICK_THROUGH", "TimeStamp": "/Date(1767222000000)/",
        "SourceObjectId": "mirror-0001-s42",
        "InteractionItems": [{"ItemType": "SAP_HYBRIS_PRODUCT", "ItemId": "TEA-100"}],
    });
    assert_eq!(shop.post(&session, "Interactions", &click.to_string()).await.status(), 201);
    let impressions = |scenario: &str, items: u32| {
        format!(
            "PostImpressions?ScenarioId='{scenario}'&ImpressionCount=3&ItemCount={items}\
             &TimeStamp=datetimeoffset'2026-01-01T10:00:00Z'"
        )
    };
    for _ in 0..2 {
        let answer = shop.post(&session, &impressions("MIRROR_TRIGGER", 12), "").await;
        assert_eq!(answer.status(), 204);
    }
    let feedback = shop.simulator.feedback();
    assert_eq!(feedback.impressions["MIRROR_TRIGGER"], Impressions { count: 6, items: 24, calls: 2 });
    assert_eq!((feedback.clicks.as_slice(), feedback.click_counts["MIRROR_TRIGGER"]), (&[click][..], 1));

    for wrong in [
        impressions("MIRROR_TRIGGER", 0),
        impressions("MIRROR_TRIGGER", 101),
        impressions("FOO", 1),
        impressions("MIRROR_TRIGGER", 1).replace('\'', ""),
        impressions("MIRROR_TRIGGER", 1).replace("datetimeoffset", ""),
        "PostImpressions".to_owned(),
    ] {
        assert_eq!(shop.post(&session, &wrong, "").await.status(), 400, "{wrong}");
    }
    let nothing =
        r#"{"ScenarioId":"MIRROR_TRIGGER","InteractionType":"CLICK_THROUGH","InteractionItems":[]}"#;
    assert_eq!(shop.post(&session, "Interactions", nothing).await.status(), 400);
    assert_eq!(shop.simulator.feedback().clicks.len(), 1);
}

#[tokio::test]
async fn requests_are_recorded_as_they_came() {
    let shop = Fixture::new();
    let session = shop.session().await;
    shop.post(&session, "RecommendationScenarios?saml2=disabled", "{}").await;
    shop.visit("/").await;
    let requests = shop.simulator.requests();
    assert_eq!(requests.len(), 2, "the page's own requests are not recorded");
    let post = &requests[1];
    assert_eq!((post.method.as_str(), post.query.as_str(), post.status), ("POST", "saml2=disabled", 400));
    assert_eq!(post.path, format!("{RUNTIME}/RecommendationScenarios"));
    assert_eq!(
        (post.header("cookie"), post.body.as_slice()),
        (Some(session.cookies.as_str()), b"{}".as_slice())
    );
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let shop = Fixture::new();
    let session = shop.session().await;
    let long = " ".repeat(1024 * 1024 + 1);
    assert_eq!(shop.post(&session, "RecommendationScenarios", &long).await.status(), 413);
}
