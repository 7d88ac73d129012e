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
    memory: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    kept: Option<Kept>,
    /// How many layouts there were.
    layouts: u64,
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
    /// Of the model.
    pub fingerprint: String,
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
        Self { galleries, memory: Arc::default() }
    }

    /// The map with at most about `limit` points; `None` when no model was seen yet.
    pub async fn map(&self, limit: usize) -> Option<Map> {
        // To the end also when the caller gives up: without the axes that were kept
        // the next map would be another one.
        let mut memory = Arc::clone(&self.memory).lock_owned().await;
        let galleries = Arc::clone(&self.galleries);
        let drawing = tokio::task::spawn_blocking(move || draw(&galleries, &mut memory, limit));
        drawing.await.expect("drawing does not panic")
    }

    /// Where a sample is on a map's axes.
    #[must_use]
    pub fn place(&self, map: &Map, sample: SampleId) -> Option<Point> {
        let (model, values) = self.galleries.embedding_of(sample)?;
        (model.fingerprint == map.fingerprint).then(|| map.axes.places(&[values]).first().copied())?
    }
}

fn draw(galleries: &Galleries, memory: &mut Memory, limit: usize) -> Option<Map> {
    let fingerprint = galleries.look(|gallery| gallery.model().fingerprint.clone())?;
    let layout = memory.layouts + 1;
    let kept = match memory.kept.take_if(|kept| kept.fingerprint == fingerprint) {
        Some(kept) => renewed(galleries, kept, layout),
        None => {
            let axes = Axes::choose(&galleries.look(Landmarks::of)?);
            Kept { fingerprint, axes: Arc::new(axes), layout, places: HashMap::new() }
        }
    };
    memory.layouts = kept.layout.max(memory.layouts);
    let kept = memory.kept.insert(kept);
    let (points, labels, samples) = galleries.look(|gallery| {
        kept.places.retain(|sample, _| gallery.has_sample(*sample));
        let points = shares(gallery, limit).into_iter();
        let points: Vec<_> = points.map(|row| (gallery.sample_at(row), gallery.label_of(row))).collect();
        (points, labels(gallery), gallery.len())
    })?;
    place(galleries, kept, points.iter().map(|(sample, _)| *sample));
    // One that was deleted meanwhile has no place.
    let placed = |(sample, label)| Some((sample, label, *kept.places.get(&sample)?));
    Some(Map {
        fingerprint: kept.fingerprint.clone(),
        layout: kept.layout,
        axes: Arc::clone(&kept.axes),
        labels,
        points: points.into_iter().filter_map(placed).collect(),
        samples,
    })
}

/// The same axes, or others, as `layout`, where they show much more by now.
fn renewed(galleries: &Galleries, kept: Kept, layout: u64) -> Kept {
    let landmarks = galleries.look(|gallery| {
        let due = gallery.is_current() && kept.axes.may_be_outgrown(gallery);
        due.then(|| Landmarks::of(gallery))
    });
    let Some(landmarks) = landmarks.flatten() else { return kept };
    let better = Axes::choose(&landmarks);
    if !kept.axes.outgrown(&landmarks, &better) {
        return Kept { axes: Arc::new(kept.axes.kept_for(&landmarks)), ..kept };
    }
    let common: Vec<_> = kept.places.iter().map(|(sample, place)| (*sample, *place)).collect();
    let mut fresh = Kept { axes: Arc::new(better), layout, places: HashMap::new(), ..kept };
    place(galleries, &mut fresh, common.iter().map(|(sample, _)| *sample));
    let pairs: Vec<_> =
        common.iter().filter_map(|(sample, place)| Some((*place, *fresh.places.get(sample)?))).collect();
    fresh.axes = Arc::new(Axes::clone(&fresh.axes).turned(&pairs));
    fresh.places.clear();
    fresh
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
