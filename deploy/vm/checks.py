"""What a check is, and running them: one line each, as it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import grpc

from camera import VirtualCamera
from machine import Failed, Machine
from service import Service


@dataclass(frozen=True)
class Lab:
    """What a check works with."""

    machine: Machine
    camera: VirtualCamera
    service: Service


@dataclass(frozen=True)
class Check:
    """It holds unless it raises."""

    name: str
    holds: Callable[[Lab], str | None]


@dataclass
class Part:
    """Checks with a title."""

    title: str
    checks: list[Check]

    def check(self, name: str) -> Callable[[Callable[[Lab], str | None]], Callable[[Lab], str | None]]:
        """Makes a function the part's next check. What it answers is shown with its line."""

        def add(holds: Callable[[Lab], str | None]) -> Callable[[Lab], str | None]:
            self.checks.append(Check(name, holds))
            return holds

        return add


def equal(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise Failed(f"{what} is {found!r}, it should be {wanted!r}")


def true(what: str, holds: bool) -> None:
    if not holds:
        raise Failed(what)


def indented(text: str) -> str:
    return "\n".join(f"             | {line}" for line in text.splitlines())


def log_of_check(lab: Lab) -> str:
    """What the service has said in this check, the last lines."""
    try:
        said = lab.machine.said(8)
    except Failed as problem:
        return str(problem)
    return said.rpartition("=== ")[2].partition("\n")[2]


def run(parts: Iterable[Part], lab: Lab, started: float) -> int:
    """How many failed."""
    failed = 0
    for part in parts:
        print(f"\n--- {part.title} ({time.monotonic() - started:.0f} s)", flush=True)
        for check in part.checks:
            since = time.monotonic()
            try:
                lab.machine.note(check.name)
                lab.camera.mend()
                more = check.holds(lab)
                wrong = None
            except Failed as problem:
                wrong = str(problem)
            except grpc.RpcError as error:
                wrong = f"a call failed: {error.code().name}: {error.details()}"
            took = f"{time.monotonic() - since:.1f} s"
            if wrong is None:
                print(f"  ok       {check.name} ({took}{f'; {more}' if more else ''})", flush=True)
            else:
                failed += 1
                print(f"  FAILED   {check.name} ({took})\n{indented(wrong)}", flush=True)
                if lab.machine.runs():
                    print(indented(log_of_check(lab)), flush=True)
                else:
                    print("  SKIPPED  all other checks: the VM has ended", flush=True)
                    return failed
    return failed
