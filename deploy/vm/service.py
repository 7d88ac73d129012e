"""The inference service in the guest, and a client of it on this side."""

from __future__ import annotations

import io
import math
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import grpc
from PIL import Image
from smartmirror.inference.v1 import inference_pb2 as inference
from smartmirror.inference.v1 import inference_pb2_grpc

from machine import GRPC_PORT, Failed, Machine, until

# Emulated, and perhaps beside other programs: what takes a hundredth of a second
# on a Raspberry Pi may take one here.
START_SECONDS = 300
STATE_SECONDS = 60
FRAME_SECONDS = 90
STOP_SECONDS = 30
CALL_SECONDS = 30
# So many are looked at until one is right.
PREVIEWS = 15

DEFAULT_MODEL = "/srv/default.tflite"
# Unless a check says otherwise; see small_model.py.
ALWAYS = {"MIRROR_INFERENCE_ADDR": f"0.0.0.0:{GRPC_PORT}", "MIRROR_MODEL": "/srv/small.tflite"}

OPENING = inference.CAMERA_STATE_OPENING
STREAMING = inference.CAMERA_STATE_STREAMING
FAILED = inference.CAMERA_STATE_FAILED


def described(camera: inference.Camera) -> str:
    state = inference.CameraState.Name(camera.state).removeprefix("CAMERA_STATE_")
    return f"{camera.id} is {state}" + (f" ({camera.problem})" if camera.problem else "")


@dataclass(frozen=True)
class Run:
    """How the service was started."""

    user: str
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Resources:
    """What a service that runs for months must not collect."""

    files: int
    threads: int


