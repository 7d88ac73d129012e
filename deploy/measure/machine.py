"""The device: what it is, how warm, whether it has power enough."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import processes

ROOT = Path("/")

# As the Raspberry Pi's firmware counts them: now, and since the start 16 bits above.
_THROTTLED = {
    0: "under-voltage",
    1: "clock capped",
    2: "throttled",
    3: "soft temperature limit",
}


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip().rstrip("\0")
    except OSError:
        return ""


def board(root: Path = ROOT) -> str:
    """What the board calls itself, else the processor."""
    named = _text(root / "proc/device-tree/model")
    if not named:
        lines = _text(root / "proc/cpuinfo").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        named = names[0] if names else platform.machine()
    return f"{named}, {os.cpu_count()} cores"


def system(root: Path = ROOT) -> str:
    lines = _text(root / "etc/os-release").splitlines()
    names = [line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME=")]
    return f"{names[0] if names else 'unknown system'}, kernel {platform.release()}, {platform.machine()}"


@dataclass(frozen=True)
class Memory:
    """In bytes."""

    total: int
    available: int
    swapped: int


def memory(root: Path = ROOT) -> Memory:
    text = _text(root / "proc/meminfo")
    swapped = processes.kilobytes(text, "SwapTotal") - processes.kilobytes(text, "SwapFree")
    return Memory(processes.kilobytes(text, "MemTotal"), processes.kilobytes(text, "MemAvailable"), swapped)


def temperature(root: Path = ROOT) -> float | None:
    """The processor's, in °C; None where the system doesn't say."""
    zones = {}
    for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*")):
        degrees = _text(zone / "temp")
        if degrees.lstrip("-").isdigit():
            zones.setdefault(_text(zone / "type"), int(degrees) / 1000)
    for name in ("cpu-thermal", "cpu_thermal", "x86_pkg_temp"):
        if name in zones:
            return zones[name]
    return max(zones.values(), default=None)


def megahertz(root: Path = ROOT) -> tuple[int, int] | None:
    """The slowest core's clock now, and its highest; None where the system doesn't say."""
    cores = sorted((root / "sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq"))
    clocks = [(_text(core / "scaling_cur_freq"), _text(core / "scaling_max_freq")) for core in cores]
    known = [(int(now), int(most)) for now, most in clocks if now.isdigit() and most.isdigit()]
    return min((now // 1000, most // 1000) for now, most in known) if known else None


def throttled(root: Path = ROOT) -> int | None:
    """The firmware's flags; None on other boards."""
    text = _text(root / "sys/devices/platform/soc/soc:firmware/get_throttled")
    if not text and root == ROOT and shutil.which("vcgencmd"):
        answer = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True, text=True, check=False)
        text = answer.stdout.strip()
    return flags(text)


def flags(text: str) -> int | None:
    """Of `throttled=0x50005`, or the number alone; both are hexadecimal."""
    try:
        return int(text.rpartition("=")[2], 16)
    except ValueError:
        return None


def said(flags: int) -> str:
    """Throttling in words."""
    now = [word for bit, word in _THROTTLED.items() if flags & 1 << bit]
    before = [word for bit, word in _THROTTLED.items() if flags & 1 << bit + 16]
    if not before and not now:
        return "never since power-on"
    return f"now: {', '.join(now) or 'nothing'}; since power-on: {', '.join(before) or 'nothing'}"


def disk(root: Path = ROOT) -> str:
    """The file system of the system itself."""
    usage = shutil.disk_usage(root)
    device = ""
    for line in _text(root / "proc/mounts").splitlines():
        source, where, kind, *_ = line.split()
        if where == "/":
            device = f"{source} ({kind}), "
    return f"{device}{usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB free"
