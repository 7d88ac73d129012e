//! The pages and their files, compiled in.

use std::borrow::Cow;

use anyhow::{Context as _, ensure};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use warp::http::{HeaderMap, Response, StatusCode, header};
use warp::hyper::body::Bytes;
use warp::reply::Reply as _;

use crate::config::{Config, Switch};
use crate::encoding;

#[derive(RustEmbed)]
#[folder = "page/dist"]
struct Files;

/// Nothing from elsewhere, nothing inline.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Where a page takes its settings from; they are put between the quotes.
const SETTINGS: &str = r#"<meta name="mirror-settings" content="" />"#;
/// The files that the page's build lays beside a file, best first.
const PACKED: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// What the operator has set for the pages.
#[derive(Serialize)]
struct Settings<'a> {
    language: &'a str,
    preview: bool,
    dim_after_seconds: u32,
}

/// A page, with its settings.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    html: Bytes,
    etag: String,
}

impl Page {
    /// The page of the file `name`.
    ///
    /// # Errors
    /// When it isn't there, or has no place for settings.
    pub(crate) fn new(name: &str, config: &Config) -> anyhow::Result<Self> {
        let file = Files::get(name).with_context(|| format!("the page {name} was not built"))?;
        let html = std::str::from_utf8(&file.data).with_context(|| format!("the page {name} is no text"))?;
        ensure!(html.contains(SETTINGS), "the page {name} has no place for its settings");
        let settings = Settings {
            language: &config.language,
            preview: config.preview == Switch::On,
            dim_after_seconds: config.dim_after_seconds,
        };
        let settings = attribute(&serde_json::to_string(&settings)?);
        let meta = SETTINGS.replace(r#"content="""#, &format!(r#"content="{settings}""#));
        let html = html.replacen(SETTINGS, &meta, 1);
        let digest = Sha256::digest(&html);
        // Weak: it is the same page, compressed or not.
        let etag = format!("W/\"{}\"", hex(&digest[..16]));
        Ok(Self { html: html.into(), etag })
    }

    /// Asked for anew each time, so that a new version shows.
    pub(crate) fn reply(&self, asked: &HeaderMap) -> warp::reply::Response {
        let response = guarded(Response::builder())
            .header(header::CACHE_CONTROL, "no-cache")
            // Also where there is no body: what is kept is kept for who takes it alike.
            .header(header::VARY, "accept-encoding")
            .header(header::ETAG, &self.etag);
        let response = if self.is_known(asked) {
            response.status(StatusCode::NOT_MODIFIED).body(Bytes::new())
        } else {
            response.header(header::CONTENT_TYPE, "text/html; charset=utf-8").body(self.html.clone())
        };
        response.expect("the headers are plain").into_response()
    }

    fn is_known(&self, asked: &HeaderMap) -> bool {
        let tags = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let known = bare(&self.etag);
        tags.flat_map(|tags| tags.split(',')).any(|tag| tag.trim() == "*" || bare(tag) == known)
    }
}

/// A file below `/assets/`. Its name changes with its content.
pub(crate) fn asset(name: &str, asked: &HeaderMap) -> warp::reply::Response {
    let path = format!("assets/{name}");
    let is_packed = PACKED.iter().any(|(_, ending)| name.ends_with(&format!(".{ending}")));
    let Some(plain) = Files::get(&path).filter(|_| !is_packed) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = guarded(Response::builder())
        .header(header::CONTENT_TYPE, plain.metadata.mimetype())
        .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
        .header(header::VARY, "accept-encoding");
    let mut file = plain;
    for (encoding, ending) in PACKED {
        if !encoding::accepts(asked, encoding) {
            continue;
        }
        if let Some(packed) = Files::get(&format!("{path}.{ending}")) {
            response = response.header(header::CONTENT_ENCODING, encoding);
            file = packed;
            break;
        }
    }
    response.body(content(file)).expect("the headers are constants").into_response()
}

fn guarded(response: warp::http::response::Builder) -> warp::http::response::Builder {
    response
        .header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
}

fn content(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    }
}

/// `text` as it may stand in an attribute between double quotes.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::config::Cli;

    const PAGES: [&str; 4] = ["index.html", "space.html", "teach.html", "status.html"];

    fn page(name: &str, arguments: &[&str]) -> Page {
        let cli = Cli::try_parse_from(std::iter::once(&"mirror-ui").chain(arguments)).unwrap();
        Page::new(name, &cli.config).unwrap()
    }

    #[test]
    fn every_page_is_built_with_a_place_for_its_settings() {
        for name in PAGES {
            let page = page(name, &["--language", "de", "--preview", "off", "--dim-after-seconds", "7"]);
            let html = String::from_utf8(page.html.to_vec()).unwrap();
            let settings = "{&quot;language&quot;:&quot;de&quot;,&quot;preview&quot;:false,&quot;dim_after_seconds&quot;:7}";
            let meta = format!(r#"<meta name="mirror-settings" content="{settings}" />"#);
            assert_eq!(html.matches(&meta).count(), 1, "{html}");
        }
    }

    #[test]
    fn nothing_in_settings_leaves_its_attribute() {
        assert_eq!(attribute(r#""><b a='&'>"#), "&quot;&gt;&lt;b a='&amp;'&gt;");
    }

    #[test]
    fn other_settings_are_another_page() {
        let etag = page("index.html", &[]).etag;
        assert_eq!(page("index.html", &[]).etag, etag);
        assert_ne!(page("index.html", &["--language", "de"]).etag, etag);
    }

    #[test]
    fn a_known_page_is_not_sent_again() {
        let page = page("index.html", &[]);
        let asked = |tags: &str| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, tags.parse().unwrap())]);
            page.reply(&headers).status()
        };
        let strong = page.etag.trim_start_matches("W/");
        for tags in [&page.etag, strong, "*", &format!("\"other\", {strong}")] {
            assert_eq!(asked(tags), StatusCode::NOT_MODIFIED, "{tags}");
        }
        for tags in ["\"other\"", "", strong.trim_matches('"')] {
            assert_eq!(asked(tags), StatusCode::OK, "{tags}");
        }
    }
}
