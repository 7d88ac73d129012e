//! The map of the embedding space, kept between one look and the next: which
//! axes are in use, and where on them samples are. Nothing is computed while
//! nobody looks.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::gallery::Galleries;
use crate::recognition::space::{Axes, Landmarks, Point, shares};
use crate::recognition::{Gallery, Label, LabelId, SampleId};

/// Samples placed at once.
const BATCH: usize = 500;

/// See the module's text.
#[derive(Debug)]
pub struct Spaces {
    galleries: Arc<Galleries>,
    kept: Arc<Mutex<Option<Kept>>>,
}

#[derive(Debug)]
struct Kept {
    /// Of the model.
    fingerprint: String,
    axes: Arc<Axes>,
    layout: u64,
    places: HashMap<SampleId, Point>,
}

/// Where samples are.
#[derive(Clone, Debug)]
pub struct Map {
    /// Another one: other axes.
    pub layout: u64,
    /// The axes, to place frames on them.
    pub axes: Arc<Axes>,
    /// The labels that have samples, by name, and how many.
    pub labels: Vec<(Label, usize)>,
    /// The samples that are shown.
    pub points: Vec<(SampleId, LabelId, Point)>,
    /// How many samples there are.
    pub samples: usize,
}

impl PartialEq for Map {
    /// Whether they look the same.
    fn eq(&self, other: &Self) -> bool {
        let look = |map: &Self| (map.layout, map.samples, map.axes.explained().to_bits());
        look(self) == look(other) && self.labels == other.labels && self.points == other.points
    }
}

impl Spaces {
    /// Of the gallery in use.
    #[must_use]
    pub fn new(galleries: Arc<Galleries>) -> Self {
        Self { galleries, kept: Arc::default() }
    }

    /// The map with at most about `limit` points; `None` when no model was seen yet.
    pub async fn map(&self, limit: usize) -> Option<Map> {
        // To the end also when the caller gives up: without the axes that were kept
        // the next map would be another one.
        let mut kept = Arc::clone(&self.kept).lock_owned().await;
        let galleries = Arc::clone(&self.galleries);
        let drawing = tokio::task::spawn_blocking(move || {
            let (map, after) = draw(&galleries, kept.take(), limit)?;
            *kept = Some(after);
            Some(map)
        });
        drawing.await.expect("drawing does not panic")
    }

    /// Where a sample is on a map's axes.
    #[must_use]
    pub fn place(&self, map: &Map, sample: SampleId) -> Option<Point> {
        let (model, values) = self.galleries.embedding_of(sample)?;
        if model.dimensions != map.axes.dimensions() {
            return None;
        }
        map.axes.places(&[values]).first().copied()
    }
}

fn draw(galleries: &Galleries, before: Option<Kept>, limit: usize) -> Option<(Map, Kept)> {
    let fingerprint = galleries.look(|gallery| gallery.model().fingerprint.clone())?;
    let before = before.filter(|kept| kept.fingerprint == fingerprint);
    let mut kept = match before {
        Some(kept) => renewed(galleries, kept)?,
        None => {
            let axes = Arc::new(Axes::choose(&galleries.look(Landmarks::of)?));
            Kept { fingerprint, axes, layout: 1, places: HashMap::new() }
        }
    };
    let (points, labels, samples) = galleries.look(|gallery| {
        let points: Vec<_> = shares(gallery, limit)
            .into_iter()
            .map(|row| (gallery.sample_at(row), gallery.label_of(row)))
            .collect();
        (points, labels(gallery), gallery.len())
    })?;
    galleries.look(|gallery| kept.places.retain(|sample, _| gallery.has_sample(*sample)));
    place(galleries, &mut kept, points.iter().map(|(sample, _)| *sample));
    let places = &kept.places;
    // One that was deleted meanwhile has no place.
    let points = points
        .into_iter()
        .filter_map(|(sample, label)| Some((sample, label, *places.get(&sample)?)))
        .collect();
    let map = Map { layout: kept.layout, axes: Arc::clone(&kept.axes), labels, points, samples };
    Some((map, kept))
}

/// The same axes, or others where they show much more by now.
fn renewed(galleries: &Galleries, kept: Kept) -> Option<Kept> {
    if !galleries.look(|gallery| gallery.is_current() && kept.axes.may_be_outgrown(gallery))? {
        return Some(kept);
    }
    let landmarks = galleries.look(Landmarks::of)?;
    let better = Axes::choose(&landmarks);
    if !kept.axes.outgrown(&landmarks, &better) {
        return Some(Kept { axes: Arc::new(kept.axes.kept_for(&landmarks)), ..kept });
    }
    let common: Vec<_> = kept.places.iter().map(|(sample, place)| (*sample, *place)).collect();
    let mut fresh = Kept { axes: Arc::new(better), layout: kept.layout + 1, places: HashMap::new(), ..kept };
    place(galleries, &mut fresh, common.iter().map(|(sample, _)| *sample));
    let pairs: Vec<_> =
        common.iter().filter_map(|(sample, place)| Some((*place, *fresh.places.get(sample)?))).collect();
    fresh.axes = Arc::new(Axes::clone(&fresh.axes).turned(&pairs));
    fresh.places.clear();
    Some(fresh)
}

/// Places those that have no place yet.
fn place(galleries: &Galleries, kept: &mut Kept, samples: impl Iterator<Item = SampleId>) {
    let missing: Vec<_> = samples.filter(|sample| !kept.places.contains_key(sample)).collect();
    for batch in missing.chunks(BATCH) {
        let found = galleries.look(|gallery| {
            let row =
                |sample: &SampleId| Some((*sample, gallery.embedding(gallery.row_of(*sample)?).to_vec()));
            // Of another model there is nothing to be placed.
            let same = gallery.model().fingerprint == kept.fingerprint;
            batch.iter().filter(|_| same).filter_map(row).unzip::<_, _, Vec<_>, Vec<_>>()
        });
        let Some((samples, embeddings)) = found else { return };
        kept.places.extend(samples.into_iter().zip(kept.axes.places(&embeddings)));
    }
}

fn labels(gallery: &Gallery) -> Vec<(Label, usize)> {
    let with_samples = gallery.covectors().filter_map(|(id, _)| gallery.label(id));
    let mut labels: Vec<_> =
        with_samples.map(|label| (label.clone(), gallery.sample_count(label.id))).collect();
    labels.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    labels
}
