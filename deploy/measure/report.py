"""A measurement as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import findings
import frames
import machine

NOTHING = "–"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The first column to the left, the others to the right; aligned as text too."""
    rows = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    cells = [[row[0].ljust(widths[0]), *(t.rjust(w) for t, w in zip(row[1:], widths[1:], strict=True))] for row in rows]
    return ["| " + " | ".join(row) + " |" for row in [cells[0], rule, *cells[1:]]]


def lines(found: findings.Measurement, facts: dict[str, str]) -> list[str]:
    """The whole report. `facts` are the date, the command and the device."""
    return [
        "# How fast this mirror is",
        "",
        *_list(facts | _facts(found)),
        *_section("What stands out", [f"- {line}" for line in findings.stand_out(found)] or ["- Nothing."]),
        *_section("Frames", _frames(found)),
        *_section("Stages", _stages(found)),
        *_section("Processor and memory", _usage(found)),
        *_section("Device", _list(_device(found))),
    ]


def _section(title: str, content: list[str]) -> list[str]:
    return ["", f"## {title}", "", *content]


def _list(facts: dict[str, str]) -> list[str]:
    return [f"- {name}: {text}" for name, text in facts.items()]


def _facts(found: findings.Measurement) -> dict[str, str]:
    report = found.after
    facts = {
        "mirror": f"version {report['ui'].get('version', '?')}, {_how(found)}",
        "model": _model(report.get("model")),
        "camera": _camera(report, found),
    }
    gallery = report.get("gallery")
    if gallery:
        facts["gallery"] = f"{gallery['labels']} labels, {gallery['samples']} samples"
    return facts


def _how(found: findings.Measurement) -> str:
    services = [usage for usage in found.usages if usage.group in ("inference", "recommender", "ui")]
    if not services:
        return "not on this machine"
    return "in containers" if any(usage.contained for usage in services) else "without containers"


def _model(model: dict[str, Any] | None) -> str:
    if not model:
        return "not known"
    size = f"{model['dimensions']} dimensions, input {model['input_width']} × {model['input_height']}"
    what = f"{model['accelerator']} ({model['accelerator_detail']}), TensorFlow Lite {model['runtime_version']}"
    return f"{model['id']}, {size}; on {what}"


def _camera(report: dict[str, Any], found: findings.Measurement) -> str:
    selected = [camera for camera in report.get("cameras", []) if camera.get("selected")]
    if not selected:
        return "none"
    camera = selected[0]
    # A replay's folder is nobody's business.
    name = "replay" if found.replayed() else camera["name"]
    parts = [name, camera["state"], camera.get("mode"), camera.get("note"), camera.get("problem")]
    return ", ".join(part for part in parts if part)


def _frames(found: findings.Measurement) -> list[str]:
    rows = [["recognised", str(len(found.frames)), f"{found.rate():.1f}"]]
    counts = found.counts()
    if counts:
        rows.insert(0, _count("captured", counts.captured, found.seconds))
        rows.append(_count("gave way to a newer one", counts.replaced, found.seconds))
        rows.append(_count("left out: nothing moved, or broken", counts.left_out, found.seconds))
    return table(["frames", "in all", "a second"], rows)


def _count(name: str, count: int, seconds: float) -> list[str]:
    return [name, str(count), f"{count / seconds:.1f}"]


def _stages(found: findings.Measurement) -> list[str]:
    spreads = frames.spreads(found.frames)
    if not spreads:
        return ["Nothing was recognised."]
    rows = [[name, *(f"{t:.2f}" for t in (s.p50, s.p90, s.p99, s.most))] for name, s in spreads.items()]
    return [
        *table(["ms", "p50", "p90", "p99", "max"], rows),
        "",
        "*embed* is the network. *camera to verdict* is the sum of the stages; *camera to here* is to this",
        "program, by way of the page's port.",
    ]


def _usage(found: findings.Measurement) -> list[str]:
    rows = []
    for usage in found.usages:
        share = NOTHING if usage.proportional is None else _megabytes(usage.proportional)
        rows.append([usage.group, str(usage.processes), f"{usage.cores:.0%}", _megabytes(usage.resident), share])
    rows.append(["whole machine", NOTHING, f"{found.busy_cores:.0%}", _megabytes(_in_use(found.memory)), NOTHING])
    text = [
        *table(["", "processes", "of a core", "MB resident", "MB proportional"], rows),
        "",
        "*resident* counts memory that processes share once for each; *proportional* counts it once (root alone",
        "may see that of others).",
    ]
    inference = [usage for usage in found.usages if usage.group.startswith("inference")]
    # Of several mirrors it can't be said whose frames they were.
    if found.frames and [usage.processes for usage in inference][:1] == [1]:
        spent = 1000 * sum(usage.cores for usage in inference) * found.seconds / len(found.frames)
        text += ["", f"Processor time of inference: {spent:.1f} ms a recognised frame, all its threads together."]
    return text


def _in_use(memory: machine.Memory) -> int:
    return memory.total - memory.available


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f}"


def _device(found: findings.Measurement) -> dict[str, str]:
    samples, memory = found.samples, found.memory
    facts = {
        "memory": f"{memory.available / 1e6:.0f} of {memory.total / 1e6:.0f} MB available, {memory.swapped / 1e6:.0f} MB swapped",
        "disk": machine.disk(),
        "temperature": NOTHING,
        "clock": NOTHING,
        "power and heat": "not told by this device",
    }
    if samples.temperatures:
        first, last = samples.temperatures[0], samples.temperatures[-1]
        facts["temperature"] = f"{first:.0f} °C at first, {last:.0f} °C at last, {max(samples.temperatures):.0f} °C at most"
    clock = machine.megahertz()
    if samples.megahertz and clock:
        facts["clock"] = f"{min(samples.megahertz)} to {max(samples.megahertz)} MHz, highest possible {clock[1]} MHz"
    if samples.throttled:
        facts["power and heat"] = machine.said(samples.throttled[-1])
    connected = [str(device) for device in found.devices] + list(found.cards)
    facts["Coral and cameras"] = "; ".join(connected) or "none seen"
    return facts
