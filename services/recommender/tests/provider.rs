//! The providers against the simulator, over real HTTP: what is asked, what is
//! shown, and what happens when the tenant changes its mind or goes away.

#![allow(clippy::unwrap_used, reason = "a test that can't go on may panic")]

#[path = "support/tenant.rs"]
#[allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
mod tenant;

use std::time::{Duration, SystemTime};

use futures::StreamExt as _;
use mirror_recommender::recommendations::check;
use mirror_recommender::recommendations::feedback::Interaction;
use mirror_recommender::recommendations::settings::Secret;
use mirror_recommender::recommendations::{Freshness, pictures};
use mirror_sap_simulator::{BodyFault, Faults, GzipFault, Service};
use tenant::{Tenant, desk, get, ids, names, settings_at};

const LONG: Duration = Duration::from_secs(600);
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_trigger_product_becomes_cards_with_names_and_pictures() {
    let tenant = Tenant::start(LONG).await;
    for (provider, flags, priced) in [
        ("sap-runtime", &[][..], false),
        ("sap-runtime", &["--products", "sap-cache"], false),
        ("sap-runtime", &["--products", "occ", "--occ-pages-url", "https://shop.example"], true),
        ("sap-cache", &[], false),
        ("sap-cache", &["--products", "occ"], true),
        ("emarsys", &[], true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let desk = tenant.desk(folder.path(), provider, flags).await;
        let found = get(&desk, "MUG-001").await;
        let what = format!("{provider} {flags:?}: {found:?}");
        assert_eq!(ids(&found.items), ["TEA-100", "TEA-200"], "{what}");
        assert_eq!(names(&found.items), ["Green tea 100 g", "Earl Grey 100 g"], "{what}");
        assert_eq!((found.provider, found.freshness), (provider, Freshness::Fresh), "{what}");
        let price = (found.items[0].price.parse::<f64>().ok(), found.items[0].currency.as_str());
        assert_eq!(price, if priced { (Some(6.5), "EUR") } else { (None, "") }, "{what}");
        let picture = pictures::id(found.items[0].picture.as_ref().unwrap());
        let picture = desk.pictures.get(&picture).await.unwrap();
        assert!(image::load_from_memory(&picture.data).unwrap().width() > 16, "{what}");
        assert!(get(&desk, "").await.items.is_empty());
    }
}

#[tokio::test]
async fn names_are_in_the_language_of_the_page() {
    let tenant = Tenant::start(LONG).await;
    for (provider, flags) in
        [("sap-runtime", &[][..]), ("sap-runtime", &["--products", "occ"]), ("sap-cache", &[])]
    {
        let folder = tempfile::tempdir().unwrap();
        let desk = tenant.desk(folder.path(), provider, flags).await;
        let found = desk.cache.get(&"MUG-001".into(), "de-CH", PATIENCE).await;
        assert_eq!(names(&found.items)[0], "Grüner Tee 100 g", "{provider} {flags:?}");
    }
}

#[tokio::test]
async fn two_scenarios_in_one_question_are_told_apart() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--sap-scenario", "MIRROR_TRIGGER,MIRROR_TOPSELLERS"];
    let desk = tenant.desk(folder.path(), "sap-runtime", &flags).await;
    let found = get(&desk, "MUG-002").await;
    // MUG-002 has TEA-200 and TEA-300; the top sellers fill up with TEA-100.
    assert_eq!(ids(&found.items), ["TEA-200", "TEA-300", "TEA-100"]);
    let slots: Vec<&str> = found.items.iter().map(|card| card.slot.as_str()).collect();
    assert_eq!(slots, ["MIRROR_TRIGGER", "MIRROR_TRIGGER", "MIRROR_TOPSELLERS"]);
    assert_eq!(tenant.asked("RecommendationScenarios").len(), 1);
}

