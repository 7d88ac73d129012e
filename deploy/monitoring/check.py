"""That dashboard, alerts and manual go by the metrics that there are.

    python3 -B deploy/monitoring/check.py

Reads the Rust code for what the services count (`metrics::counter!("mirror_…",
"label" => …)`), and says of each metric, label and label's value that the files
here name whether there is such a one; and whether docs/operations.md has all of
them. Exits with 1 when not. Needs nothing but Python, and takes no time.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MANUAL = ROOT / "docs" / "operations.md"
DASHBOARD = HERE / "grafana-dashboard.json"
RULES = (HERE / "alerts.yml", HERE / "alerts_test.yml")

# What Prometheus itself adds.
FOREIGN_LABELS = {"le", "job", "instance", "mirror", "alertname", "alertstate"}
# Of other exporters; written down, so that a slip of the pen is found.
FOREIGN_METRICS = {
    "up",
    "node_cpu_seconds_total",
    "node_disk_written_bytes_total",
    "node_filesystem_avail_bytes",
    "node_hwmon_in_lcrit_alarm_volts",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
    "node_thermal_zone_temp",
}

_CALL = re.compile(r'metrics::(counter|gauge|histogram)!\(\s*"(\w+)"([^;{]*?)\)\s*\.', re.S)
_LABEL = re.compile(r'"(\w+)"\s*=>')
_TESTS = re.compile(r"#\[cfg\(test\)\]\s*mod tests \{")
_USED = re.compile(r"\b((?:mirror|node)_[a-z]\w*|up)\b(?:\s*\{([^}]*)\})?")
_SELECTOR = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPED = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")
_ROW = re.compile(r"^\| `(mirror_\w+)`", re.M)


@dataclass
class Metric:
    """What the code counts."""

    kind: str
    labels: set[str]
    # Its service's code, where the values of labels have to be.
    code: str


def counted(root: Path = ROOT) -> dict[str, Metric]:
    """All metrics by name."""
    metrics: dict[str, Metric] = {}
    for service in sorted(root.glob("services/*/src")):
        texts = (file.read_text(encoding="utf-8") for file in sorted(service.glob("**/*.rs")))
        code = "\n".join(_TESTS.split(text)[0] for text in texts)
        for kind, name, rest in _CALL.findall(code):
            metric = metrics.setdefault(name, Metric(kind, set(), code))
            metric.labels |= set(_LABEL.findall(rest))
    return metrics


def expressions(dashboard: Path = DASHBOARD) -> Iterator[str]:
    """Each query of the dashboard."""
    content = json.loads(dashboard.read_text(encoding="utf-8"))
    places = [panel["gridPos"] for panel in content["panels"]]
    if len({(place["x"], place["y"]) for place in places}) != len(places):
        yield "two_panels_in_one_place"
    for panel in content["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]


def wrong(text: str, metrics: dict[str, Metric]) -> Iterator[str]:
    """What `text`, in Prometheus' language, names and isn't there."""
    grouped: set[str] = set()
    for names in _GROUPED.findall(text):
        grouped |= {name.strip() for name in names.split(",") if name.strip()}
    known = FOREIGN_LABELS.union(*(metric.labels for metric in metrics.values()))
    yield from (f"no metric has the label '{label}'" for label in sorted(grouped - known))
    for name, selectors in _USED.findall(_GROUPED.sub("", text)):
        if name in FOREIGN_METRICS:
            continue
        metric = metrics.get(name) or _histogram(name, metrics)
        if metric is None:
            yield f"there is no metric {name}"
            continue
        for label, operator, value in _SELECTOR.findall(selectors):
            if label in FOREIGN_LABELS:
                continue
            if label not in metric.labels:
                yield f"{name} has no label '{label}'"
            elif operator in ("=", "!=") and f'"{value}"' not in metric.code:
                yield f"{name}: its service has no \"{value}\" for '{label}'"


def _histogram(name: str, metrics: dict[str, Metric]) -> Metric | None:
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    metric = metrics.get(base)
    return metric if metric and metric.kind == "histogram" and base != name else None


def problems() -> Iterator[str]:
    metrics = counted()
    if len(metrics) < 10:
        yield f"only {len(metrics)} metrics were found in the code; has the way to write them changed?"
    for expression in expressions():
        yield from (f"{DASHBOARD.name}: {what}, in {expression}" for what in wrong(expression, metrics))
    for file in RULES:
        # Lines of comments and texts name files and variables, never metrics.
        lines = (line for line in file.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#"))
        for line in lines:
            yield from (f"{file.name}: {what}, in {line.strip()}" for what in wrong(line, metrics))
    explained = set(_ROW.findall(MANUAL.read_text(encoding="utf-8")))
    yield from (f"{MANUAL.name} doesn't explain {name}" for name in sorted(metrics.keys() - explained))
    yield from (f"{MANUAL.name} explains {name}, which is gone" for name in sorted(explained - metrics.keys()))


def main() -> int:
    found = list(problems())
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
