//! A provider that reads a local file, for shops without one of the others and
//! for trying things out.
//!
//! A JSON file; pictures stand in the folder `pictures` beside it:
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
//! Cards are those of a screen, so at most twenty a trigger. The file is checked
//! whole when it is read, and read again when it has changed; a
//! changed file with a mistake is logged, and the one before stays in use.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use async_trait::async_trait;
use serde::Deserialize;

use super::{Answer, Fault, PictureSource, ProductCard, ProductRef, Provider, ProviderError, Report};
use crate::recognition::TriggerProduct;

const NAME: &str = "catalogue";

/// Why a catalogue can't be used. Each names the file.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue {}: {problem}", path.display())]
pub struct CatalogueError {
    path: PathBuf,
    problem: String,
}

/// See the module's text.
#[derive(Debug)]
pub struct Catalogue {
    path: PathBuf,
    current: RwLock<(Option<SystemTime>, Arc<Content>)>,
}

/// The file's content, checked.
#[derive(Debug)]
struct Content {
    currency: String,
    products: HashMap<String, Product>,
    recommendations: HashMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    currency: String,
    products: Vec<Product>,
    recommendations: HashMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    product_id: String,
    name: BTreeMap<String, String>,
    #[serde(default)]
    picture: String,
    #[serde(default)]
    target_url: String,
    #[serde(default)]
    price: String,
}

impl Catalogue {
    /// Reads the file.
    ///
    /// # Errors
    /// When it can't be read or holds a mistake; the error says where.
    pub fn open(path: &Path) -> Result<Self, CatalogueError> {
        let content = read(path)?;
        Ok(Self { path: path.to_owned(), current: RwLock::new((modified(path), Arc::new(content))) })
    }

    /// One that knows no products, for a mirror that shows labels alone.
    #[must_use]
    pub fn empty() -> Self {
        let content =
            Content { currency: String::new(), products: HashMap::new(), recommendations: HashMap::new() };
        Self { path: PathBuf::new(), current: RwLock::new((None, Arc::new(content))) }
    }

    /// The content, read again if the file has changed.
    fn content(&self) -> Arc<Content> {
        let now = modified(&self.path);
        let (then, content) = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        if now == then {
            return content;
        }
        let content = match read(&self.path) {
            Ok(content) => {
                tracing::info!(catalogue = %self.path.display(), "Catalogue read again");
                Arc::new(content)
            }
            Err(error) => {
                tracing::warn!(%error, "Changed catalogue not taken");
                content
            }
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = (now, Arc::clone(&content));
        content
    }
}

#[async_trait]
impl Provider for Catalogue {
    fn name(&self) -> &'static str {
        if self.path.as_os_str().is_empty() { "none" } else { NAME }
    }

    fn scope(&self) -> String {
        NAME.to_owned()
    }

    fn is_local(&self) -> bool {
        true
    }

    async fn recommend(&self, trigger: &TriggerProduct, language: &str) -> Result<Answer, ProviderError> {
        let content = self.content();
        let Some(ids) = content.recommendations.get(&trigger.id) else { return Ok(Answer::default()) };
        let count = ids.len() as f32;
        let cards = ids.iter().enumerate().map(|(rank, id)| {
            let product = &content.products[id];
            ProductCard {
                product: ProductRef { origin: String::new(), id: id.clone() },
                name: name_in(&product.name, language),
                // Only a name that the catalogue itself lists, so never a path.
                picture: (!product.picture.is_empty())
                    .then(|| PictureSource::File(pictures(&self.path).join(&product.picture))),
                target_url: product.target_url.clone(),
                price: product.price.clone(),
                currency: if product.price.is_empty() { String::new() } else { content.currency.clone() },
                score: 1.0 - rank as f32 / count,
                slot: String::new(),
            }
        });
        Ok(Answer { cards: super::distinct(cards), fresh_for: None })
    }

    async fn report(&self, _: &Report) -> Result<(), ProviderError> {
        Err(ProviderError::new(NAME, Fault::Rejected, "a file takes no feedback"))
    }
}

fn name_in(names: &BTreeMap<String, String>, language: &str) -> String {
    let primary = language.split('-').next().unwrap_or_default();
    let name = names.get(language).or_else(|| names.get(primary)).or_else(|| names.get("en"));
    name.or_else(|| names.values().next()).cloned().unwrap_or_default()
}

fn pictures(catalogue: &Path) -> PathBuf {
    catalogue.parent().unwrap_or(Path::new(".")).join("pictures")
}

fn is_picture(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "webp" | "png" | "jpg" | "jpeg")))
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