#[tokio::test]
async fn a_marketeer_s_change_is_on_the_mirror_soon_after_the_list_expires() {
    let expiry = Duration::from_secs(1);
    let tenant = Tenant::start(expiry).await;
    let folder = tempfile::tempdir().unwrap();
    let desk = tenant.desk(folder.path(), "sap-runtime", &[]).await;
    let mut screen = desk.cache.follow(&"MUG-001".into(), "en");
    assert_eq!(ids(&screen.next().await.unwrap().items), ["TEA-100", "TEA-200"]);
    tenant.simulator.recommend("MIRROR_TRIGGER", "MUG-001", &["HON-100"], "a marketeer");
    let changed = tokio::time::timeout(expiry + Duration::from_secs(5), screen.next()).await;
    let changed = changed.expect("within 5 s of expiry").unwrap();
    assert_eq!((ids(&changed.items), changed.freshness), (vec!["HON-100"], Freshness::Fresh));
}

#[tokio::test]
async fn without_the_network_the_last_list_stays_also_over_a_restart() {
    let tenant = Tenant::start(Duration::from_secs(1)).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant.settings("sap-runtime", &[]);
    let first = desk(&settings, folder.path()).await;
    let mut screen = first.cache.follow(&"MUG-001".into(), "en");
    let fresh = screen.next().await.unwrap();
    let picture = pictures::id(fresh.items[0].picture.as_ref().unwrap());
    let shown = first.pictures.get(&picture).await.unwrap();
    let (simulator, addr) = tenant.stop().await;

    let stale = tokio::time::timeout(PATIENCE, screen.next()).await.unwrap().unwrap();
    assert_eq!((&stale.items, stale.freshness), (&fresh.items, Freshness::Stale));
    drop(screen);
    first.close().await;

    let second = desk(&settings, folder.path()).await;
    let mut screen = second.cache.follow(&"MUG-001".into(), "en");
    let kept = screen.next().await.unwrap();
    assert_eq!((&kept.items, kept.freshness), (&fresh.items, Freshness::Stale));
    assert_eq!(second.pictures.get(&picture).await.unwrap(), shown);

    let _back = Tenant::serve(simulator, addr).await;
    let back = tokio::time::timeout(PATIENCE, screen.next()).await.expect("it is noticed").unwrap();
    assert_eq!((&back.items, back.freshness), (&fresh.items, Freshness::Fresh));
}

#[tokio::test]
async fn another_tenant_s_answers_are_not_shown() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    get(&tenant.desk(folder.path(), "sap-runtime", &[]).await, "MUG-001").await;
    let elsewhere = settings_at("http://127.0.0.1:9", "sap-runtime", &[]);
    let found = get(&desk(&elsewhere, folder.path()).await, "MUG-001").await;
    assert_eq!((found.items.len(), found.freshness), (0, Freshness::None));
}

#[tokio::test]
async fn an_ended_session_costs_one_new_token_and_one_repeat() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    let desk = tenant.desk(folder.path(), "sap-runtime", &["--products", "none"]).await;
    get(&desk, "MUG-001").await;
    let root = "PROD_RECO_RUNTIME_SRV/";
    assert_eq!((tenant.asked(root).len(), tenant.asked("RecommendationScenarios").len()), (1, 1));
    tenant.simulator.expire_sessions();
    assert_eq!(ids(&get(&desk, "MUG-002").await.items), ["TEA-200", "TEA-300"]);
    let posts: Vec<u16> = tenant.asked("RecommendationScenarios").iter().map(|post| post.status).collect();
    assert_eq!((tenant.asked(root).len(), posts), (2, vec![201, 401, 201]));
}

#[tokio::test]
async fn a_token_that_is_never_taken_ends_in_an_error_not_in_a_loop() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    let desk = tenant.desk(folder.path(), "sap-runtime", &[]).await;
    tenant.fails(Faults { csrf_rejected: true, ..Faults::default() });
    assert_eq!(get(&desk, "MUG-001").await.freshness, Freshness::None);
    assert_eq!(tenant.asked("RecommendationScenarios").len(), 2);
}

#[tokio::test]
async fn a_wrong_password_is_one_clear_error() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    let mut settings = tenant.settings("sap-runtime", &[]);
    settings.secrets.sap_password = Secret::Set("s3cret-and-wrong".into());
    let desk = desk(&settings, folder.path()).await;
    for product in ["MUG-001", "MUG-002", "MUG-001"] {
        assert_eq!(get(&desk, product).await.freshness, Freshness::None);
    }
    assert_eq!(tenant.simulator.requests().len(), 1, "asking again may lock the user");
    let problem = desk.cache.problem().borrow().clone().unwrap();
    assert!(problem.contains("MIRROR_SAP_PASSWORD") && problem.contains("401"), "{problem}");
    assert!(!problem.contains("s3cret"), "{problem}");
}

