"""Figures of merit, from plain arrays. What can't be computed is NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Numbers = Sequence[float] | np.ndarray


def share(flags: Sequence[bool] | np.ndarray) -> float:
    """The share of `flags` that are true."""
    flags = np.asarray(flags, dtype=bool)
    return float(flags.mean()) if len(flags) else math.nan


def auroc(known: Numbers, unknown: Numbers) -> float:
    """How often a known value is above an unknown one; a tie counts half."""
    known, unknown = np.asarray(known, dtype=float), np.sort(np.asarray(unknown, dtype=float))
    if not len(known) or not len(unknown):
        return math.nan
    below = np.searchsorted(unknown, known, side="left")
    not_above = np.searchsorted(unknown, known, side="right")
    return float((below + not_above).sum() / (2 * len(known) * len(unknown)))


def calibration_error(confidence: Numbers, right: Sequence[bool] | np.ndarray, bins: int = 15) -> float:
    """The expected calibration error: the mean distance between confidence and
    share right, over bins of equal width, each weighted by what is in it."""
    confidence, right = np.asarray(confidence, dtype=float), np.asarray(right, dtype=float)
    if not len(confidence):
        return math.nan
    # A bin holds its lower bound; 1 belongs to the last one.
    of = np.clip(np.floor(confidence * bins).astype(int), 0, bins - 1)
    # |sum of confidence - sum of right| is the bin's distance times its count.
    gaps = np.bincount(of, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def threshold_keeping(known: Numbers, kept: float = 0.95) -> float:
    """The highest threshold that at least this share of `known` reaches."""
    known = np.sort(np.asarray(known, dtype=float))[::-1]
    if not len(known):
        return math.nan
    # Rounding must not turn 0.95 x 20 = 19 into 20.
    return float(known[max(math.ceil(kept * len(known) - 1e-9), 1) - 1])


def accepted_when_keeping(known: Numbers, unknown: Numbers, kept: float = 0.95) -> float:
    """The share of `unknown` that passes the threshold that keeps `kept` of `known`."""
    if not len(known):
        return math.nan
    return share(np.asarray(unknown, dtype=float) >= threshold_keeping(known, kept))


def percentile(values: Numbers, part: float) -> float:
    """The smallest value that at least this part of all values doesn't exceed."""
    values = np.sort(np.asarray(values, dtype=float))
    return float(values[max(math.ceil(part * len(values) - 1e-9), 1) - 1]) if len(values) else math.nan


def mean_and_deviation(values: Numbers) -> tuple[float, float]:
    """Mean and standard deviation (of a sample), leaving NaN out."""
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    mean = float(values.mean()) if len(values) else math.nan
    return mean, float(values.std(ddof=1)) if len(values) > 1 else math.nan
