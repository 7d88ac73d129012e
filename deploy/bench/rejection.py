"""How well what was never taught is told from what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

import measures
from answers import Answers
from baselines import BASELINES
from report import spread_number, spread_percent, table

KEPT = 0.95
COLUMNS = ["", "AUROC", "known kept", "unknown accepted", f"unknown accepted when {100 * KEPT:.0f} % are kept"]


def of_service(known: Answers, unknown: Answers) -> dict[str, float]:
    return {
        **_by_score(known.confidence, unknown.confidence),
        "known_kept": measures.share(known.known),
        "unknown_accepted": measures.share(unknown.known),
    }


def of_baselines(labels: np.ndarray, vectors: np.ndarray, known: np.ndarray, unknown: np.ndarray) -> dict[str, dict]:
    """They have no threshold of their own."""
    found = {}
    for name, guess in BASELINES.items():
        scores = [guess(labels, vectors, queries).similarity for queries in (known, unknown)]
        found[name] = _by_score(*scores)
    return found


def _by_score(known: np.ndarray, unknown: np.ndarray) -> dict[str, float]:
    return {
        "auroc": measures.auroc(known, unknown),
        "unknown_accepted_keeping_95": measures.accepted_when_keeping(known, unknown, KEPT),
    }


def show(draws: Sequence[Mapping[str, Mapping[str, float]]]) -> str:
    """A row for the service and each baseline; over several draws with their spread."""

    def row(who: str) -> list[str]:
        def over(figure: str) -> list[float]:
            return [draw[who].get(figure, np.nan) for draw in draws]

        shares = ("known_kept", "unknown_accepted", "unknown_accepted_keeping_95")
        return [who, spread_number(over("auroc")), *(spread_percent(over(figure)) for figure in shares)]

    return table(COLUMNS, [row(who) for who in draws[0]])