#[tokio::test]
async fn an_unknown_service_or_scenario_says_so() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    tenant.fails(Faults { unknown_service: true, ..Faults::default() });
    let desk = tenant.desk(folder.path(), "sap-runtime", &[]).await;
    get(&desk, "MUG-001").await;
    let problem = desk.cache.problem().borrow().clone().unwrap();
    assert!(problem.contains("/IWFND/MED/170") && problem.contains("communication arrangement"), "{problem}");
    assert_eq!(tenant.simulator.requests().len(), 1, "no loop over the token");
    tenant.fails(Faults::default());
    let desk = tenant.desk(folder.path(), "sap-runtime", &["--sap-scenario", "FOO"]).await;
    assert_eq!(get(&desk, "MUG-001").await.freshness, Freshness::None);
}

#[tokio::test]
async fn every_form_that_the_protocol_allows_is_read() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    let plain = get(&tenant.desk(folder.path(), "sap-runtime", &[]).await, "MUG-001").await.items;
    let body = |body| Faults { body: Some(body), ..Faults::default() };
    for faults in [
        body(BodyFault::Bare),
        body(BodyFault::NumbersAsNumbers),
        body(BodyFault::IsoDates),
        body(BodyFault::PlainDates),
        body(BodyFault::NoExpiry),
        body(BodyFault::DuplicateItems),
        body(BodyFault::ForeignScenario),
        Faults { gzip: GzipFault::Always, ..Faults::default() },
        Faults { gzip: GzipFault::Never, ..Faults::default() },
    ] {
        tenant.fails(faults.clone());
        let folder = tempfile::tempdir().unwrap();
        let found = get(&tenant.desk(folder.path(), "sap-runtime", &[]).await, "MUG-001").await;
        assert_eq!((found.items, found.freshness), (plain.clone(), Freshness::Fresh), "{faults:?}");
    }
}

#[tokio::test]
async fn whatever_goes_wrong_the_last_good_list_stays() {
    let tenant = Tenant::start(Duration::from_secs(1)).await;
    let body = |body| Faults { body: Some(body), ..Faults::default() };
    let status = |status| Faults { status: Some(status), ..Faults::default() };
    let faults = [
        status(401),
        status(403),
        Faults { retry_after_s: Some(1), ..status(429) },
        status(500),
        status(502),
        status(503),
        status(504),
        body(BodyFault::Malformed),
        body(BodyFault::Empty),
        body(BodyFault::Html),
        body(BodyFault::XmlError),
        Faults { hang: true, ..Faults::default() },
        Faults { drop: true, ..Faults::default() },
    ];
    let check = async |faults: Faults| {
        let tenant = Tenant::start(Duration::from_secs(1)).await;
        let folder = tempfile::tempdir().unwrap();
        let desk = tenant.desk(folder.path(), "sap-runtime", &["--provider-timeout-ms", "300"]).await;
        let mut screen = desk.cache.follow(&"MUG-001".into(), "en");
        let fresh = screen.next().await.unwrap();
        assert_eq!(fresh.freshness, Freshness::Fresh);
        tenant.fails(faults.clone());
        let stale = tokio::time::timeout(PATIENCE, screen.next()).await.expect("it goes stale").unwrap();
        assert_eq!((&stale.items, stale.freshness), (&fresh.items, Freshness::Stale), "{faults:?}");
    };
    futures::future::join_all(faults.map(check)).await;
    drop(tenant);
}