class Service:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._run: Run | None = None
        self._channel: grpc.Channel | None = None
        self.pid = 0

    # --- The process ---------------------------------------------------------

    def ensure(self, user: str = "root", **settings: str) -> None:
        """A service with these settings that streams: the one that runs, if it is one, else a new one."""
        wanted = Run(user, tuple(sorted(settings.items())))
        if self._run == wanted and self.alive():
            try:
                self.wait_for(STREAMING, 15)
                return
            except (Failed, grpc.RpcError):
                self._machine.note("the service of the check before does not stream; starting a new one")
        self.start(user, **settings)
        self.wait_for(STREAMING)

    def start(self, user: str = "root", **settings: str) -> None:
        """A new service; returns when it answers, whatever its camera does."""
        self.stop()
        self._run = Run(user, tuple(sorted(settings.items())))
        words = [f"{name}={value}" for name, value in (ALWAYS | settings).items()]
        self._machine.must(f"serve {shlex.join([user, *words])}")
        self.pid = int(until("the service has a process", 30, self._process))
        options = [("grpc.initial_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 1000)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self._machine.grpc_port}", options)
        self._stub = inference_pb2_grpc.InferenceServiceStub(self._channel)
        until("the service answers", START_SECONDS, self._answers)

    def stop(self) -> int | None:
        """Its exit code; None if it had to be killed, or didn't run."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._run = None
        if not self.pid:
            return None
        self._machine.run(f"kill {self.pid}")
        try:
            return int(until("the service ends", STOP_SECONDS, self._exit_code))
        except Failed:
            self._machine.run(f"kill -9 {self.pid}")
            until("the killed service ends", STOP_SECONDS, self._exit_code)
            return None
        finally:
            self.pid = 0

    def alive(self) -> bool:
        return bool(self.pid) and not self._exit_code()

    def must_live(self) -> None:
        """It is the process that was started, it knows it is well, and it turns pictures into embeddings."""
        if code := self._exit_code():
            raise Failed(f"the service ended by itself with exit code {code}")
        self._machine.must("wget -q -O - http://127.0.0.1:9051/livez")
        picture = io.BytesIO()
        Image.new("RGB", (64, 64), (10, 200, 90)).save(picture, "JPEG")
        unit_length(self.embed(picture.getvalue()))

    def resources(self) -> Resources:
        files = self._machine.must(f"ls /proc/{self.pid}/fd | wc -l")
        threads = self._machine.must(f"ls /proc/{self.pid}/task | wc -l")
        return Resources(int(files), int(threads))

    def _process(self) -> str | None:
        return self._machine.run("cat /run/service.pid 2>/dev/null").output or None

    def _exit_code(self) -> str | None:
        return self._machine.run("cat /run/service.exit 2>/dev/null").output or None

    def _answers(self) -> bool:
        if code := self._exit_code():
            raise Failed(f"the service ended with exit code {code}: {self._machine.said(4)}")
        try:
            self._stub.GetModel(inference.GetModelRequest(), timeout=5)
        except grpc.RpcError as error:
            if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                return False
            raise
        return True

    # --- Its answers ---------------------------------------------------------

    def model(self) -> inference.Model:
        return self._stub.GetModel(inference.GetModelRequest(), timeout=CALL_SECONDS)

    def status(self) -> inference.InferenceStatus:
        return self._stub.GetStatus(inference.GetStatusRequest(), timeout=CALL_SECONDS)

    def embed(self, image: bytes) -> inference.Embedding:
        request = inference.EmbedImageRequest(image=image)
        return self._stub.EmbedImage(request, timeout=CALL_SECONDS).embedding

    def select(self, camera: str) -> inference.Camera:
        return self._stub.SelectCamera(inference.SelectCameraRequest(camera_id=camera), timeout=CALL_SECONDS)

    def camera(self) -> inference.Camera:
        """The selected one."""
        cameras = self._stub.ListCameras(inference.ListCamerasRequest(), timeout=CALL_SECONDS).cameras
        selected = [camera for camera in cameras if camera.selected]
        if len(selected) != 1:
            raise Failed(f"{len(selected)} cameras are selected: {list(map(described, cameras))}")
        return selected[0]

    def wait_for(self, state: int, seconds: float = STATE_SECONDS, *words: str) -> inference.Camera:
        """Until the selected camera is in that state, and its problem has one of the words."""
        last = self.camera()

        def reached() -> inference.Camera | None:
            nonlocal last
            last = self.camera()
            said = not words or any(word in last.problem.casefold() for word in words)
            return last if last.state == state and said else None

        wanted = inference.CameraState.Name(state).removeprefix("CAMERA_STATE_")
        if words:
            wanted += f" with a problem that says one of {', '.join(map(repr, words))}"
        return until(f"the selected camera is {wanted}", seconds, reached, lambda: described(last))

    def wait_for_failure(self, *words: str, seconds: float = STATE_SECONDS) -> inference.Camera:
        """Until the camera counts as failed, and says why in a sentence."""
        camera = self.wait_for(FAILED, seconds, *words)
        if len(camera.problem.split()) < 3:
            raise Failed(f"the problem is no sentence: {camera.problem!r}")
        return camera

    @contextmanager
    def events(
        self, seconds: float = FRAME_SECONDS, picture_size: int = 0
    ) -> Iterator[Iterator[inference.EmbeddingEvent]]:
        """The stream of embeddings; it ends with the block, or with an error after `seconds`."""
        request = inference.StreamEmbeddingsRequest(picture_size=picture_size)
        stream = self._stub.StreamEmbeddings(request, timeout=seconds)
        try:
            yield stream
        finally:
            stream.cancel()

    def next_frames(self, count: int, picture_size: int = 0) -> list[inference.EmbeddingEvent]:
        """Embeddings of frames that were captured after this call."""
        before = self.status().frames_captured
        with self.events(picture_size=picture_size) as events:
            return take(events, count, before, lambda: described(self.camera()))

    def preview(self, wanted: Callable[[Image.Image], str], width: int = 1920) -> None:
        """Looks at previews until `wanted` finds nothing wrong with one; the first may be from before."""
        wrong = "no preview came"
        request = inference.StreamPreviewRequest(width=width, max_rate_hz=2)
        stream = self._stub.StreamPreview(request, timeout=FRAME_SECONDS)
        try:
            for frame in islice(stream, PREVIEWS):
                picture = Image.open(io.BytesIO(frame.jpeg))
                if picture.format != "JPEG":
                    raise Failed(f"the preview is a {picture.format}, not a JPEG")
                wrong = wanted(picture.convert("RGB"))
                if not wrong:
                    return
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
                raise
        finally:
            stream.cancel()
        raise Failed(wrong)


def take(
    events: Iterator[inference.EmbeddingEvent], count: int, after: int, why: Callable[[], str]
) -> list[inference.EmbeddingEvent]:
    """The next `count` events of frames later than `after`."""
    taken: list[inference.EmbeddingEvent] = []
    try:
        for event in events:
            if event.frame_id > after:
                taken.append(event)
            if len(taken) == count:
                return taken
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
            raise
    raise Failed(f"only {len(taken)} of {count} frames came after frame {after}; {why()}")


def unit_length(embedding: inference.Embedding) -> None:
    length = math.sqrt(sum(value * value for value in embedding.values))
    if not embedding.values or abs(length - 1) > 1e-3:
        raise Failed(f"an embedding of {len(embedding.values)} numbers has length {length:.4f}, not 1")


def similarity(a: inference.Embedding, b: inference.Embedding) -> float:
    return sum(x * y for x, y in zip(a.values, b.values, strict=True))
