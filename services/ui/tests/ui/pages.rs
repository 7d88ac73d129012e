//! The pages and their files.

use std::io::Read as _;

use hyper::Request;

use crate::support::{Others, Ui};

const PAGES: [&str; 4] = ["/", "/space", "/teach", "/status"];

#[tokio::test]
async fn pages_come_with_strict_headers() {
    let ui = Ui::boot(Others::Away).await;
    for path in PAGES {
        let page = ui.get(path).await;
        assert_eq!((page.status(), page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("cache-control"), Some("no-cache"), "{path}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    }
    for path in ["/elsewhere", "/index.html", "/teach/more", "/teach.html", "/data/pin", "/pin"] {
        assert_eq!(ui.get(path).await.status(), 404, "{path}");
    }
    ui.stop().await;
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let ui = Ui::boot(Others::Away).await;
    for path in PAGES {
        let page = ui.get(path).await;
        let etag = page.header("etag").unwrap().to_owned();
        let again = ui.send(Request::get(path).header("if-none-match", &etag), "").await;
        assert_eq!((again.status(), again.header("etag"), again.body.len()), (304, Some(etag.as_str()), 0));
        assert_eq!(
            (page.header("vary"), again.header("vary")),
            (Some("accept-encoding"), Some("accept-encoding"))
        );
        let other = ui.send(Request::get(path).header("if-none-match", "\"other\""), "").await;
        assert!(other.status() == 200 && !other.body.is_empty());
    }
    ui.stop().await;
}

#[tokio::test]
async fn pages_know_what_the_operator_has_set() {
    let ui = Ui::boot_with(Others::Away, &["--language", "de", "--preview", "off"]).await;
    for path in PAGES {
        let page = ui.get(path).await.text();
        let (_, rest) = page.split_once("name=\"mirror-settings\" content=\"").unwrap();
        let content = rest.split_once('"').unwrap().0.replace("&quot;", "\"");
        let settings: serde_json::Value = serde_json::from_str(&content).unwrap();
        let expected = serde_json::json!({"language": "de", "preview": false, "dim_after_seconds": 600});
        assert_eq!(settings, expected, "{path}");
    }
    ui.stop().await;
}

#[tokio::test]
async fn assets_come_packed_where_the_browser_takes_it() {
    let ui = Ui::boot(Others::Away).await;
    let page = ui.get("/").await.text();
    let script = page.split('"').find(|part| part.starts_with("/assets/") && part.ends_with(".js")).unwrap();
    let asked =
        |encodings: &'static str| ui.send(Request::get(script).header("accept-encoding", encodings), "");

    let plain = ui.get(script).await;
    let (packed, best) = (asked("gzip, deflate").await, asked("gzip, deflate, br").await);
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(best.header("content-encoding"), Some("br"));
    assert_eq!(asked("br;q=0, identity").await.header("content-encoding"), None);
    for answer in [&plain, &packed, &best] {
        assert_eq!((answer.status(), answer.header("content-type")), (200, Some("text/javascript")));
        assert!(answer.header("cache-control").unwrap().contains("immutable"));
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(packed.body.as_ref()).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == plain.body && best.body.len() < packed.body.len());

    let packed = format!("{script}.br");
    for path in ["/assets/absent.js", "/assets/..%2findex.html", packed.as_str(), "/assets/"] {
        assert_eq!(ui.get(path).await.status(), 404, "{path}");
    }
    ui.stop().await;
}
