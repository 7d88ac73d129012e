//! Language tags, as browsers and operators write them.

/// Those that the pages are written in.
const OF_THE_PAGES: [&str; 2] = ["en", "de"];

/// Which of the pages' languages `text` names; empty when it is none of them. For what
/// everybody may ask: the services keep answers by language, and strangers shouldn't
/// make up more.
pub(crate) fn of_pages(text: &str) -> &'static str {
    let language = text.split('-').next().unwrap_or_default();
    OF_THE_PAGES.into_iter().find(|known| known.eq_ignore_ascii_case(language)).unwrap_or_default()
}

/// What `text` names; empty when it is no language tag ("en", "de-AT").
pub(crate) fn tag(text: &str) -> String {
    if is_tag(text) { text.to_owned() } else { String::new() }
}

pub(crate) fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    text.len() <= 35
        && (2..=8).contains(&language.len())
        && language.chars().all(|c| c.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_have_two_languages() {
        for (text, language) in [("en", "en"), ("de", "de"), ("DE", "de"), ("de-AT", "de"), ("en-x-y", "en")]
        {
            assert_eq!(of_pages(text), language);
        }
        for text in ["", "fr", "den", "de_AT", "x-de", "de,en", "\"><script>"] {
            assert_eq!(of_pages(text), "", "{text}");
        }
    }

    #[test]
    fn tags_are_told_from_other_text() {
        for text in ["en", "de-AT", "zh-Hant-TW", "es-419"] {
            assert_eq!(tag(text), text);
        }
        for text in ["", "e", "de_AT", "de-", "-de", "12", "de-AT\n", "\"><script>", "abcdefghi"] {
            assert_eq!(tag(text), "", "{text}");
        }
    }
}
