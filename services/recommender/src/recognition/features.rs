//! Embeddings as the metric sees them.

use super::embedding::Embedding;

/// Large values weigh less: networks answer with a few large values and many
/// small ones, and the small ones tell products apart. Measured in
/// `docs/decisions/0013-metric.md`.
const POWER: f32 = 0.7;

/// `values` with each one raised to [`POWER`] (its sign kept), of unit length.
#[must_use]
pub fn features(values: &[f32]) -> Vec<f32> {
    let mut features: Vec<f32> = values.iter().map(|v| v.abs().powf(POWER).copysign(*v)).collect();
    let length = features.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    for value in &mut features {
        *value = (f64::from(*value) / length) as f32;
    }
    features
}

/// The mean of the features of a sample's views.
#[must_use]
pub fn mean_features<'a>(views: impl Iterator<Item = &'a [f32]>) -> Vec<f64> {
    let mut sum: Vec<f64> = Vec::new();
    let mut count = 0.0;
    for view in views {
        sum.resize(view.len(), 0.0);
        add(&mut sum, &features(view));
        count += 1.0;
    }
    sum.iter_mut().for_each(|value| *value /= count);
    sum
}

fn add(sum: &mut [f64], values: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += f64::from(*value);
    }
}

/// A sample's embeddings: the picture's, and those of its views.
#[derive(Clone, Debug, PartialEq)]
pub struct Views {
    /// Of the whole picture.
    pub whole: Embedding,
    /// Of parts of it seen closer; empty for a sample taught as an embedding.
    pub closer: Vec<Embedding>,
}

impl From<Embedding> for Views {
    fn from(whole: Embedding) -> Self {
        Self { whole, closer: Vec::new() }
    }
}

impl Views {
    /// As stored: one after the other, each as [`Embedding::to_bytes`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        std::iter::once(&self.whole).chain(&self.closer).flat_map(Embedding::to_bytes).collect()
    }

    /// From what [`to_bytes`](Self::to_bytes) wrote; `None` when it is damaged or
    /// not of this many dimensions.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], dimensions: usize) -> Option<Self> {
        let length = dimensions * size_of::<f32>();
        if bytes.is_empty() || !bytes.len().is_multiple_of(length) {
            return None;
        }
        let mut views = bytes.chunks_exact(length).map(Embedding::from_bytes);
        let whole = views.next()?.ok()?;
        Some(Self { whole, closer: views.collect::<Result<_, _>>().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_have_unit_length_and_keep_signs() {
        let features = features(&[0.6, 0.0, -0.8]);
        let length: f32 = features.iter().map(|v| v * v).sum();
        assert!((length - 1.0).abs() < 1e-6);
        assert!(features[0] > 0.6 && features[1] == 0.0 && features[2] < 0.0);
    }

    #[test]
    fn views_come_back_from_their_bytes_and_damaged_ones_do_not() {
        let embedding = |values: [f32; 2]| Embedding::new(values.to_vec()).unwrap();
        let views = Views { whole: embedding([0.6, 0.8]), closer: vec![embedding([1.0, 0.0])] };
        let bytes = views.to_bytes();
        assert_eq!(Views::from_bytes(&bytes, 2).unwrap(), views);
        assert_eq!(Views::from_bytes(&bytes[..8], 2).unwrap(), views.whole.into());
        assert!(Views::from_bytes(&bytes[..12], 2).is_none());
        assert!(Views::from_bytes(&[], 2).is_none());
        assert!(Views::from_bytes(&[0; 8], 2).is_none(), "not of unit length");
    }
}
