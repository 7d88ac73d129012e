"""What became of the camera's frames while it was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# As the mirror names them, in the order in which they come.
STAGES = ("decode", "wait", "resize", "embed", "classify")


@dataclass(frozen=True)
class Frame:
    """A frame that was recognised. Times in milliseconds, but for `captured`."""

    id: int
    # Seconds since 1970, by this device's clock.
    captured: float
    stages: tuple[float, ...]
    # From the camera to here, the page's port included.
    whole: float
    replayed: bool


def frame(event: dict[str, Any], arrived: float) -> Frame:
    """A `recognition` event of the page's port; names of labels are not looked at."""
    timings = event.get("timings") or {}
    stages = [timings.get(f"{stage}_us", 0) / 1000 for stage in STAGES[:-1]]
    captured = seconds(event.get("captured_at"))
    return Frame(
        id=int(event.get("frame_id", 0)),
        captured=captured,
        stages=(*stages, event.get("classify_us", 0) / 1000),
        whole=(arrived - captured) * 1000,
        replayed=str(event.get("source", "")).startswith("replay:"),
    )


def seconds(time: str | None) -> float:
    """RFC 3339, with nanoseconds, to seconds since 1970."""
    return datetime.fromisoformat(time).timestamp() if time else math.nan


@dataclass(frozen=True)
class Spread:
    """Nearest rank: each is a value that occurred."""

    p50: float
    p90: float
    p99: float
    most: float


def spread(values: Iterable[float]) -> Spread | None:
    """None of no values; what is no number is left out."""
    ordered = sorted(value for value in values if not math.isnan(value))
    if not ordered:
        return None

    def at(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Spread(at(0.5), at(0.9), at(0.99), ordered[-1])


def spreads(frames: Sequence[Frame]) -> dict[str, Spread]:
    """Of each stage, of their sum, and of the whole way; none without a frame."""
    columns = {stage: [frame.stages[i] for frame in frames] for i, stage in enumerate(STAGES)}
    columns["camera to verdict"] = [sum(frame.stages) for frame in frames]
    columns["camera to here"] = [frame.whole for frame in frames]
    found = {name: spread(values) for name, values in columns.items()}
    return {name: of for name, of in found.items() if of}


@dataclass(frozen=True)
class Counts:
    """Frames of a measurement."""

    captured: int
    # Gave way to a newer one before the network had time for them.
    replaced: int
    # Recognised.
    recognised: int

    @property
    def left_out(self) -> int:
        """The others: nothing moved, so the network rested; or they were broken."""
        return max(0, self.captured - self.replaced - self.recognised)