fn read(path: &Path) -> Result<Content, CatalogueError> {
    let failed = |problem: String| CatalogueError { path: path.to_owned(), problem };
    let text = std::fs::read(path).map_err(|error| failed(format!("can't be read: {error}")))?;
    let file: File = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
    check(file).map_err(failed)
}

fn check(file: File) -> Result<Content, String> {
    let mut products = HashMap::new();
    for product in file.products {
        let id = product.product_id.clone();
        if product.name.values().all(|name| name.trim().is_empty()) {
            return Err(format!("product {id} has no name"));
        }
        if !product.price.is_empty() && product.price.parse::<f64>().is_err() {
            return Err(format!("product {id}: the price '{}' is no decimal number", product.price));
        }
        let picture = &product.picture;
        if !picture.is_empty() && (picture.contains(['/', '\\']) || !is_picture(picture)) {
            return Err(format!("product {id}: the picture '{picture}' is no .webp, .png or .jpg file name"));
        }
        if products.insert(id.clone(), product).is_some() {
            return Err(format!("product {id} stands there twice"));
        }
    }
    for (trigger, ids) in &file.recommendations {
        if let Some(unknown) = ids.iter().find(|id| !products.contains_key(*id)) {
            return Err(format!("{trigger} recommends {unknown}, which is not among the products"));
        }
    }
    Ok(Content { currency: file.currency, products, recommendations: file.recommendations })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"currency": "EUR",
        "products": [
            {"product_id": "A", "name": {"en": "Hat", "de": "Hut"}, "picture": "hat.webp", "price": "10.50"},
            {"product_id": "B", "name": {"en": "Bag"}}],
        "recommendations": {"T": ["B", "A"]}}"#;

    fn catalogue(text: &str) -> (tempfile::TempDir, Result<Catalogue, CatalogueError>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalogue.json");
        std::fs::write(&path, text).unwrap();
        let opened = Catalogue::open(&path);
        (folder, opened)
    }

    async fn cards(catalogue: &Catalogue, trigger: &str, language: &str) -> Vec<ProductCard> {
        catalogue.recommend(&trigger.into(), language).await.unwrap().cards
    }

    #[tokio::test]
    async fn cards_come_in_order_and_language() {
        let (folder, catalogue) = catalogue(GOOD);
        let catalogue = catalogue.unwrap();
        assert!(cards(&catalogue, "unheard of", "en").await.is_empty());
        let cards = cards(&catalogue, "T", "de").await;
        let names: Vec<_> = cards.iter().map(|card| card.name.as_str()).collect();
        assert_eq!(names, ["Bag", "Hut"]);
        let picture = PictureSource::File(folder.path().join("pictures/hat.webp"));
        assert_eq!((&cards[1].picture, cards[1].currency.as_str()), (&Some(picture), "EUR"));
        assert_eq!((&cards[0].picture, cards[0].currency.as_str()), (&None, ""));
    }

    #[test]
    fn mistakes_are_named() {
        let twice = r#"{"product_id": "A", "name": {"en": "x"}}, {"product_id": "A", "name": {"en": "x"}}"#;
        let products = |products: &str| {
            format!(r#"{{"currency":"EUR","products":[{products}],"recommendations":{{}}}}"#)
        };
        for (text, part) in [
            (String::from("{"), "EOF"),
            (products(twice), "A stands there twice"),
            (products(r#"{"product_id": "A", "name": {}}"#), "A has no name"),
            (products(r#"{"product_id": "A", "name": {"en": "x"}, "price": "ten"}"#), "'ten'"),
            (products(r#"{"product_id": "A", "name": {"en": "x"}, "picture": "../x.png"}"#), "'../x.png'"),
            (GOOD.replace("\"B\", \"A\"", "\"C\""), "recommends C"),
        ] {
            let error = catalogue(&text).1.unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("catalogue.json"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_changed_file_is_taken_and_one_with_a_mistake_is_not() {
        let (folder, catalogue) = catalogue(GOOD);
        let catalogue = catalogue.unwrap();
        let path = folder.path().join("catalogue.json");
        let write = |text: &str, age: u64| {
            std::fs::write(&path, text).unwrap();
            let time = SystemTime::now() + std::time::Duration::from_secs(age);
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        };
        write(&GOOD.replace("\"B\", \"A\"", "\"A\""), 10);
        assert_eq!(cards(&catalogue, "T", "en").await.len(), 1);
        write("{", 20);
        assert_eq!(cards(&catalogue, "T", "en").await.len(), 1);
    }
}
