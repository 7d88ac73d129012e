"""Made-up embeddings that lie as a network's do: in clusters, and all of them on
one side of the sphere."""

from __future__ import annotations

import numpy as np

# Cosine similarity of two clusters' centres, and of two points of a cluster.
BETWEEN = 0.4
WITHIN = 0.75


class Clusters:
    """Unit vectors around random centres."""

    def __init__(self, rng: np.random.Generator, count: int, dimensions: int) -> None:
        self._rng = rng
        common = _unit(rng.standard_normal(dimensions))
        self._centres = self._around(common, count, BETWEEN)

    def points(self, clusters: np.ndarray) -> np.ndarray:
        """A new point of each of these clusters; float32, in rows."""
        return self._around(self._centres[clusters], len(clusters), WITHIN)

    def _around(self, centres: np.ndarray, count: int, similarity: float) -> np.ndarray:
        # Then each is at the root of `similarity` to its centre.
        noise = self._rng.standard_normal((count, centres.shape[-1]), dtype=np.float32)
        away = np.sqrt((1 - similarity) / similarity)
        return _unit(centres + away * _unit(noise)).astype(np.float32)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
