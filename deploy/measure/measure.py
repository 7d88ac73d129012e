"""Measures the running mirror and prints a report; see deploy/measure.sh."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import findings
import machine
import mirror
import processes
import report
import usb


def main() -> int:
    arguments = _arguments()
    try:
        found = measure(mirror.Mirror(arguments.url), arguments.seconds)
    except mirror.MirrorError as error:
        print(f"Error: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print("\n".join(report.lines(found, _facts())))
    return 0 if found.frames else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/measure.sh", description="Measures the running mirror.")
    parser.add_argument("--seconds", type=float, default=60, help="how long (60); at least 2")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the page (http://127.0.0.1:8080)")
    arguments = parser.parse_args()
    if arguments.seconds < 2:
        parser.error("--seconds: at least 2")
    return arguments


def measure(asked: mirror.Mirror, seconds: float) -> findings.Measurement:
    """Takes so long; raises MirrorError when the mirror can't be asked."""
    before = asked.report()
    listener = mirror.Listener(asked)
    earlier, busy = processes.snapshot(), processes.busy_now()
    start = time.monotonic()
    samples = findings.Samples()
    print(f"Measuring for {seconds:.0f} s …", file=sys.stderr)
    while (left := start + seconds - time.monotonic()) > 0:
        samples.take()
        time.sleep(min(1, left))
    heard = listener.stop()
    took = time.monotonic() - start
    busy = processes.busy_now() - busy
    usages = processes.usage(earlier, processes.snapshot(), took)
    after = asked.report()
    return findings.Measurement(
        seconds=took,
        before=before,
        after=after,
        frames=heard,
        usages=usages,
        busy_cores=busy / processes.TICKS / took,
        samples=samples,
        memory=machine.memory(),
        devices=usb.devices(),
        cards=usb.cards(),
        problem=listener.problem,
    )


def _facts() -> dict[str, str]:
    facts = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": "`" + shlex.join(["deploy/measure.sh", *sys.argv[1:]]) + "`",
        "device": machine.board(),
        "system": machine.system(),
    }
    revision = _revision()
    return facts | ({"revision": revision} if revision else {})


def _revision() -> str:
    """Of the checkout; empty where git, or the right to ask it, is missing."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
