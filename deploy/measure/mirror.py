"""The running mirror, asked over the ui's port: /report and /recognitions."""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import Any

import frames

# Seconds. The mirror says something every five.
PATIENCE = 12


class MirrorError(Exception):
    """The mirror can't be asked; a sentence for people."""


class Mirror:
    """The ui service at an http address. Never through a web proxy."""

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MirrorError(f"'{url}' is no address; use one like http://127.0.0.1:8080")
        self.url = f"{parts.scheme}://{parts.netloc}"
        self._parts = parts

    def report(self) -> dict[str, Any]:
        """What /status shows."""
        answer = self._open("/report")
        try:
            report = json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise MirrorError(f"{self.url}/report says nothing of use: {error}") from error
        if not isinstance(report, dict) or "ui" not in report:
            raise MirrorError(f"what answers at {self.url} is no mirror")
        return report

    def _open(self, path: str) -> http.client.HTTPResponse:
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        connection = kinds[self._parts.scheme](self._parts.netloc, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            hint = "is the mirror started? --url names another address"
            raise MirrorError(f"{self.url} can't be asked ({error}); {hint}") from error
        if answer.status != 200:
            words = answer.read(300).decode(errors="replace").strip()
            raise MirrorError(f"{self.url}{path} answers {answer.status}: {words}")
        return answer

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and content of each event of /recognitions, `hello` first."""
        return events(line.decode(errors="replace") for line in self._open("/recognitions"))


def events(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Server-sent events with JSON in them; comments and broken ones are passed over."""
    name, data = "", []
    for line in lines:
        line = line.rstrip("\r\n")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not line:
            try:
                content = json.loads("\n".join(data))
            except ValueError:
                content = None
            if name and isinstance(content, dict):
                yield name, content
            name, data = "", []


class Listener:
    """Hears frames in a thread of its own, from its making to `stop`."""

    def __init__(self, mirror: Mirror) -> None:
        self._frames: list[frames.Frame] = []
        self._until: float | None = None
        self.problem: str | None = None
        # The stream is open when this returns, or the error is raised here.
        self._events = mirror.events()
        next(self._events, None)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for name, event in self._events:
                if self._until is not None:
                    return
                if name == "recognition":
                    self._frames.append(frames.frame(event, time.time()))
            self.problem = "the stream of frames ended"
        except (OSError, http.client.HTTPException) as error:
            self.problem = f"the stream of frames broke off: {error}"

    def stop(self) -> list[frames.Frame]:
        """What was heard; later frames don't count."""
        self._until = time.time()
        return list(self._frames)
