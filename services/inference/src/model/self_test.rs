//! The start-up self-test: a model that loads can still be wrong (a mismatched
//! runtime gives the same embedding for everything, a broken delegate gives
//! garbage). So before the service says it is ready, four built-in pictures go
//! through the network.

use std::path::Path;

use anyhow::Context as _;
use tflitec::model::Model;

use super::engine::{Engine, EngineError, TfliteEngine};
use super::layout::InputSize;
use super::network::{ModelError, Network};
use super::probes;
use crate::config::Config;
use crate::embedder::Vector;

/// The default model's file, and its embeddings of the built-in pictures: f32,
/// little-endian, one after the other.
const DEFAULT_MODEL_SHA256: &str = "98fe11f521c3ec81f7c4cbb5c5da34f7db04e43e59be4d3c352feb2b94033958";
const DEFAULT_MODEL_REFERENCE: &[u8] = include_bytes!("efficientnet_lite0_headless_int8.reference");

/// Least cosine similarity with the recorded reference. Kernels for other
/// processors round differently: with and without XNNPACK the similarity stays
/// above 0.999; a wrong kernel or wrong preprocessing falls below 0.9.
pub const TOLERANCE: f32 = 0.99;

/// Most cosine similarity between two of the built-in pictures.
const DIFFERENT: f32 = 0.98;

/// What came out of the network.
#[derive(Debug, thiserror::Error)]
pub enum SelfTestError {
    /// No usable embedding.
    #[error("built-in picture {picture}: {cause}")]
    Engine {
        /// Which of the pictures, from 1.
        picture: usize,
        /// What is wrong.
        cause: EngineError,
    },
    /// The same for different pictures.
    #[error(
        "built-in pictures {first} and {second} have nearly the same embedding (similarity {similarity:.4}): the model and the runtime don't fit together"
    )]
    Same {
        /// One picture, from 1.
        first: usize,
        /// The other.
        second: usize,
        /// Their cosine similarity.
        similarity: f32,
    },
    /// Not what it was when the model was made.
    #[error(
        "built-in picture {picture}: similarity {similarity:.4} with the recorded embedding, at least {TOLERANCE} is needed: the runtime computes this model wrongly"
    )]
    Deviates {
        /// Which of the pictures, from 1.
        picture: usize,
        /// Its cosine similarity with the recorded embedding.
        similarity: f32,
    },
}

/// Runs the built-in pictures and the [`probes`] through `engine`; the embeddings of
/// the pictures, then those of the probes.
///
/// # Errors
/// When an embedding is not finite or all zero, those of two pictures are nearly the
/// same, or, for the default model, one deviates from the recorded reference.
pub fn run(engine: &mut impl Engine, file_sha256: &str) -> Result<Vec<Vector>, SelfTestError> {
    let mut embeddings = embed_all(engine)?;
    for (second, b) in embeddings.iter().enumerate() {
        for (first, a) in embeddings[..second].iter().enumerate() {
            let similarity = a.dot(b);
            if similarity > DIFFERENT {
                return Err(SelfTestError::Same { first: first + 1, second: second + 1, similarity });
            }
        }
    }
    if file_sha256 == DEFAULT_MODEL_SHA256 {
        compare(&embeddings, &reference())?;
    }
    let size = engine.input_size();
    for number in 0..probes::PROBES {
        let values = engine.embed(&probes::paint(number, size)).and_then(Vector::new);
        let picture = PAINTERS.len() + number as usize + 1;
        embeddings.push(values.map_err(|cause| SelfTestError::Engine { picture, cause })?);
    }
    Ok(embeddings)
}

/// The part of what [`run`] gives that is of the [`probes`].
#[must_use]
pub fn probes_of(embeddings: &[Vector]) -> &[Vector] {
    &embeddings[PAINTERS.len()..]
}

/// The least cosine similarity of two embeddings of the same picture; -1 when they
/// can't be compared.
#[must_use]
pub fn least_similarity(ours: &[Vector], theirs: &[Vector]) -> f32 {
    let comparable = |(a, b): (&Vector, &Vector)| a.values().len() == b.values().len();
    if ours.len() != theirs.len() || !ours.iter().zip(theirs).all(comparable) {
        return -1.0;
    }
    ours.iter().zip(theirs).map(|(a, b)| a.dot(b)).fold(1.0, f32::min)
}

fn compare(embeddings: &[Vector], reference: &[Vector]) -> Result<(), SelfTestError> {
    for (index, (embedding, recorded)) in embeddings.iter().zip(reference).enumerate() {
        let similarity = embedding.dot(recorded);
        if similarity < TOLERANCE {
            return Err(SelfTestError::Deviates { picture: index + 1, similarity });
        }
    }
    Ok(())
}

fn embed_all(engine: &mut impl Engine) -> Result<Vec<Vector>, SelfTestError> {
    let size = engine.input_size();
    let pictures = PAINTERS.iter().map(|painter| paint(*painter, size));
    pictures
        .enumerate()
        .map(|(index, picture)| {
            let values = engine.embed(&picture).and_then(Vector::new);
            values.map_err(|cause| SelfTestError::Engine { picture: index + 1, cause })
        })
        .collect()
}

fn reference() -> Vec<Vector> {
    let values: Vec<f32> = DEFAULT_MODEL_REFERENCE
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four bytes")))
        .collect();
    let dimensions = values.len() / PAINTERS.len();
    let vectors = values.chunks_exact(dimensions).map(|values| Vector::new(values.to_vec()));
    vectors.collect::<Result<_, _>>().expect("the recorded embeddings are unit vectors")
}