#[tokio::test]
async fn an_empty_list_is_an_answer_and_a_withdrawn_product_is_left_out() {
    let tenant = Tenant::start(LONG).await;
    tenant.simulator.recommend("MIRROR_TRIGGER", "MUG-001", &[], "a marketeer");
    tenant.simulator.recommend("MIRROR_TRIGGER", "MUG-002", &["GONE-1", "TEA-300"], "a marketeer");
    for products in ["product-master", "occ", "sap-cache"] {
        let folder = tempfile::tempdir().unwrap();
        let desk = tenant.desk(folder.path(), "sap-runtime", &["--products", products]).await;
        let found = get(&desk, "MUG-001").await;
        assert_eq!((found.items.len(), found.freshness), (0, Freshness::None), "{products}");
        assert_eq!(ids(&get(&desk, "MUG-002").await.items), ["TEA-300"], "{products}");
    }
}

#[tokio::test]
async fn many_who_ask_at_once_cost_one_question() {
    let tenant = Tenant::start(LONG).await;
    tenant.fails(Faults { latency_ms: 50, ..Faults::default() });
    let folder = tempfile::tempdir().unwrap();
    let desk = tenant.desk(folder.path(), "sap-runtime", &[]).await;
    let all = futures::future::join_all((0..200).map(|_| get(&desk, "MUG-001"))).await;
    assert!(all.iter().all(|found| found.items.len() == 2));
    assert_eq!(tenant.asked("RecommendationScenarios").len(), 1);
}

#[tokio::test]
async fn ten_thousand_questions_to_a_provider_that_is_down_cost_a_dozen_calls() {
    let tenant = Tenant::start(LONG).await;
    tenant.fails(Faults { status: Some(503), ..Faults::default() });
    let folder = tempfile::tempdir().unwrap();
    let desk = tenant.desk(folder.path(), "sap-runtime", &[]).await;
    // Fifty products, two hundred times each, in far less than a minute.
    for round in 0..200 {
        let products = (0..50).map(|number| format!("P-{number}"));
        let asked: Vec<_> = products.collect();
        let all = asked.iter().map(|product| get(&desk, product));
        let none = futures::future::join_all(all).await;
        assert!(none.iter().all(|found| found.freshness == Freshness::None), "round {round}");
    }
    let calls = tenant.simulator.requests().len();
    assert!((1..=20).contains(&calls), "{calls} calls");
}

#[tokio::test]
async fn impressions_are_summed_up_and_clicks_sent_also_after_a_restart() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--feedback-window-seconds", "1"];
    let settings = tenant.settings("sap-runtime", &flags);
    let first = desk(&settings, folder.path()).await;
    let cards = get(&first, "MUG-001").await.items;
    let ids: Vec<String> = cards.iter().map(|card| card.product.id.clone()).collect();
    tenant.fails(Faults { status: Some(503), ..Faults::default() });
    for _ in 0..70 {
        first.feedback.note(Interaction::Impression, &"MUG-001".into(), &ids).await.unwrap();
    }
    first.feedback.note(Interaction::Click, &"MUG-001".into(), &ids[1..]).await.unwrap();
    let unknown = first.feedback.note(Interaction::Click, &"MUG-001".into(), &["X".to_owned()]).await;
    assert!(unknown.unwrap_err().to_string().contains("none of the products"));
    first.close().await;
    assert!(tenant.simulator.feedback().clicks.is_empty());

    tenant.fails(Faults::default());
    let second = desk(&settings, folder.path()).await;
    let told = async {
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        loop {
            pace.tick().await;
            let feedback = tenant.simulator.feedback();
            let shown = feedback.impressions.get("MIRROR_TRIGGER").copied().unwrap_or_default();
            if shown.count >= 70 && !feedback.clicks.is_empty() {
                return (shown, feedback.clicks);
            }
        }
    };
    let (shown, clicks) = tokio::time::timeout(PATIENCE, told).await.expect("it is told");
    assert_eq!((shown.count, shown.items), (70, 140));
    assert!(shown.calls <= 6, "{} calls", shown.calls);
    assert_eq!(clicks.len(), 1);
    assert_eq!(clicks[0]["InteractionItems"][0]["ItemId"], "TEA-200");
    assert_eq!((clicks[0]["UserId"].as_str(), clicks[0]["UserType"].as_str()), (Some(""), Some("ANONYMOUS")));
    second.close().await;
}

