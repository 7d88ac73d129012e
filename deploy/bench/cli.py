"""What the scripts have in common: arguments, and how they end."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import grpc

from system import ServiceError


class WrongInput(Exception):
    """What was given can't be used; a sentence for people."""


def parser(description: str, **options: object) -> argparse.ArgumentParser:
    """With the arguments that every script takes."""
    made = argparse.ArgumentParser(description=description, **options)
    made.add_argument("--seed", type=int, default=1, metavar="N", help="of all that is random; default: %(default)s")
    made.add_argument("--json", type=Path, metavar="OUT", help="write the figures there too")
    return made


def positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 on")
    return number


def positives(text: str) -> list[int]:
    """1,5,10"""
    return [positive(part) for part in text.split(",")]


def say(text: str) -> None:
    """Progress: not part of the result."""
    print(text, file=sys.stderr, flush=True)


def run(main: Callable[[], int | None]) -> NoReturn:
    """Ends the program with what `main` answers, or with 1 and a sentence."""
    # By an exception, so that the services that were started are ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except (WrongInput, ServiceError, OSError, TimeoutError) as error:
        sys.exit(f"Error: {error}")
    except grpc.RpcError as error:
        sys.exit(f"Error: {error.code().name}: {error.details()}")
    except KeyboardInterrupt:
        sys.exit(130)