/// Writes the embeddings of the built-in pictures that [`run`] compares with.
///
/// # Errors
/// When the model can't be loaded or the file can't be written.
pub fn record(config: &Config, file: &Path) -> anyhow::Result<()> {
    let network = Network::load(&config.model)?;
    let refuse = |cause| ModelError::Engine { path: network.path.clone(), cause };
    let model = Model::from_bytes(&network.bytes).map_err(EngineError::Refused).map_err(refuse)?;
    let mut engine = TfliteEngine::new(&model, config.accelerator.network_threads()).map_err(refuse)?;
    let embeddings = embed_all(&mut engine)?;
    let bytes: Vec<u8> =
        embeddings.iter().flat_map(|e| e.values().iter().flat_map(|v| v.to_le_bytes())).collect();
    std::fs::write(file, bytes).with_context(|| format!("can't write {}", file.display()))
}

/// A painter gives each point of the unit square (x, y) a colour.
type Painter = fn(f32, f32) -> [f32; 3];

/// Four pictures that no network should confuse, painted at any size.
const PAINTERS: [Painter; 4] = [
    // A sunset: smooth, no edges.
    |x, y| [0.9 - 0.5 * y, 0.4 + 0.3 * x - 0.3 * y, 0.2 + 0.6 * y],
    // A chessboard.
    |x, y| if ((x * 8.0) as u32 + (y * 8.0) as u32).is_multiple_of(2) { [0.95; 3] } else { [0.05; 3] },
    // A red ball before green.
    |x, y| {
        let r = ((x - 0.5).powi(2) + (y - 0.5).powi(2)).sqrt();
        if r < 0.3 { [0.9, 0.15 + 0.4 * (0.3 - r), 0.1] } else { [0.2, 0.55, 0.25] }
    },
    // Slanted blue stripes, thin beside thick.
    |x, y| if ((x + 0.6 * y) * 14.0).fract() < 0.2 + 0.5 * x { [0.1, 0.2, 0.8] } else { [0.9, 0.9, 0.6] },
];

fn paint(painter: Painter, size: InputSize) -> Vec<u8> {
    let at = |index: u32, length: u32| (index as f32 + 0.5) / length as f32;
    let points =
        (0..size.height).flat_map(|y| (0..size.width).map(move |x| (at(x, size.width), at(y, size.height))));
    points
        .flat_map(|(x, y)| painter(x, y).map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An engine that answers from a function of the picture's number.
    struct Fake<F>(F, usize);

    impl<F: FnMut(usize) -> Vec<f32>> Engine for Fake<F> {
        fn input_size(&self) -> InputSize {
            InputSize { width: 16, height: 16 }
        }
        fn dimensions(&self) -> usize {
            4
        }
        fn embed(&mut self, rgb: &[u8]) -> Result<Vec<f32>, EngineError> {
            assert_eq!(rgb.len(), 16 * 16 * 3);
            self.1 += 1;
            Ok(self.0(self.1 - 1))
        }
    }

    fn unit(axis: usize) -> Vec<f32> {
        (0..4).map(|i| f32::from(u8::from(i == axis))).collect()
    }

    #[test]
    fn different_embeddings_pass() {
        let embeddings = run(&mut Fake(|number| unit(number % 4), 0), "another model").unwrap();
        assert_eq!(probes_of(&embeddings).len(), probes::PROBES as usize);
    }

    #[test]
    fn the_same_embedding_for_everything_fails() {
        let error = run(&mut Fake(|_| vec![0.5; 4], 0), "another model").unwrap_err().to_string();
        assert!(error.contains("don't fit together"), "{error}");
    }

    #[test]
    fn not_a_number_and_all_zero_fail() {
        for values in [vec![f32::NAN; 4], vec![0.0; 4]] {
            let error = run(&mut Fake(|_| values.clone(), 0), "another model").unwrap_err();
            assert!(matches!(error, SelfTestError::Engine { picture: 1, cause: EngineError::Degenerate }));
        }
    }

    #[test]
    fn twins_are_as_similar_as_their_worst_picture() {
        let vectors = |values: &[[f32; 2]]| -> Vec<Vector> {
            values.iter().map(|values| Vector::new(values.to_vec()).unwrap()).collect()
        };
        let ours = vectors(&[[1.0, 0.0], [0.0, 1.0]]);
        assert_eq!(least_similarity(&ours, &ours), 1.0);
        let worst = least_similarity(&ours, &vectors(&[[1.0, 0.0], [0.6, 0.8]]));
        assert!((worst - 0.8).abs() < 1e-6);
        let longer = [Vector::new(vec![1.0; 3]).unwrap(), Vector::new(vec![1.0; 3]).unwrap()];
        assert_eq!(least_similarity(&ours, &longer), -1.0);
        assert_eq!(least_similarity(&ours, &ours[..1]), -1.0);
    }

    #[test]
    fn a_deviation_from_the_recorded_embeddings_fails() {
        let recorded: Vec<_> = (0..4).map(|i| Vector::new(unit(i)).unwrap()).collect();
        compare(&recorded, &recorded).unwrap();
        let mut off = recorded.clone();
        off.swap(2, 3);
        let error = compare(&off, &recorded).unwrap_err();
        assert!(matches!(error, SelfTestError::Deviates { picture: 3, .. }));
    }

    #[test]
    fn the_recorded_embeddings_are_four_of_1280_values() {
        let reference = reference();
        assert_eq!(reference.len(), 4);
        assert!(reference.iter().all(|vector| vector.values().len() == 1280));
    }
}
