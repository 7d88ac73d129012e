"""A measurement, and what stands out in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import frames
import machine
import processes
import usb

# °C at which a Raspberry Pi 4 begins to slow down.
HOT = 80


@dataclass
class Samples:
    """Once a second."""

    temperatures: list[float] = field(default_factory=list)
    megahertz: list[int] = field(default_factory=list)
    throttled: list[int] = field(default_factory=list)

    def take(self) -> None:
        temperature, clock, flags = machine.temperature(), machine.megahertz(), machine.throttled()
        self.temperatures += [] if temperature is None else [temperature]
        self.megahertz += [] if clock is None else [clock[0]]
        self.throttled += [] if flags is None else [flags]


@dataclass(frozen=True)
class Measurement:
    """All that was found out; reports are the mirror's own."""

    seconds: float
    before: dict[str, Any]
    after: dict[str, Any]
    frames: Sequence[frames.Frame]
    usages: Sequence[processes.Usage]
    # Of all cores together.
    busy_cores: float
    samples: Samples
    memory: machine.Memory
    devices: Sequence[usb.Device]
    cards: Sequence[str]
    problem: str | None

    def counts(self) -> frames.Counts | None:
        """None when inference is away, or was started anew meanwhile."""
        before, after = self.before.get("inference"), self.after.get("inference")
        if not before or not after or before["started_at"] != after["started_at"]:
            return None
        captured = after["frames_captured"] - before["frames_captured"]
        replaced = after["frames_dropped"] - before["frames_dropped"]
        return frames.Counts(captured, replaced, len(self.frames))

    def rate(self) -> float:
        return len(self.frames) / self.seconds

    def replayed(self) -> bool:
        return any(frame.replayed for frame in self.frames)


def stand_out(found: Measurement) -> Iterator[str]:
    """What a reader should know before the figures."""
    yield from _missing(found)
    yield from _frames(found)
    yield from _accelerator(found)
    yield from _device(found)


def _missing(found: Measurement) -> Iterator[str]:
    for service in ("inference", "recommender"):
        before, after = found.before.get(service), found.after.get(service)
        if not after:
            yield f"{service} is away."
        elif before and before["started_at"] != after["started_at"]:
            yield f"{service} was started anew during the measurement."
    versions = {(found.after.get(name) or {}).get("version") for name in ("ui", "inference", "recommender")} - {None}
    if len(versions) > 1:
        yield f"The services are of different versions: {', '.join(sorted(versions))}."
    for degradation in (found.after.get("recommender") or {}).get("degradations", []):
        yield f"{degradation['component']}: {degradation['message']}"
    if any(usage.processes > 1 for usage in found.usages if usage.group == "inference"):
        yield "More than one mirror runs on this machine; processor and memory are those of all."
    if found.problem:
        yield f"Not all frames were heard: {found.problem}."


def _frames(found: Measurement) -> Iterator[str]:
    if not found.frames:
        yield "No frame was recognised."
        return
    if found.replayed():
        yield "The frames are a replay's, not a camera's."
    counts = found.counts()
    if counts and counts.captured:
        if counts.replaced > 0.05 * counts.captured:
            share = counts.replaced / counts.captured
            yield f"{share:.0%} of the frames gave way to newer ones: the network is slower than the camera."
        if counts.left_out > 0.1 * counts.captured:
            share = counts.left_out / counts.captured
            yield (
                f"{share:.0%} of the frames were left out, most likely because nothing moved. For the highest"
                " rate move something before the camera all the time, or set MIRROR_IDLE_FPS=0."
            )


def _accelerator(found: Measurement) -> Iterator[str]:
    model = found.after.get("model") or {}
    on_edge_tpu = model.get("accelerator") == "EDGE_TPU"
    if model.get("accelerator_problem"):
        yield f"Not on the Edge TPU, because: {model['accelerator_problem']}"
    corals = [device for device in found.devices if device.is_coral]
    if (corals or found.cards) and not on_edge_tpu and not model.get("accelerator_problem"):
        yield "A Coral is there and isn't used; is the model's _edgetpu.tflite file beside it, in MIRROR_MODEL_DIR?"
    if any(coral.speed < 5000 for coral in corals):
        yield "The Coral is on USB 2, which is slower: use a blue socket and a USB 3 cable."


def _device(found: Measurement) -> Iterator[str]:
    flags = found.samples.throttled[-1] if found.samples.throttled else 0
    if flags:
        yield f"Power or heat: {machine.said(flags)}."
    hottest = max(found.samples.temperatures, default=0)
    if hottest >= HOT:
        yield f"The processor reached {hottest:.0f} °C, at which it slows down."
    if found.memory.available < 0.1 * found.memory.total:
        yield "Less than a tenth of the memory is available."
    free = (found.after.get("recommender") or {}).get("disk_free_bytes")
    if free is not None and free < 500e6:
        yield "The disk is nearly full."
