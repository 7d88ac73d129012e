//! `check-provider`: one real question to the provider, and in words what came
//! of it, for whoever sets a mirror up.

use std::path::Path;

use anyhow::bail;

use super::pictures::{Pictures, id};
use super::settings::{Configured, ProviderKind, ProviderSettings};
use super::{Fault, PictureSource, ProviderError};
use crate::recognition::TriggerProduct;
use crate::store::Store;

/// Asks for the recommendations of `product`, or of the first label that has
/// one, and says what comes of it, line by line, on standard output.
///
/// # Errors
/// With what is wrong, in words.
pub async fn run(
    settings: &ProviderSettings,
    data_dir: &Path,
    product: Option<String>,
    language: &str,
) -> anyhow::Result<()> {
    if settings.kind() == ProviderKind::None {
        bail!("no provider is set; set MIRROR_PROVIDER (sap-runtime, sap-cache, emarsys, catalogue)");
    }
    let configured = settings.build()?;
    say(&format!("Settings are complete: provider {}.", configured.provider.name()));
    let trigger = trigger(product, data_dir).await?;
    say(&format!("Asking what goes with product '{}' ...", trigger.id));
    scenarios(&configured).await?;
    let answer = configured.provider.recommend(&trigger, language).await.map_err(|error| in_words(&error))?;
    if answer.cards.is_empty() {
        bail!(
            "the provider answers, and has no recommendations for product '{}'. Is that its number in the \
             provider's own catalogue, with the right origin (MIRROR_PRODUCT_ORIGIN is '{}')? Does the \
             scenario's model give results for it?",
            trigger.id,
            settings.product_origin
        );
    }
    for card in &answer.cards {
        let price = format!("{} {}", card.price, card.currency);
        say(&format!("  {:<20} {:<40} {}", card.product.id, card.name, price.trim()));
    }
    match answer.fresh_for {
        Some(fresh_for) => say(&format!("The answer holds for {} seconds.", fresh_for.as_secs())),
        None => {
            say("The provider doesn't say how long the answer holds; the mirror asks again after 15 minutes.")
        }
    }
    picture(&configured, answer.cards.iter().find_map(|card| card.picture.clone())).await?;
    say("All is well.");
    Ok(())
}

/// Whether the scenarios exist, where the provider can tell.
async fn scenarios(configured: &Configured) -> anyhow::Result<()> {
    let Some(runtime) = &configured.runtime else { return Ok(()) };
    let known = match runtime.known_scenarios().await {
        Ok(known) => known,
        // Not every user may list them; the question itself will tell.
        Err(error) if error.fault.is_of_the_question() => return Ok(()),
        Err(error) => return Err(in_words(&error)),
    };
    for wanted in runtime.scenarios() {
        let Some((_, description)) = known.iter().find(|(id, _)| id == wanted) else {
            let list: Vec<String> = known.iter().map(|(id, text)| format!("  {id}  {text}")).collect();
            bail!(
                "the tenant has no scenario '{wanted}' (MIRROR_SAP_SCENARIO). It has:\n{}",
                if list.is_empty() { "  none".to_owned() } else { list.join("\n") }
            );
        };
        say(&format!("Scenario {wanted} is there: {description}."));
    }
    Ok(())
}

async fn picture(configured: &Configured, source: Option<PictureSource>) -> anyhow::Result<()> {
    let Some(source) = source else {
        say("The products have no pictures; cards are shown without.");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let pictures = Pictures::open(folder.path().to_owned(), configured.http.clone())?;
    let card = super::ProductCard { picture: Some(source.clone()), ..Default::default() };
    pictures.note(&[card]);
    match pictures.get(&id(&source)).await {
        Some(picture) => say(&format!("A product's picture can be shown ({} bytes).", picture.data.len())),
        None => say(
            "A product's picture can't be shown, and its card is shown without; a warning in the log says why.",
        ),
    }
    Ok(())
}

async fn trigger(product: Option<String>, data_dir: &Path) -> anyhow::Result<TriggerProduct> {
    if let Some(product) = product {
        return Ok(product.as_str().into());
    }
    let store = Store::open(data_dir).await?;
    let label = store.labels().await?.into_iter().find(|label| !label.product.id.is_empty());
    store.close().await;
    match label {
        Some(label) => Ok(label.product),
        None => bail!("no label stands for a product yet; name one: check-provider --product NUMBER"),
    }
}

/// What it means for the one who reads it.
fn in_words(error: &ProviderError) -> anyhow::Error {
    let meaning = match error.fault {
        Fault::Unreachable => "The mirror would show its last good answers, and try again.",
        Fault::Busy { .. } => "The provider wants to be left alone for a while; the mirror would do so.",
        Fault::Refused => "The mirror would try again rarely; this has to be put right first.",
        Fault::Rejected | Fault::Missing => "The provider doesn't take this question.",
        Fault::Malformed => "What answers is not the service that was meant, or a version that is not known.",
    };
    anyhow::anyhow!("{error}\n{meaning}")
}

#[expect(clippy::print_stdout, reason = "what a person at a terminal asked for")]
fn say(line: &str) {
    println!("{line}");
}
