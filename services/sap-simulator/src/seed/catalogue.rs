//! The catalogue file, read and checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::media::media_type;

const MAX_PICTURE_BYTES: u64 = 4 * 1024 * 1024;

/// Why a catalogue can't be used. Names the file.
#[derive(Debug)]
pub struct SeedError {
    path: PathBuf,
    problem: String,
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the catalogue {}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for SeedError {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) currency: String,
    pub(super) products: Vec<Entry>,
    pub(super) recommendations: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) product_id: String,
    pub(super) name: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) picture: String,
    #[serde(default)]
    pub(super) target_url: String,
    #[serde(default)]
    pub(super) price: String,
}

type Pictures = BTreeMap<String, Vec<u8>>;

pub(super) fn read(path: &Path) -> Result<(File, Pictures), SeedError> {
    let failed = |problem: String| SeedError { path: path.to_owned(), problem };
    let text = std::fs::read(path).map_err(|error| failed(format!("can't be read: {error}")))?;
    let file: File = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
    check(&file).map_err(failed)?;
    let pictures = pictures(&file, &path.with_file_name("pictures")).map_err(failed)?;
    Ok((file, pictures))
}

fn check(file: &File) -> Result<(), String> {
    let mut ids = BTreeSet::new();
    for entry in &file.products {
        let id = &entry.product_id;
        if id.is_empty() || !ids.insert(id) {
            return Err(format!("product '{id}' has no number, or stands there twice"));
        }
        if entry.name.values().all(|name| name.trim().is_empty()) {
            return Err(format!("product {id} has no name"));
        }
        if !entry.price.is_empty() && entry.price.parse::<f64>().is_err() {
            return Err(format!("product {id}: the price '{}' is no decimal number", entry.price));
        }
        let picture = &entry.picture;
        if !picture.is_empty() && (picture.contains(['/', '\\']) || media_type(picture).is_none()) {
            return Err(format!("product {id}: the picture '{picture}' is no .webp, .png or .jpg file name"));
        }
    }
    for (trigger, results) in &file.recommendations {
        if let Some(unknown) = results.iter().find(|id| !ids.contains(*id)) {
            return Err(format!("{trigger} recommends {unknown}, which is not among the products"));
        }
    }
    Ok(())
}

fn pictures(file: &File, folder: &Path) -> Result<Pictures, String> {
    let named = file.products.iter().filter(|entry| !entry.picture.is_empty());
    let read = |entry: &Entry| {
        let path = folder.join(&entry.picture);
        let read = std::fs::metadata(&path).and_then(|metadata| match metadata.len() {
            0..=MAX_PICTURE_BYTES => std::fs::read(&path),
            size => Err(std::io::Error::other(format!("it has {size} bytes, over {MAX_PICTURE_BYTES}"))),
        });
        let problem =
            |error| format!("product {}: the picture {}: {error}", entry.product_id, path.display());
        Ok((entry.picture.clone(), read.map_err(problem)?))
    };
    named.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use crate::table::{TOPSELLERS, TRIGGER};

    const GOOD: &str = r#"{"currency": "EUR",
        "products": [
            {"product_id": "A", "name": {"en": "Hat", "de": "Hut"}, "picture": "hat.webp", "price": "10.50"},
            {"product_id": "B", "name": {"en": "Bag"}}],
        "recommendations": {"T": ["B", "A"]}}"#;

    /// A catalogue in a folder of its own, gone with the value.
    struct Folder(PathBuf);

    impl Folder {
        fn with(text: &str) -> Self {
            let path = std::env::temp_dir().join(format!("mirror-seed-{}", uuid::Uuid::new_v4().simple()));
            std::fs::create_dir_all(path.join("pictures")).unwrap();
            std::fs::write(path.join("catalogue.json"), text).unwrap();
            std::fs::write(path.join("pictures/hat.webp"), b"webp").unwrap();
            Self(path)
        }

        fn read(&self) -> Result<Seed, SeedError> {
            Seed::from_catalogue(&self.0.join("catalogue.json"))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_catalogue_becomes_products_and_scenarios() {
        let seed = Folder::with(GOOD).read().unwrap();
        let results = |items: &[crate::Recommended]| -> Vec<String> {
            items.iter().map(|item| item.result_id.clone()).collect()
        };
        let trigger = &seed.scenarios[TRIGGER];
        assert_eq!(results(trigger.rows.values().next().unwrap()), ["B", "A"]);
        assert!(trigger.fallback.is_empty());
        assert_eq!(results(&seed.scenarios[TOPSELLERS].fallback), ["A", "B"]);
        assert_eq!((seed.products[0].currency.as_str(), seed.products[1].currency.as_str()), ("EUR", ""));
        assert_eq!(seed.pictures["hat.webp"], b"webp");
    }

    #[test]
    fn mistakes_are_named() {
        let twice = r#"{"product_id": "A", "name": {"en": "x"}}, {"product_id": "A", "name": {"en": "x"}}"#;
        let products = |products: &str| {
            format!(r#"{{"currency":"EUR","products":[{products}],"recommendations":{{}}}}"#)
        };
        for (text, part) in [
            (String::from("{"), "EOF"),
            (products(twice), "'A'"),
            (products(r#"{"product_id": "", "name": {"en": "x"}}"#), "no number"),
            (products(r#"{"product_id": "A", "name": {}}"#), "A has no name"),
            (products(r#"{"product_id": "A", "name": {"en": "x"}, "price": "ten"}"#), "'ten'"),
            (products(r#"{"product_id": "A", "name": {"en": "x"}, "picture": "../x.png"}"#), "'../x.png'"),
            (GOOD.replace("hat.webp", "lost.webp"), "product A: the picture"),
            (GOOD.replace("\"B\", \"A\"", "\"C\""), "recommends C"),
        ] {
            let error = Folder::with(&text).read().unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("catalogue.json"), "{error}");
        }
        let error = Seed::from_catalogue(Path::new("/nowhere/catalogue.json")).unwrap_err().to_string();
        assert!(error.contains("/nowhere/catalogue.json: can't be read"), "{error}");
    }
}
