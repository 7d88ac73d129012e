//! Keys and filters of `ProductOriginDataSet`: exactly the two shapes
//! `ProductOrigin='..',ProductID='..'` and
//! `(ProductOrigin eq '..' and ProductID eq '..') or (..)`.

/// Origin system and id of a product.
pub(crate) type Key = (String, String);

/// The key between the parentheses of an address.
pub(crate) fn key(text: &str) -> Option<Key> {
    let mut rest = Rest(text);
    let key = rest.key("=", ",")?;
    rest.is_empty().then_some(key)
}

/// The keys of a filter; the parentheses may be left out.
pub(crate) fn keys(text: &str) -> Option<Vec<Key>> {
    let mut rest = Rest(text);
    let mut keys = Vec::new();
    loop {
        let wrapped = rest.take("(");
        keys.push(rest.key("eq", "and")?);
        if wrapped && !rest.take(")") {
            return None;
        }
        if rest.is_empty() {
            return Some(keys);
        }
        if !rest.take("or") {
            return None;
        }
    }
}

/// What is left to read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn is_empty(&self) -> bool {
        self.0.trim_start().is_empty()
    }

    fn take(&mut self, word: &str) -> bool {
        let Some(rest) = self.0.trim_start().strip_prefix(word) else { return false };
        self.0 = rest;
        true
    }

    /// The two properties in either order.
    fn key(&mut self, equals: &str, and: &str) -> Option<Key> {
        let (mut origin, mut id) = (None, None);
        for place in 0..2 {
            if place == 1 && !self.take(and) {
                return None;
            }
            let slot = match () {
                () if self.take("ProductOrigin") => &mut origin,
                () if self.take("ProductID") => &mut id,
                () => return None,
            };
            if !self.take(equals) {
                return None;
            }
            *slot = Some(self.string()?);
        }
        origin.zip(id)
    }

    /// A string in quotes; a quote in it is doubled.
    fn string(&mut self) -> Option<String> {
        let mut rest = self.0.trim_start().strip_prefix('\'')?;
        let mut value = String::new();
        loop {
            let (before, after) = rest.split_once('\'')?;
            value.push_str(before);
            match after.strip_prefix('\'') {
                Some(after) => {
                    value.push('\'');
                    rest = after;
                }
                None => {
                    self.0 = after;
                    return Some(value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(origin: &str, id: &str) -> Key {
        (origin.to_owned(), id.to_owned())
    }

    #[test]
    fn the_two_shapes_are_read() {
        assert_eq!(key("ProductOrigin='O',ProductID='A''B'"), Some(pair("O", "A'B")));
        assert_eq!(key("ProductID='A', ProductOrigin='O'"), Some(pair("O", "A")));
        let one = "ProductOrigin eq 'O' and ProductID eq 'A (1) or so'";
        assert_eq!(keys(one), Some(vec![pair("O", "A (1) or so")]));
        let two = "(ProductOrigin eq 'O' and ProductID eq 'A') or (ProductID eq 'B' and ProductOrigin eq '')";
        assert_eq!(keys(two), Some(vec![pair("O", "A"), pair("", "B")]));
    }

    #[test]
    fn nothing_else_is() {
        for wrong in [
            "",
            "ProductOrigin='O'",
            "ProductOrigin='O',ProductOrigin='O'",
            "ProductOrigin='O',ProductID='A'x",
        ] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
        for wrong in [
            "",
            "ProductOrigin eq 'O'",
            "(ProductOrigin eq 'O' and ProductID eq 'A'",
            "ProductOrigin eq 'O' and ProductID eq 'A' or ",
            "ProductOrigin eq 'O' and ProductID eq 'A",
            "ProductOrigin eq 'O' or ProductID eq 'A'",
            "substringof('A', ProductID)",
        ] {
            assert_eq!(keys(wrong), None, "{wrong}");
        }
    }
}
