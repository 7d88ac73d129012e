//! Language tags, as browsers and operators write them.

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
    fn tags_are_told_from_other_text() {
        for text in ["en", "de-AT", "zh-Hant-TW", "es-419"] {
            assert_eq!(tag(text), text);
        }
        for text in ["", "e", "de_AT", "de-", "-de", "12", "de-AT\n", "\"><script>", "abcdefghi"] {
            assert_eq!(tag(text), "", "{text}");
        }
    }
}
