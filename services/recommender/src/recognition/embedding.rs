//! A point on the unit sphere.

/// How far from 1 a length may be and still be taken for rounding.
const LENGTH_TOLERANCE: f64 = 0.01;

/// Finite values of unit length; never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(Box<[f32]>);

/// Why values are no embedding.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum EmbeddingError {
    /// A value is NaN or infinite.
    #[error("value {0} is not finite")]
    NotFinite(usize),
    /// Not of unit length.
    #[error("its length is {0:.4}; the squares of the values must sum to 1")]
    NotUnit(f64),
}

impl Embedding {
    /// Checks `values` and removes rounding from their length.
    ///
    /// # Errors
    /// When a value is not finite, or the length is not 1 (within 1 %).
    pub fn new(mut values: Vec<f32>) -> Result<Self, EmbeddingError> {
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(EmbeddingError::NotFinite(index));
        }
        let length = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
        if (length - 1.0).abs() > LENGTH_TOLERANCE {
            return Err(EmbeddingError::NotUnit(length));
        }
        for value in &mut values {
            *value = (f64::from(*value) / length) as f32;
        }
        Ok(Self(values.into()))
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.0
    }

    /// As stored: 32-bit floats, little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// From what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EmbeddingError> {
        let (values, _) = bytes.as_chunks::<4>();
        Self::new(values.iter().map(|value| f32::from_le_bytes(*value)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_unit_vector_is_refused() {
        assert_eq!(Embedding::new(vec![1.0, f32::NAN]), Err(EmbeddingError::NotFinite(1)));
        assert_eq!(Embedding::new(vec![f32::INFINITY]), Err(EmbeddingError::NotFinite(0)));
        assert_eq!(Embedding::new(vec![3.0, 4.0]), Err(EmbeddingError::NotUnit(5.0)));
        assert_eq!(Embedding::new(vec![]), Err(EmbeddingError::NotUnit(0.0)));
    }

    #[test]
    fn bytes_bring_the_same_embedding_back() {
        let embedding = Embedding::new(vec![0.6, 0.0, -0.8]).unwrap();
        assert_eq!(Embedding::from_bytes(&embedding.to_bytes()).unwrap(), embedding);
    }
}
