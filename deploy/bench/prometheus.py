"""A histogram of a service's /metrics: how often and how long."""

from __future__ import annotations

import math
from dataclasses import dataclass

from system import Service


@dataclass(frozen=True)
class Histogram:
    """What was observed since the service started, or between two readings."""

    count: int
    sum: float

    def since(self, before: Histogram) -> Histogram:
        return Histogram(self.count - before.count, self.sum - before.sum)

    @property
    def mean(self) -> float:
        return self.sum / self.count if self.count else math.nan


def histogram(service: Service, name: str) -> Histogram:
    """All series of a name together; nothing observed when there is none."""
    totals = {f"{name}_count": 0.0, f"{name}_sum": 0.0}
    for line in service.get("/metrics").splitlines():
        series, _, value = line.rpartition(" ")
        series = series.partition("{")[0]
        if series in totals:
            totals[series] += float(value)
    return Histogram(int(totals[f"{name}_count"]), totals[f"{name}_sum"])
