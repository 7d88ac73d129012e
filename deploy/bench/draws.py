"""Which labels and samples a draw takes."""

from __future__ import annotations

import numpy as np


def few(labels: np.ndarray, among: set[str], samples: int, count: int, seed: list[int]) -> np.ndarray | None:
    """Rows of `samples` random samples of each of `count` random labels `among`
    those given; None when there are not so many.

    With the same seed a larger draw holds the smaller one, so rows and columns of
    a table differ by what they say and by chance only once."""
    rng = np.random.default_rng(seed)
    taken: list[np.ndarray] = []
    # Every label is shuffled, taken or not: else the draws would not nest.
    for name in rng.permutation(sorted(set(labels))):
        rows = rng.permutation(np.flatnonzero(labels == name))
        if name in among and len(rows) >= samples and len(taken) < count:
            taken.append(rows[:samples])
    return np.concatenate(taken) if len(taken) == count else None
