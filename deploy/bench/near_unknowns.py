"""Half of the labels are taught; the others' test pictures are the unknown ones."""

from __future__ import annotations

import numpy as np

import answers
import rejection
import system
from cli import say
from client import taught
from embedded import Embedded


def measure(inference: system.Service, data: Embedded, draws: int, seed: int) -> list[dict[str, dict[str, float]]]:
    """Figures of each draw."""
    names = np.array(sorted(set(data.taught_labels)), dtype=object)
    found = []
    for draw in range(draws):
        say(f"Near unknowns, draw {draw + 1} of {draws} ...")
        half = np.random.default_rng([seed, draw]).permutation(names)[: len(names) // 2]
        chosen, known = np.isin(data.taught_labels, half), np.isin(data.test_labels, half)
        labels, vectors = data.taught_labels[chosen], data.taught[chosen]
        with taught(inference, labels, vectors) as client:
            given = [answers.of_embeddings(client, data.test[which]) for which in (known, ~known)]
        baselines = rejection.of_baselines(labels, vectors[:, 0], data.test[known], data.test[~known])
        found.append({"service": rejection.of_service(*given), **baselines})
    return found
