"""The guest's virtual camera: what it shows, and how it is broken and mended.

vivid's controls are described in the kernel's documentation,
admin-guide/media/vivid.rst.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from machine import Failed, Machine, until

DRIVER = "/sys/bus/platform/drivers/vivid"
NODES = f"{DRIVER}/vivid.0/video4linux"

# What vivid's menu `test_pattern` calls these.
COLOUR_BARS = 1
BARS_DOWNWARDS = 3
RED = 7
NOISE = 21
NO_TEXT = 2


@dataclass(frozen=True)
class Format:
    """What the device is set to."""

    width: int
    height: int
    pixels: str
    fps: float


class VirtualCamera:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def device(self) -> str:
        """/dev/videoN; empty while it is unplugged."""
        names = self._machine.run(f"ls {NODES}").output.split()
        return next((f"/dev/{name}" for name in names if re.fullmatch(r"video\d+", name)), "")

    def set(self, **controls: int) -> None:
        listed = ",".join(f"{name}={value}" for name, value in controls.items())
        self._machine.must(f"v4l2-ctl -d {self.device()} -c {listed}")

    def press(self, button: str) -> None:
        """One of the buttons that inject an error."""
        self.set(**{button: 1})

    def show(self, pattern: int) -> None:
        self.set(test_pattern=pattern, osd_text_mode=NO_TEXT)

    def silence(self) -> None:
        """It streams on and answers everything, but no picture ever comes."""
        self.set(percentage_of_dropped_buffers=100)

    def speak(self) -> None:
        self.set(percentage_of_dropped_buffers=0)

    def unplug(self) -> None:
        self._machine.must(f"echo vivid.0 >{DRIVER}/unbind")

    def plug_in(self) -> None:
        self._machine.must(f"echo vivid.0 >{DRIVER}/bind")

    def allow(self, mode: str) -> None:
        """The device file's permissions, as chmod takes them."""
        self._machine.must(f"chmod {mode} {self.device()}")

    def hold_open(self) -> int:
        """A program that has the device open and does nothing with it; its process id."""
        return int(self._machine.must(f"sleep 100000 <{self.device()} >/dev/null 2>&1 & echo $!"))

    def take(self) -> int:
        """A program that streams from the camera; its process id, once it has the camera."""
        stream = "--stream-mmap --stream-count=0"
        pid = int(self._machine.must(f"v4l2-ctl -d {self.device()} {stream} >/tmp/other.log 2>&1 & echo $!"))
        try:
            # It prints a character a picture.
            until("v4l2-ctl streams", 30, lambda: self._machine.run("[ -s /tmp/other.log ]").code == 0)
        except Failed:
            self.end(pid)
            raise
        return pid

    def end(self, pid: int) -> None:
        self._machine.run(f"kill {pid}; while [ -d /proc/{pid} ]; do usleep 20000; done")

    def format(self) -> Format:
        device = self.device()
        printed = self._machine.must(f"v4l2-ctl -d {device} --get-fmt-video --get-parm")
        size = re.search(r"Width/Height\s*: (\d+)/(\d+)", printed)
        pixels = re.search(r"Pixel Format\s*: '(....)'", printed)
        rate = re.search(r"Frames per second: ([\d.]+)", printed)
        if not (size and pixels and rate):
            raise Failed(f"v4l2-ctl says nothing about the format: {printed}")
        return Format(int(size[1]), int(size[2]), pixels[1], float(rate[1]))

    def mend(self) -> None:
        """As after the boot, whatever a check has left; a camera that works is left alone."""
        if self.device() not in ("", "/dev/video0"):
            self.unplug()
        if not self.device():
            self.plug_in()
        self.speak()
        self.show(COLOUR_BARS)
        self.allow("600")
