"""The right neighbours, computed in double precision."""

from __future__ import annotations

import numpy as np

# Single precision may swap neighbours that are closer to each other than this.
TIE = 1e-6
# Rows that are held in double precision at once.
ROWS = 4096


def similarities(vectors: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Of each query (row) with each vector."""
    exact = queries.astype(np.float64)
    parts = [exact @ vectors[start : start + ROWS].astype(np.float64).T for start in range(0, len(vectors), ROWS)]
    return np.concatenate(parts, axis=1)


def wrong(exact: np.ndarray, neighbours: np.ndarray) -> int:
    """How many queries (rows) have neighbours that are not the best ones, best first."""
    best = -np.sort(-exact, axis=1)[:, : neighbours.shape[1]]
    count = 0
    for similarity, right, found in zip(exact, best, neighbours, strict=True):
        there = (found >= 0) & (found < len(similarity))
        distinct = len(set(found.tolist())) == len(found)
        count += not (there.all() and distinct and np.abs(similarity[found] - right).max() <= TIE)
    return count
