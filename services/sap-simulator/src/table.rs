//! The one table behind all services: what is recommended with what, and the
//! products themselves.

use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

use serde::Serialize;

/// The origin system of the product ids.
pub const ORIGIN: &str = "SAP_HYBRIS_PRODUCT";
/// The scenario that answers what goes with the product held to the mirror.
pub const TRIGGER: &str = "MIRROR_TRIGGER";
/// The scenario that needs no product.
pub const TOPSELLERS: &str = "MIRROR_TOPSELLERS";

/// How many edits are remembered.
const EDITS: usize = 200;

/// A product.
#[derive(Clone, Debug, Serialize)]
pub struct Product {
    /// Its number.
    pub id: String,
    /// The origin system of the number.
    pub origin: String,
    /// Names by language, two small letters.
    pub names: BTreeMap<String, String>,
    /// A line about it.
    pub description: String,
    /// The file name of its picture; empty for none.
    pub picture: String,
    /// Where it is sold; empty for nowhere.
    pub target_url: String,
    /// A decimal number with a dot; empty for none.
    pub price: String,
    /// ISO 4217; empty when the price is.
    pub currency: String,
    /// Who makes it.
    pub brand: String,
}

impl Product {
    /// A product with an English name and nothing else.
    #[must_use]
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            origin: ORIGIN.to_owned(),
            names: BTreeMap::from([("en".to_owned(), name.to_owned())]),
            description: String::new(),
            picture: String::new(),
            target_url: String::new(),
            price: String::new(),
            currency: String::new(),
            brand: String::new(),
        }
    }

    /// The name in `language`, else the English one, else any, else the id.
    pub(crate) fn name(&self, language: &str) -> &str {
        let language = language.get(..2).unwrap_or(language).to_ascii_lowercase();
        let name = self.names.get(&language).or_else(|| self.names.get("en"));
        name.or_else(|| self.names.values().next()).map_or(&self.id, |name| name)
    }

    pub(crate) fn price(&self) -> Option<f64> {
        self.price.parse().ok()
    }
}

/// What a rule recommends, at a rank.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommended {
    /// The origin system of the id.
    pub result_type: String,
    /// The product.
    pub result_id: String,
    /// Above 0, at most 1; falls with the rank.
    pub score: f64,
}

/// A product that triggers a rule: origin system and id.
pub type Leading = (String, String);

/// A named place in which something is recommended.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// What the marketeer calls it.
    pub description: String,
    /// What goes with what, best first.
    pub rows: BTreeMap<Leading, Vec<Recommended>>,
    /// What is recommended when no row fits.
    pub fallback: Vec<Recommended>,
    /// Counts the edits.
    pub version: u64,
}

/// A change of a scenario, for the record.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Edit {
    pub(crate) at_ms: u64,
    pub(crate) who: String,
    pub(crate) scenario: String,
    /// Empty for the fallback list.
    pub(crate) leading_id: String,
    pub(crate) results: Vec<String>,
    pub(crate) version: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) scenarios: BTreeMap<String, Scenario>,
    pub(crate) products: BTreeMap<String, Product>,
    /// Newest first.
    pub(crate) edits: VecDeque<Edit>,
}

impl Table {
    /// What `scenario` recommends with `leading`: the rows of each, one after
    /// the other, and the fallback when there is none. `None` when there is no
    /// such scenario.
    pub(crate) fn recommended(&self, scenario: &str, leading: &[Leading]) -> Option<Vec<Recommended>> {
        let scenario = self.scenarios.get(scenario)?;
        let rows: Vec<_> = leading.iter().filter_map(|leading| scenario.rows.get(leading)).collect();
        if rows.is_empty() {
            return Some(scenario.fallback.clone());
        }
        let mut all: Vec<Recommended> = Vec::new();
        for item in rows.into_iter().flatten() {
            if !all.iter().any(|other| other.result_id == item.result_id) {
                all.push(item.clone());
            }
        }
        Some(all)
    }

    /// Replaces a row, or the fallback when `leading` has no id. The scenario
    /// comes into being when there is none.
    pub(crate) fn edit(&mut self, name: &str, leading: Leading, results: &[&str], who: &str) -> u64 {
        let scenario = self.scenarios.entry(name.to_owned()).or_default();
        scenario.version += 1;
        let version = scenario.version;
        self.edits.push_front(Edit {
            at_ms: millis(SystemTime::now()),
            who: who.to_owned(),
            scenario: name.to_owned(),
            leading_id: leading.1.clone(),
            results: results.iter().map(ToString::to_string).collect(),
            version,
        });
        self.edits.truncate(EDITS);
        if leading.1.is_empty() {
            scenario.fallback = ranked(results);
        } else {
            scenario.rows.insert(leading, ranked(results));
        }
        version
    }
}

/// `ids` in that order, with scores that fall evenly.
pub(crate) fn ranked(ids: &[&str]) -> Vec<Recommended> {
    let count = ids.len() as f64;
    let item = |(rank, id): (usize, &&str)| Recommended {
        result_type: ORIGIN.to_owned(),
        result_id: (*id).to_owned(),
        score: 1.0 - rank as f64 / count,
    };
    ids.iter().enumerate().map(item).collect()
}

/// Since 1970.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(items: Option<Vec<Recommended>>) -> Vec<String> {
        items.unwrap().into_iter().map(|item| item.result_id).collect()
    }

    #[test]
    fn rows_fallback_and_versions() {
        let mut table = Table::default();
        let leading = |id: &str| (ORIGIN.to_owned(), id.to_owned());
        table.edit("S", leading("A"), &["X", "Y"], "Ada");
        table.edit("S", leading("B"), &["Y", "Z"], "Ada");
        assert_eq!(ids(table.recommended("S", &[leading("A"), leading("B")])), ["X", "Y", "Z"]);
        assert!(ids(table.recommended("S", &[leading("C")])).is_empty());
        assert_eq!(table.edit("S", leading(""), &["T"], "Bob"), 3);
        assert_eq!(ids(table.recommended("S", &[leading("C")])), ["T"]);
        assert!(table.recommended("other", &[]).is_none());
        // A row that was emptied recommends nothing, not the fallback.
        table.edit("S", leading("A"), &[], "Bob");
        assert!(ids(table.recommended("S", &[leading("A")])).is_empty());
        assert_eq!((table.edits[0].who.as_str(), table.edits[0].version), ("Bob", 4));
    }

    #[test]
    fn scores_fall_with_the_rank() {
        let scores: Vec<_> = ranked(&["A", "B", "C", "D"]).iter().map(|item| item.score).collect();
        assert_eq!(scores, [1.0, 0.75, 0.5, 0.25]);
    }

    #[test]
    fn a_name_is_found_in_any_case() {
        let mut product = Product::new("A", "Tea");
        product.names.insert("de".to_owned(), "Tee".to_owned());
        assert_eq!((product.name("DE"), product.name("de-AT"), product.name("fr")), ("Tee", "Tee", "Tea"));
        product.names.clear();
        assert_eq!(product.name("en"), "A");
    }
}
