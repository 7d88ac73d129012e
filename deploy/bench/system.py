"""Starts the real services for a measurement: on free ports of this machine,
with a data directory of their own, and ends them again.

    with system.inference() as inference, system.recommender(inference) as recommender:
        ...

Further settings come from the environment, as in deploy/demo.sh. It need not be
that of deploy/env.sh: where programs, library and model are is known here.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ports import free_addresses

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("MIRROR_CACHE_DIR", ROOT / ".cache"))
PROGRAMS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
MODEL = Path(os.environ.get("MIRROR_MODEL", CACHE / "models" / "efficientnet_lite0_headless_int8.tflite"))

# Seconds. A large model takes a while on a small device.
START_TIMEOUT = 60
STOP_TIMEOUT = 15

# Said by the scripts themselves, or of no influence on a measurement.
_OWN_SETTINGS = {
    "MIRROR_CAMERA", "MIRROR_REPLAY_DIR", "MIRROR_CATALOGUE", "MIRROR_MODEL", "MIRROR_DATA_DIR",
    "MIRROR_INFERENCE_ADDR", "MIRROR_INFERENCE_HTTP_ADDR", "MIRROR_RECOMMENDER_ADDR", "MIRROR_RECOMMENDER_HTTP_ADDR",
    "MIRROR_UI_ADDR", "MIRROR_SAP_SIMULATOR_ADDR", "MIRROR_CACHE_DIR", "MIRROR_ASSET_DIR", "MIRROR_DEMO_TEACH",
}  # fmt: skip

# The services are on this machine: never through a web proxy.
_http = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServiceError(Exception):
    """A service does not run; a sentence for people."""


def settings() -> dict[str, str]:
    """What the environment sets of the services' settings."""
    return {k: v for k, v in sorted(os.environ.items()) if k.startswith("MIRROR_") and k not in _OWN_SETTINGS}


class Service:
    """A running service."""

    def __init__(self, name: str, process: subprocess.Popen, grpc_addr: str, http_addr: str, log: Path) -> None:
        self.name = name
        self.grpc_addr = grpc_addr
        self._process = process
        self._http_addr = http_addr
        self._log = log

    def get(self, path: str) -> str:
        """What the service's HTTP port answers; raises OSError."""
        with _http.open(f"http://{self._http_addr}{path}", timeout=5) as answer:
            return answer.read().decode()

    def resident_bytes(self) -> int:
        """Resident memory, as the kernel counts it."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        for line in status.splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ServiceError(self._ended())

    def wait_until_ready(self) -> None:
        end = time.monotonic() + START_TIMEOUT
        while True:
            if self._process.poll() is not None:
                raise ServiceError(self._ended())
            try:
                self.get("/readyz")
                return
            except OSError as error:
                problem = error
            if time.monotonic() > end:
                raise ServiceError(f"mirror-{self.name} is not ready after {START_TIMEOUT} s: {problem}")
            time.sleep(0.01)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ended(self) -> str:
        log = "\n".join(self._log.read_text(errors="replace").splitlines()[-5:])
        return f"mirror-{self.name} has ended; the last lines of its log:\n{log}"


@contextmanager
def inference(model: Path | None = None) -> Iterator[Service]:
    """The inference service with a camera that never delivers a frame."""
    model = model or MODEL
    if not model.is_file():
        raise ServiceError(f"there is no model {model}; run deploy/setup.sh, or name another .tflite file")
    with _folder() as folder:
        camera = folder / "no-pictures"
        camera.mkdir()
        own = {"MIRROR_MODEL": str(model), "MIRROR_CAMERA": f"replay:{camera}"}
        with _running("inference", folder, own) as service:
            yield service


@contextmanager
def recommender(inference_service: Service, data_dir: Path | None = None) -> Iterator[Service]:
    """The recommender with an empty gallery, or with the one in `data_dir`."""
    with _folder() as folder:
        data = data_dir or folder / "data"
        own = {"MIRROR_INFERENCE_ADDR": inference_service.grpc_addr, "MIRROR_DATA_DIR": str(data)}
        with _running("recommender", folder, own) as service:
            yield service


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as folder:
        yield Path(folder)


@contextmanager
def _running(name: str, folder: Path, own: dict[str, str]) -> Iterator[Service]:
    program = PROGRAMS / f"mirror-{name}"
    if not program.is_file():
        raise ServiceError(f"{program} is missing; build it with: cargo build --release --locked")
    grpc_addr, http_addr = free_addresses(2)
    libraries = [str(CACHE / "runtime"), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
    environment = {key: value for key, value in os.environ.items() if key not in _OWN_SETTINGS} | own
    environment["LD_LIBRARY_PATH"] = ":".join(libraries)
    environment[f"MIRROR_{name.upper()}_ADDR"] = grpc_addr
    environment[f"MIRROR_{name.upper()}_HTTP_ADDR"] = http_addr
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
    service = Service(name, process, grpc_addr, http_addr, log)
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.stop()
