"""All that can be taught is taught, as pictures; then every test picture is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import answers
import measures
import rejection
import system
from answers import Answers
from baselines import BASELINES
from cli import say
from client import SAMPLES_A_CALL, fresh
from embedded import Embedded
from pictures import Picture, groups
from report import number, percent, table

Figures = dict[str, dict[str, float]]


def ask(
    inference: system.Service, taught: list[Picture], test: list[Picture], unknown: list[Path]
) -> tuple[Answers, Answers]:
    """The answers to the test pictures, and to the unknown ones."""
    by_label: dict[str, list[Path]] = {}
    for picture in taught:
        by_label.setdefault(picture.fine, []).append(picture.path)
    with fresh(inference) as (client, _):
        say(f"Teaching {len(taught)} pictures of {len(by_label)} labels ...")
        for name, paths in by_label.items():
            label = client.create_label(name).id
            for start in range(0, len(paths), SAMPLES_A_CALL):
                client.add_samples(label, (path.read_bytes() for path in paths[start : start + SAMPLES_A_CALL]))
        client.wait_until_current()
        say(f"Asking {len(test)} test and {len(unknown)} unknown pictures ...")
        known = answers.of_pictures(client, (picture.path.read_bytes() for picture in test))
        return known, answers.of_pictures(client, (path.read_bytes() for path in unknown))


def accuracy(known: Answers, data: Embedded, taught: list[Picture]) -> Figures:
    group = groups(taught)
    truth = data.test_labels

    def coarse_right(best: np.ndarray) -> float:
        return measures.share([group.get(name) == group[label] for name, label in zip(best, truth, strict=True)])

    best_right = known.best == truth
    kept = known.known
    figures: Figures = {
        "service": {
            "fine_named": measures.share(kept & (known.named == truth)),
            "fine_best": measures.share(best_right),
            "coarse_best": coarse_right(known.best),
            "kept": measures.share(kept),
            "named_right_of_kept": measures.share((known.named == truth)[kept]),
            "calibration_error": measures.calibration_error(known.confidence, best_right),
            "calibration_error_kept": measures.calibration_error(known.confidence[kept], best_right[kept]),
            "mean_confidence": float(known.confidence.mean()),
        }
    }
    for name, guess in BASELINES.items():
        best = guess(data.taught_labels, data.taught[:, 0], data.test).label
        figures[name] = {"fine_best": measures.share(best == truth), "coarse_best": coarse_right(best)}
    return figures


def show(figures: Figures) -> str:
    rows = [
        ("fine, label named", "fine_named", percent),
        ("fine, best candidate", "fine_best", percent),
        ("coarse, best candidate", "coarse_best", percent),
        ("kept (KNOWN)", "kept", percent),
        ("right among the kept", "named_right_of_kept", percent),
        ("mean confidence, all", "mean_confidence", percent),
        ("calibration error, all", "calibration_error", number),
        ("calibration error, kept", "calibration_error_kept", number),
    ]
    return table(
        ["", *figures],
        [[title, *(form(of.get(key, np.nan)) for of in figures.values())] for title, key, form in rows],
    )


def far_unknowns(known: Answers, unknown: Answers, data: Embedded) -> Figures:
    baselines = rejection.of_baselines(data.taught_labels, data.taught[:, 0], data.test, data.unknown)
    return {"service": rejection.of_service(known, unknown), **baselines}
