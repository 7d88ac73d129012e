"""Packs the VM's file system: busybox, modules, the service and v4l2-ctl, each
with the shared libraries that it asks for.

    python initramfs.py SYSTEM KERNEL BINARY LIBRARY MODEL OUT

SYSTEM and KERNEL are what fetch.sh unpacked; OUT is a cpio archive of the
"newc" kind, which the kernel unpacks when it boots.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from PIL import Image

import small_model

GUEST = Path(__file__).resolve().parent / "guest"

FOLDER = 0o40755
PROGRAM = 0o100755
FILE = 0o100644
CONSOLE = 0o20600

# uid and gid 1000: a user who may do nothing special.
USERS = "root::0:0:root:/:/bin/sh\nmirror::1000:1000:mirror:/tmp:/bin/sh\n"
GROUPS = "root::0:\nmirror::1000:\n"


@dataclass
class Archive:
    """A cpio archive; folders are made as they are needed."""

    data: io.BytesIO = field(default_factory=io.BytesIO)
    names: set[str] = field(default_factory=set)

    def add(self, name: str, content: bytes, mode: int = FILE, device: tuple[int, int] = (0, 0)) -> None:
        if name in self.names:
            return
        for parent in reversed(PurePosixPath(name).parents[:-1]):
            self._entry(str(parent), FOLDER, b"", (0, 0))
        self._entry(name, mode, content, device)

    def add_file(self, name: str, file: Path, mode: int = FILE) -> None:
        self.add(name, file.read_bytes(), mode)

    def _entry(self, name: str, mode: int, content: bytes, device: tuple[int, int]) -> None:
        if name in self.names:
            return
        self.names.add(name)
        encoded = name.encode() + b"\0"
        # inode, mode, uid, gid, links, time, size, device of the file, device it is, name's length, sum
        fields = (len(self.names), mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0)
        self._padded(b"070701" + b"".join(b"%08X" % number for number in fields) + encoded)
        self._padded(content)

    def _padded(self, data: bytes) -> None:
        self.data.write(data + b"\0" * (-len(data) % 4))

    def finished(self) -> bytes:
        self._entry("TRAILER!!!", 0, b"", (0, 0))
        return self.data.getvalue()


def library_folders(system: Path) -> list[Path]:
    folders = (system / "lib/x86_64-linux-gnu", system / "usr/lib/x86_64-linux-gnu")
    return [folder for folder in folders if folder.is_dir()]


def loader(system: Path) -> Path:
    """Starts the programs in `system` with the libraries there."""
    found = next(library_folders(system)[0].glob("ld-linux-x86-64.so.2"), None)
    if found is None:
        raise FileNotFoundError(f"{system} has no ld-linux-x86-64.so.2")
    return found


def libraries(listing: str) -> list[Path]:
    """The files in what ldd prints."""
    if missing := re.findall(r"(\S+) => not found", listing):
        raise FileNotFoundError(f"shared libraries are missing: {', '.join(missing)}")
    return [Path(path) for path in re.findall(r"(/\S+) \(0x", listing)]


def output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def add_service(archive: Archive, binary: Path, library: Path, model: Path) -> None:
    archive.add_file("bin/mirror-inference", binary, PROGRAM)
    archive.add_file("srv/default.tflite", model)
    archive.add("srv/small.tflite", small_model.build())
    archive.add_file(f"lib/x86_64-linux-gnu/{library.name}", library)
    for file in (*libraries(output("ldd", binary)), *libraries(output("ldd", library))):
        folder = "lib64" if file.name.startswith("ld-linux") else "lib/x86_64-linux-gnu"
        archive.add_file(f"{folder}/{file.name}", file, PROGRAM)


def add_v4l2_ctl(archive: Archive, system: Path) -> None:
    program = system / "usr/bin/v4l2-ctl"
    start = loader(system)
    path = ":".join(str(folder) for folder in library_folders(system))
    archive.add_file("opt/v4l/v4l2-ctl", program, PROGRAM)
    archive.add_file("opt/v4l/ld.so", start, PROGRAM)
    for file in libraries(output(start, "--library-path", path, "--list", program)):
        archive.add_file(f"opt/v4l/{file.name}", file)


def add_replay(archive: Archive) -> None:
    """A replay of one plain picture: what `auto` plays when there is no camera."""
    picture = io.BytesIO()
    Image.new("RGB", (320, 240), (200, 120, 40)).save(picture, "PNG")
    archive.add("srv/replay/plain.png", picture.getvalue())


def main(system: Path, kernel: Path, binary: Path, library: Path, model: Path, out: Path) -> None:
    archive = Archive()
    archive.add("dev/console", b"", CONSOLE, (5, 1))
    busybox = next(path for path in (system / "bin/busybox", system / "usr/bin/busybox") if path.is_file())
    archive.add_file("bin/busybox", busybox, PROGRAM)
    archive.add("etc/passwd", USERS.encode())
    archive.add("etc/group", GROUPS.encode())
    archive.add_file("etc/inittab", GUEST / "inittab")
    archive.add_file("init", GUEST / "init", PROGRAM)
    archive.add_file("www/cgi-bin/run", GUEST / "run.cgi", PROGRAM)
    archive.add_file("bin/serve", GUEST / "serve", PROGRAM)
    archive.add_file("bin/v4l2-ctl", GUEST / "v4l2-ctl", PROGRAM)
    for file in sorted((kernel / "modules").rglob("*")):
        if file.is_file():
            archive.add_file(f"lib/modules/{file.relative_to(kernel / 'modules')}", file)
    add_service(archive, binary, library, model)
    add_v4l2_ctl(archive, system)
    add_replay(archive)
    out.write_bytes(archive.finished())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
