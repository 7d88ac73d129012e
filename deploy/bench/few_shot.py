"""Few samples of few labels, drawn at random; the test pictures of those labels
are asked, and the unknown ones."""

from __future__ import annotations

import math

import numpy as np

import answers
import draws
import measures
import system
from baselines import BASELINES
from cli import say
from client import taught
from embedded import Embedded
from report import spread_percent, table

SAMPLES = (1, 5, 10)
LABELS = (5, 10, 20)

# By samples a label and number of labels: figures of each draw.
Cells = dict[tuple[int, int], list[dict[str, float]]]


def measure(inference: system.Service, data: Embedded, count: int, seed: int) -> Cells:
    cells: Cells = {}
    for samples in SAMPLES:
        for labels in LABELS:
            say(f"Few samples: {samples} of {labels} labels, {count} draws ...")
            cells[samples, labels] = [_draw(inference, data, samples, labels, [seed, draw]) for draw in range(count)]
    return cells


def _draw(inference: system.Service, data: Embedded, samples: int, labels: int, seed: list[int]) -> dict[str, float]:
    rows = draws.few(data.taught_labels, set(data.test_labels), samples, labels, seed)
    if rows is None:
        return {}
    names, vectors = data.taught_labels[rows], data.taught[rows]
    asked = np.isin(data.test_labels, names)
    truth = data.test_labels[asked]
    with taught(inference, names, vectors) as client:
        known = answers.of_embeddings(client, data.test[asked])
        unknown = answers.of_embeddings(client, data.unknown)
    found = {
        "best": measures.share(known.best == truth),
        "named": measures.share(known.known & (known.named == truth)),
        "far_accepted": measures.share(unknown.known),
    }
    for name, guess in BASELINES.items():
        found[name] = measures.share(guess(names, vectors[:, 0], data.test[asked]).label == truth)
    return found


def show(cells: Cells, with_unknown: bool) -> str:
    titles = {
        "best": "Best candidate right:",
        "named": "Label named, and right:",
        **({"far_accepted": "Far unknowns accepted, at the service's own threshold:"} if with_unknown else {}),
        **{name: f"For comparison, {name} right:" for name in BASELINES},
    }
    return "\n\n".join(f"{title}\n\n{_table(cells, figure)}" for figure, title in titles.items())


def _table(cells: Cells, figure: str) -> str:
    def cell(samples: int, labels: int) -> str:
        return spread_percent([draw.get(figure, math.nan) for draw in cells[samples, labels]])

    return table(
        ["samples a label", *(f"{labels} labels" for labels in LABELS)],
        [[str(samples), *(cell(samples, labels) for labels in LABELS)] for samples in SAMPLES],
    )
