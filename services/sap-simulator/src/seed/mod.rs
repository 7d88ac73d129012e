//! What the simulator knows when it starts: a small sample, or the products of
//! a catalogue file.
//!
//! The file is the one that the mirror's own catalogue is read from:
//!
//! ```json
//! {
//!   "currency": "EUR",
//!   "products": [
//!     {
//!       "product_id": "SUN-100",
//!       "name": { "en": "Sunglasses", "de": "Sonnenbrille" },
//!       "picture": "sunglasses.webp",
//!       "target_url": "https://shop.example/p/SUN-100",
//!       "price": "89.00"
//!     }
//!   ],
//!   "recommendations": { "SUN-100": ["CAP-210", "BAG-120"] }
//! }
//! ```
//!
//! Pictures stand in the folder `pictures` beside it. What it recommends
//! becomes the scenario [`TRIGGER`]; [`TOPSELLERS`] shows the first products.

mod catalogue;
mod drawing;

use std::collections::BTreeMap;
use std::path::Path;

pub use catalogue::SeedError;

use crate::table::{ORIGIN, Product, Scenario, TOPSELLERS, TRIGGER, ranked};

/// Top sellers that a catalogue file starts with.
const TOP: usize = 4;

/// What the simulator starts with.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    /// By id.
    pub scenarios: BTreeMap<String, Scenario>,
    /// All products.
    pub products: Vec<Product>,
    /// The pictures that products name, by file name.
    pub pictures: BTreeMap<String, Vec<u8>>,
}

impl Seed {
    /// Mugs, and the tea that goes with them.
    #[must_use]
    pub fn sample() -> Self {
        let product = |id: &str, en: &str, de: &str, description: &str, price: &str| Product {
            names: BTreeMap::from([("en".to_owned(), en.to_owned()), ("de".to_owned(), de.to_owned())]),
            description: description.to_owned(),
            picture: format!("{}.png", id.to_lowercase()),
            target_url: format!("https://shop.example/p/{id}"),
            price: price.to_owned(),
            currency: "EUR".to_owned(),
            brand: "Leaf & Co".to_owned(),
            ..Product::new(id, en)
        };
        let products = vec![
            product("MUG-001", "Stoneware mug, blue", "Steingutbecher, blau", "Holds 0.3 l", "14.90"),
            product("MUG-002", "Stoneware mug, sand", "Steingutbecher, sand", "Holds 0.4 l", "16.90"),
            product("TEA-100", "Green tea 100 g", "Grüner Tee 100 g", "Loose leaf", "6.50"),
            product("TEA-200", "Earl Grey 100 g", "Earl Grey 100 g", "Loose leaf, with bergamot", "5.90"),
            product("TEA-300", "Rooibos vanilla 150 g", "Rooibos Vanille 150 g", "No caffeine", "7.20"),
            product("HON-100", "Blossom honey", "Blütenhonig", "From the valley", "8.40"),
        ];
        let pictures =
            products.iter().map(|product| (product.picture.clone(), drawing::of(&product.id))).collect();
        let rows = [("MUG-001", ["TEA-100", "TEA-200"]), ("MUG-002", ["TEA-200", "TEA-300"])];
        let rows = rows.iter().map(|(leading, results)| (*leading, results.as_slice()));
        Self { scenarios: scenarios(rows, &["TEA-100", "TEA-200", "TEA-300"]), products, pictures }
    }

    /// Reads a catalogue file and its pictures.
    ///
    /// # Errors
    /// When something can't be read or makes no sense; the error says where.
    pub fn from_catalogue(path: &Path) -> Result<Self, SeedError> {
        let (file, pictures) = catalogue::read(path)?;
        let products = file.products.iter().map(|entry| Product {
            names: entry.name.clone(),
            picture: entry.picture.clone(),
            target_url: entry.target_url.clone(),
            price: entry.price.clone(),
            currency: if entry.price.is_empty() { String::new() } else { file.currency.clone() },
            ..Product::new(&entry.product_id, "")
        });
        let rows: Vec<(&str, Vec<&str>)> = file
            .recommendations
            .iter()
            .map(|(leading, ids)| (leading.as_str(), ids.iter().map(String::as_str).collect()))
            .collect();
        let rows = rows.iter().map(|(leading, results)| (*leading, results.as_slice()));
        let top: Vec<_> = file.products.iter().take(TOP).map(|entry| entry.product_id.as_str()).collect();
        Ok(Self { scenarios: scenarios(rows, &top), products: products.collect(), pictures })
    }
}

fn scenarios<'a>(
    rows: impl Iterator<Item = (&'a str, &'a [&'a str])>,
    top: &[&str],
) -> BTreeMap<String, Scenario> {
    let rows = rows.map(|(leading, results)| ((ORIGIN.to_owned(), leading.to_owned()), ranked(results)));
    let trigger = Scenario {
        description: "Smart mirror, product in hand".to_owned(),
        rows: rows.collect(),
        version: 1,
        ..Scenario::default()
    };
    let topsellers = Scenario {
        description: "Smart mirror, top sellers".to_owned(),
        fallback: ranked(top),
        version: 1,
        ..Scenario::default()
    };
    BTreeMap::from([(TRIGGER.to_owned(), trigger), (TOPSELLERS.to_owned(), topsellers)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_whole() {
        let seed = Seed::sample();
        for product in &seed.products {
            let picture = image::load_from_memory(&seed.pictures[&product.picture]).unwrap();
            assert_eq!((picture.width(), picture.height()), (320, 320));
            assert_eq!(product.names.len(), 2);
            assert!(product.price().is_some());
        }
        let known = |id: &String| seed.products.iter().any(|product| product.id == *id);
        let rows =
            seed.scenarios.values().flat_map(|scenario| scenario.rows.values().chain([&scenario.fallback]));
        assert!(rows.flatten().all(|item| known(&item.result_id)));
    }
}
