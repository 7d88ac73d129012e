"""Plain recognition to compare with, on the same embeddings (unit vectors)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Guess:
    """An entry a query: the most similar label, and its cosine similarity."""

    label: np.ndarray
    similarity: np.ndarray


Baseline = Callable[[np.ndarray, np.ndarray, np.ndarray], Guess]


def nearest_neighbour(labels: np.ndarray, vectors: np.ndarray, queries: np.ndarray) -> Guess:
    """The label of the closest sample."""
    similarities = queries @ vectors.T
    closest = similarities.argmax(axis=1)
    return Guess(labels[closest], similarities[np.arange(len(queries)), closest])


def nearest_mean(labels: np.ndarray, vectors: np.ndarray, queries: np.ndarray) -> Guess:
    """The label with the closest mean of its samples."""
    names = np.array(sorted(set(labels)), dtype=object)
    means = np.stack([vectors[labels == name].mean(axis=0) for name in names])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return nearest_neighbour(names, means, queries)


BASELINES: dict[str, Baseline] = {"nearest neighbour": nearest_neighbour, "nearest class mean": nearest_mean}
