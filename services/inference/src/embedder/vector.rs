//! A vector of unit length.

use std::sync::Arc;

use crate::model::EngineError;

/// An embedding: finite values of unit length.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector(Arc<[f32]>);

impl Vector {
    /// Scales `values` to unit length.
    ///
    /// # Errors
    /// [`EngineError::Degenerate`] when a value is not finite or all are zero.
    pub fn new(mut values: Vec<f32>) -> Result<Self, EngineError> {
        let length = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        if !length.is_normal() {
            return Err(EngineError::Degenerate);
        }
        for value in &mut values {
            *value = (f64::from(*value) / length) as f32;
        }
        Ok(Self(values.into()))
    }

    /// The values; their squares sum to 1.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.0
    }

    /// Cosine similarity, -1 to 1.
    #[must_use]
    pub fn dot(&self, other: &Self) -> f32 {
        self.0.iter().zip(&*other.0).map(|(a, b)| a * b).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_have_unit_length() {
        let vector = Vector::new(vec![3.0, 0.0, -4.0]).unwrap();
        assert_eq!(vector.values(), [0.6, 0.0, -0.8]);
        assert!((vector.dot(&vector) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_has_no_direction_is_no_vector() {
        for values in [vec![0.0; 3], vec![], vec![1.0, f32::NAN], vec![f32::INFINITY, 1.0]] {
            assert!(matches!(Vector::new(values), Err(EngineError::Degenerate)));
        }
    }
}