#[tokio::test]
async fn products_may_be_asked_for_one_by_one() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    // A tenant that doesn't take the filter.
    tenant.fails(Faults {
        only: vec![Service::ProductMaster],
        status: Some(400),
        remaining: Some(1),
        ..Faults::default()
    });
    let desk = tenant.desk(folder.path(), "sap-runtime", &[]).await;
    assert_eq!(names(&get(&desk, "MUG-001").await.items), ["Green tea 100 g", "Earl Grey 100 g"]);
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_a_list_expired_not_eternal() {
    let tenant = Tenant::start(LONG).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant.settings("sap-runtime", &[]);
    let first = desk(&settings, folder.path()).await;
    get(&first, "MUG-001").await;
    let future = SystemTime::now() + LONG;
    let micros = future.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as i64;
    let file = format!("sqlite:{}", folder.path().join("recommendations.db").display());
    let pool = sqlx::SqlitePool::connect(&file).await.unwrap();
    // It is told first, and then kept.
    let set_back = || sqlx::query("UPDATE answers SET fetched_at = ?").bind(micros).execute(&pool);
    while set_back().await.unwrap().rows_affected() == 0 {
        tokio::task::yield_now().await;
    }
    first.close().await;
    pool.close().await;
    let second = desk(&settings, folder.path()).await;
    let mut screen = second.cache.follow(&"MUG-001".into(), "en");
    assert_eq!(screen.next().await.unwrap().freshness, Freshness::Stale);
    assert_eq!(screen.next().await.unwrap().freshness, Freshness::Fresh);
}

#[tokio::test]
async fn check_provider_says_in_words_what_is_wrong() {
    let tenant = Tenant::start(LONG).await;
    let url = tenant.url();
    let asked = async |url: &str, flags: &[&str], product: &str| {
        let settings = settings_at(url, "sap-runtime", flags);
        let folder = tempfile::tempdir().unwrap();
        check::run(&settings, folder.path(), Some(product.to_owned()), "en")
            .await
            .map_err(|error| error.to_string())
    };
    asked(&url, &[], "MUG-001").await.unwrap();
    for (at, flags, product, part) in [
        (&*url, &["--sap-scenario", "FOO"][..], "MUG-001", "no scenario 'FOO'"),
        (&url, &["--sap-user", "SOMEBODY"], "MUG-001", "user 'SOMEBODY' or its password"),
        (&url, &[], "X-1", "has no recommendations for product 'X-1'"),
        (&url.replace("http:", "https:"), &[], "MUG-001", "TLS"),
        ("http://127.0.0.1:9", &[], "MUG-001", "can't be connected to"),
        ("https://nowhere.invalid", &[], "MUG-001", "can't be resolved"),
    ] {
        let error = asked(at, flags, product).await.unwrap_err();
        assert!(error.contains(part) && !error.contains(tenant::PASSWORD), "{error}");
    }
}

#[tokio::test]
async fn product_details_that_are_refused_take_no_cards_away() {
    for faults in [
        Faults { status: Some(403), ..Faults::default() },
        Faults { status: Some(400), ..Faults::default() },
        Faults { body: Some(BodyFault::Html), ..Faults::default() },
    ] {
        let tenant = Tenant::start(Duration::from_secs(1)).await;
        let folder = tempfile::tempdir().unwrap();
        let settings = tenant.settings("sap-runtime", &[]);
        let first = desk(&settings, folder.path()).await;
        let fresh = get(&first, "MUG-001").await;
        first.close().await;
        // What is known of products is in memory alone: now it is asked for again.
        tenant.fails(Faults { only: vec![Service::ProductMaster], ..faults.clone() });
        let second = desk(&settings, folder.path()).await;
        tenant.simulator.recommend("MIRROR_TRIGGER", "MUG-001", &["HON-100"], "a marketeer");
        let mut screen = second.cache.follow(&"MUG-001".into(), "en");
        let seen = screen.next().await.unwrap();
        assert_eq!(seen.items, fresh.items, "{faults:?}");
        tenant.fails(Faults::default());
        let back = async {
            loop {
                let found = screen.next().await.unwrap();
                assert!(!found.items.is_empty(), "{faults:?}");
                if ids(&found.items) == ["HON-100"] {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, back).await.expect("it comes back");
    }
}
