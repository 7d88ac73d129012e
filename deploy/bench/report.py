"""How results are written: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
import math
import os
import platform
import shlex
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import system
from measures import mean_and_deviation

NOTHING = "–"


def machine() -> str:
    """Processor and cores."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    # ARM kernels name the board instead.
    board = Path("/proc/device-tree/model")
    if not named and board.exists():
        named = [board.read_text().rstrip("\0")]
    return f"{named[0] if named else platform.machine()}, {os.cpu_count()} cores"


def facts(**further: str) -> dict[str, str]:
    """What has to be kept with figures so that they mean something."""
    found = {
        "machine": machine(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": "`" + shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]) + "`",
        **further,
    }
    changed = [f"{name}={value}" for name, value in system.settings().items()]
    return found | ({"settings": " ".join(changed)} if changed else {})


def heading(title: str, given: dict[str, str]) -> str:
    return "\n".join([f"# {title}", "", *(f"- {name}: {text}" for name, text in given.items())])


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column to the left, the others to the right; aligned as text too."""
    rows = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    cells = [[row[0].ljust(widths[0]), *(t.rjust(w) for t, w in zip(row[1:], widths[1:], strict=True))] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [cells[0], rule, *cells[1:]])


def number(value: float, decimals: int = 3) -> str:
    return NOTHING if math.isnan(value) else f"{value:.{decimals}f}"


def percent(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{100 * value:.1f} %"


def spread_percent(values: Sequence[float]) -> str:
    """Mean ± standard deviation."""
    mean, deviation = mean_and_deviation(values)
    return percent(mean) if math.isnan(deviation) else f"{100 * mean:.1f} ± {100 * deviation:.1f} %"


def spread_number(values: Sequence[float], decimals: int = 3) -> str:
    mean, deviation = mean_and_deviation(values)
    return number(mean, decimals) if math.isnan(deviation) else f"{mean:.{decimals}f} ± {deviation:.{decimals}f}"


def write_json(path: Path | None, given: dict[str, str], figures: object) -> None:
    if path:
        path.write_text(json.dumps({**given, "figures": _plain(figures)}, indent=2) + "\n", encoding="utf-8")


def _plain(value: object) -> object:
    """JSON has no NaN."""
    match value:
        case dict():
            return {str(key): _plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
        case float() if math.isnan(value):
            return None
    return value
