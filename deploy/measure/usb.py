"""The Coral and the cameras on the USB, from /sys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEVICES = Path("/sys/bus/usb/devices")

# Before and after its firmware was loaded.
FRESH, RUNNING = "1a6e:089a", "18d1:9302"

_VIDEO = "0e"


@dataclass(frozen=True)
class Device:
    """A Coral or a camera."""

    id: str
    name: str
    # Megabits a second.
    speed: int
    # What it says it may take at most, as "896mA".
    power: str

    @property
    def is_coral(self) -> bool:
        return self.id in (FRESH, RUNNING)

    def __str__(self) -> str:
        parts = [self.id, self.name, bus(self.speed), self.power]
        if self.id == FRESH:
            parts.append("firmware not loaded yet: not used since it was plugged in")
        return ", ".join(part for part in parts if part)


def bus(speed: int) -> str:
    """5000 Mbit/s are USB 3."""
    return f"USB {3 if speed >= 5000 else 2} ({speed} Mbit/s)"


def devices(folder: Path = DEVICES) -> list[Device]:
    """In the order of their sockets."""
    found = (_device(path) for path in sorted(folder.glob("*")) if (path / "idVendor").exists())
    return [device for device in found if device]


def _device(path: Path) -> Device | None:
    def said(name: str) -> str:
        try:
            return (path / name).read_text(errors="replace").strip()
        except OSError:
            return ""

    speed = said("speed")
    device = Device(
        id=f"{said('idVendor')}:{said('idProduct')}",
        name=said("product"),
        # 1.5 is possible, and of no interest here.
        speed=int(speed) if speed.isdigit() else 0,
        power=said("bMaxPower"),
    )
    classes = (interface.read_text().strip() for interface in path.glob(f"{path.name}:*/bInterfaceClass"))
    return device if device.is_coral or _VIDEO in classes else None


def cards(folder: Path = Path("/dev")) -> list[str]:
    """Corals that are no USB devices."""
    return [f"{path}, PCIe" for path in sorted(folder.glob("apex_*"))]
