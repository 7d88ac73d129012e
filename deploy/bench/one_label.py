"""A single label: with nothing to compare it with, is it still not everything?"""

from __future__ import annotations

import math

import answers
import draws
import measures
import system
from cli import say
from client import taught
from embedded import Embedded
from few_shot import SAMPLES
from report import spread_percent, table

COLUMNS = {
    "own_kept": "its test pictures kept",
    "others_accepted": "other labels' accepted",
    "far_accepted": "far unknowns accepted",
}

# By number of samples: figures of each draw.
Rows = dict[int, list[dict[str, float]]]


def measure(inference: system.Service, data: Embedded, count: int, seed: int) -> Rows:
    rows: Rows = {}
    for samples in SAMPLES:
        say(f"One label: {samples} samples, {count} draws ...")
        rows[samples] = [_draw(inference, data, samples, [seed, draw]) for draw in range(count)]
    return rows


def _draw(inference: system.Service, data: Embedded, samples: int, seed: list[int]) -> dict[str, float]:
    rows = draws.few(data.taught_labels, set(data.test_labels), samples, 1, seed)
    if rows is None:
        return {}
    own = data.test_labels == data.taught_labels[rows[0]]
    with taught(inference, data.taught_labels[rows], data.taught[rows]) as client:
        asked = {"own_kept": data.test[own], "others_accepted": data.test[~own], "far_accepted": data.unknown}
        return {name: measures.share(answers.of_embeddings(client, vectors).known) for name, vectors in asked.items()}


def show(rows: Rows) -> str:
    return table(
        ["samples", *COLUMNS.values()],
        [
            [str(samples), *(spread_percent([draw.get(figure, math.nan) for draw in found]) for figure in COLUMNS)]
            for samples, found in rows.items()
        ],
    )
