"""The VM: QEMU as a child process, and commands that run in its guest."""

from __future__ import annotations

import ctypes
import http.client
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import initramfs

T = TypeVar("T")

# Emulated, everything takes some ten times as long as on a machine of its own.
BOOT_SECONDS = 180
COMMAND_SECONDS = 60
POLL_SECONDS = 0.1

# The guest's ports, see guest/inittab and service.py.
COMMAND_PORT = 8080
GRPC_PORT = 50051


class Failed(Exception):
    """What was expected did not come; the text is for people."""


def until(
    what: str, seconds: float, condition: Callable[[], T | None], why: Callable[[], str] | None = None
) -> T:
    """The condition's answer as soon as it isn't None or False; `why` says more when it never comes."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > end:
            more = f"; {why()}" if why else ""
            raise Failed(f"not within {seconds:.0f} s: {what}{more}")
        time.sleep(POLL_SECONDS)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [bound.getsockname()[1] for bound in sockets]
    for bound in sockets:
        bound.close()
    return ports


def end_with_parent() -> None:
    """Runs in the child: it must not outlive a test that was killed."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


@dataclass(frozen=True)
class Ran:
    """A command's end in the guest."""

    output: str
    code: int


class Machine:
    """A running VM; leaving the `with` block ends it."""

    def __init__(self, system: Path, kernel: Path, initrd: Path, log: Path) -> None:
        self.log = log
        self.command_port, self.grpc_port = free_ports(2)
        forward = ",".join(
            f"hostfwd=tcp:127.0.0.1:{port}-:{guest}"
            for port, guest in ((self.command_port, COMMAND_PORT), (self.grpc_port, GRPC_PORT))
        )
        libraries = initramfs.library_folders(system)
        modules = next(path for folder in libraries if (path := folder / "qemu").is_dir())
        folders = [folder for name in ("qemu", "seabios") if (folder := system / "usr/share" / name).is_dir()]
        command = [
            *(initramfs.loader(system), "--library-path"),
            ":".join(map(str, libraries)),
            system / "usr/bin/qemu-system-x86_64",
            *(argument for folder in folders for argument in ("-L", folder)),
            # Emulation works everywhere; hardware support doesn't, in containers and other VMs.
            *("-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024"),
            *("-nodefaults", "-no-reboot", "-display", "none", "-serial", f"file:{log}"),
            # restrict: the guest reaches nobody.
            *("-netdev", f"user,id=net,restrict=on,{forward}", "-device", "e1000,netdev=net,romfile="),
            *("-kernel", kernel / "vmlinuz", "-initrd", initrd),
            *("-append", "console=ttyS0 quiet panic=-1"),
        ]
        self._errors = log.with_suffix(".qemu")
        with self._errors.open("wb") as errors:
            self._qemu = subprocess.Popen(
                [str(word) for word in command],
                env={**os.environ, "QEMU_MODULE_DIR": str(modules)},
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                # Ctrl-C is for the test, which then ends the VM.
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def __enter__(self) -> Machine:
        try:
            until("the VM boots", BOOT_SECONDS, self._answers, self._last_words)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._qemu.terminate()
        try:
            self._qemu.wait(10)
        except subprocess.TimeoutExpired:
            self._qemu.kill()
            self._qemu.wait()

    def run(self, commands: str, seconds: float = COMMAND_SECONDS) -> Ran:
        """Runs shell commands as root in the guest."""
        connection = http.client.HTTPConnection("127.0.0.1", self.command_port, timeout=seconds)
        try:
            connection.request("POST", "/cgi-bin/run", commands.encode())
            answer = connection.getresponse().read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise Failed(f"the guest did not answer to `{commands}`: {reason}") from error
        finally:
            connection.close()
        printed, _, code = answer.rstrip("\n").rpartition("\n")
        return Ran(printed.strip("\n"), int(code))

    def must(self, commands: str, seconds: float = COMMAND_SECONDS) -> str:
        """Like `run`; the commands must succeed."""
        ran = self.run(commands, seconds)
        if ran.code != 0:
            raise Failed(f"`{commands}` ended with {ran.code} in the guest: {ran.output}")
        return ran.output

    def runs(self) -> bool:
        return self._qemu.poll() is None

    def note(self, text: str) -> None:
        """A line in the guest's log, between those of the service."""
        self.must(f"echo {shlex.quote(f'=== {text}')} >>/run/log")

    def said(self, lines: int) -> str:
        """The end of the guest's log, the kernel's part left out."""
        return self.run(f"tail -n {lines} /run/log").output

    def _answers(self) -> bool:
        if self._qemu.poll() is not None:
            said = self._errors.read_text(errors="replace")
            raise Failed(f"QEMU ended with {self._qemu.returncode}: {said}")
        try:
            return self.run("true", seconds=5).code == 0
        except (Failed, ValueError):
            return False

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else "its console is empty"
