"""Processor time and memory of the mirror's processes, from /proc. Those in
containers are processes of this machine as well."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")

# In the order of the report.
GROUPS = (
    "inference",
    "inference, Edge TPU process",
    "recommender",
    "ui",
    "sap-simulator",
    "browser",
    "screen (compositor)",
    "Docker",
)

_DOCKER = ("dockerd", "containerd", "docker-proxy")
_SCREEN = ("labwc", "sway", "wayfire", "Xwayland", "Xorg")


@dataclass(frozen=True)
class Process:
    """One process at one moment; bytes and ticks."""

    pid: int
    started: int
    group: str
    ticks: int
    resident: int
    # Its share of memory that several processes use; None without the right to see it.
    proportional: int | None
    contained: bool


def group_of(command: Sequence[str]) -> str | None:
    """Which group a command line belongs to; None for other programs."""
    program = os.path.basename(command[0]) if command else ""
    if program.startswith("mirror-"):
        name, rest = program.removeprefix("mirror-"), command[1:2]
        if rest == ["edge-tpu-worker"]:
            return "inference, Edge TPU process"
        # A health check comes every few seconds and is gone at once.
        return name if name in GROUPS and rest != ["healthcheck"] else None
    if program in ("chromium", "chromium-browser", "chrome"):
        return "browser"
    if program in _SCREEN:
        return "screen (compositor)"
    return "Docker" if program.startswith(_DOCKER) else None


def parse_stat(stat: str) -> tuple[int, int]:
    """Ticks of processor time, and when it was started. The name in brackets may hold
    brackets and spaces itself."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]), int(fields[19])


def kilobytes(text: str, name: str) -> int:
    """In bytes; of lines like `VmRSS:   1234 kB`. 0 where there is none."""
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def snapshot(proc: Path = PROC) -> list[Process]:
    """The mirror's processes now."""
    found = (_process(folder) for folder in proc.iterdir() if folder.name.isdigit())
    return [process for process in found if process]


def _process(folder: Path) -> Process | None:
    try:
        command = (folder / "cmdline").read_text(errors="replace").rstrip("\0").split("\0")
        # Chromium writes its processes' command lines anew, with spaces.
        group = group_of(command) or group_of(command[0].split(" "))
        if group is None:
            return None
        ticks, started = parse_stat((folder / "stat").read_text(errors="replace"))
        resident = kilobytes((folder / "status").read_text(errors="replace"), "VmRSS")
        control = (folder / "cgroup").read_text(errors="replace")
    except OSError:
        # It has ended meanwhile.
        return None
    try:
        proportional = kilobytes((folder / "smaps_rollup").read_text(), "Pss")
    except OSError:
        proportional = None
    contained = "docker" in control or "containerd" in control
    return Process(int(folder.name), started, group, ticks, resident, proportional, contained)


@dataclass(frozen=True)
class Usage:
    """What a group took over a time."""

    group: str
    processes: int
    # Of one core: 1.5 is one and a half.
    cores: float
    resident: int
    proportional: int | None
    contained: bool


def usage(before: Sequence[Process], after: Sequence[Process], seconds: float) -> list[Usage]:
    """Processor time between two moments; memory at the second. One that began in
    between counts from its start; what one took that ended in between is not known."""
    earlier = {(process.pid, process.started): process.ticks for process in before}
    usages = []
    for group in GROUPS:
        of_group = [process for process in after if process.group == group]
        if not of_group:
            continue
        ticks = sum(process.ticks - earlier.get((process.pid, process.started), 0) for process in of_group)
        shares = [process.proportional for process in of_group]
        usages.append(
            Usage(
                group=group,
                processes=len(of_group),
                cores=ticks / TICKS / seconds,
                resident=sum(process.resident for process in of_group),
                proportional=None if None in shares else sum(share or 0 for share in shares),
                contained=any(process.contained for process in of_group),
            )
        )
    return usages


def busy_ticks(stat: str) -> int:
    """Of all cores together, from /proc/stat: neither idle nor waiting for a disk."""
    fields = [int(field) for field in stat.splitlines()[0].split()[1:9]]
    user, nice, system, _idle, _wait, irq, soft, steal = fields
    return user + nice + system + irq + soft + steal


def busy_now(proc: Path = PROC) -> int:
    return busy_ticks((proc / "stat").read_text())
