"""Boots the VM and runs the checks; test.sh says with what.

    python run.py [PATTERN]        only the checks with PATTERN in "Part: name"
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import check_faults
import check_frames
import check_pictures
import checks
import initramfs
from camera import VirtualCamera
from checks import Lab, Part
from machine import Failed, Machine
from service import Service

PARTS = (check_frames.PART, check_pictures.PART, check_faults.PART)


def chosen(pattern: str) -> list[Part]:
    wanted = pattern.casefold()
    parts = (
        Part(part.title, [c for c in part.checks if wanted in f"{part.title}: {c.name}".casefold()])
        for part in PARTS
    )
    return [part for part in parts if part.checks]


def main(pattern: str = "") -> int:
    started = time.monotonic()
    parts = chosen(pattern)
    if not parts:
        print(f"no check has '{pattern}' in its name; there are:")
        print("\n".join(f"{part.title}: {check.name}" for part in PARTS for check in part.checks))
        return 64
    cache = Path(os.environ["MIRROR_CACHE_DIR"])
    vm = cache / "vm"
    folder = Path(os.environ.get("MIRROR_VM_TEST_DIR", vm / "logs"))
    folder.mkdir(parents=True, exist_ok=True)
    log, initrd = folder / "guest.log", vm / f"initrd.{os.getpid()}"
    log.unlink(missing_ok=True)

    system, kernel = vm / "system", vm / "kernel"
    binary, model = Path(os.environ["MIRROR_BINARY"]), Path(os.environ["MIRROR_MODEL"])
    try:
        initramfs.main(system, kernel, binary, cache / "runtime/libtensorflowlite_c.so", model, initrd)
        with Machine(system, kernel, initrd, log) as machine:
            print(f"The VM has booted ({time.monotonic() - started:.0f} s)", flush=True)
            failed = checks.run(parts, Lab(machine, VirtualCamera(machine), Service(machine)), started)
    except Failed as problem:
        print(f"  FAILED   the VM\n{checks.indented(str(problem))}", flush=True)
        failed = 1
    finally:
        initrd.unlink(missing_ok=True)

    left_out = sum(len(part.checks) for part in PARTS) - sum(len(part.checks) for part in parts)
    print()
    if left_out:
        print(f"{left_out} checks were left out; their names have no '{pattern}' in them.")
    print(f"{failed} failed, {time.monotonic() - started:.0f} s. The guest's log: {log}")
    return 1 if failed else 0


if __name__ == "__main__":
    # Told to end, it ends the VM too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
