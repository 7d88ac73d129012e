"""A camera that works: frames, embeddings, previews."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PIL import Image

from camera import NOISE
from checks import Lab, Part, equal, true
from machine import Failed, until
from service import DEFAULT_MODEL, similarity, unit_length

PART = Part("Frames", [])
DEVICE = "/dev/video0"


@PART.check("auto finds the camera; ListCameras shows it streaming, with its name")
def found(lab: Lab) -> None:
    lab.service.ensure(MIRROR_CAMERA="auto")
    camera = lab.service.camera()
    equal("its id", camera.id, DEVICE)
    true(f"its name is {camera.name!r}", "vivid" in camera.name)
    equal("its problem", camera.problem, "")


@PART.check("frames come as embeddings: of unit length, numbered, with source and timings")
def frames(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto")
    return embeddings(lab, 4)


def embeddings(lab: Lab, count: int) -> str:
    model = lab.service.model()
    events = lab.service.next_frames(count)
    for event in events:
        unit_length(event.embedding)
        equal("the embedding's length", len(event.embedding.values), model.dimensions)
        equal("its model", event.embedding.model_fingerprint, model.fingerprint)
        equal("the frame's source", event.source, DEVICE)
        times = event.timings
        true(f"a stage took no time: {times}", min(times.resize_us, times.embed_us) > 0)
        true(f"a stage took longer than a minute: {times}", max(times.decode_us, times.embed_us) < 60_000_000)
    ids = [event.frame_id for event in events]
    true(f"the frames' ids do not grow: {ids}", all(a < b for a, b in pairwise(ids)))
    times = events[-1].timings
    return f"emulated: decode {times.decode_us / 1000:.0f} ms, network {times.embed_us / 1000:.0f} ms"


@PART.check("captured_at is the guest's time of now, and grows")
def captured_at(lab: Lab) -> None:
    lab.service.ensure(MIRROR_CAMERA="auto")
    before = int(lab.machine.must("date +%s"))
    events = lab.service.next_frames(3)
    after = int(lab.machine.must("date +%s"))
    times = [event.captured_at.ToNanoseconds() / 1e9 for event in events]
    plausible = before - 2 <= times[0] and times[-1] <= after + 1
    true(f"captured at {times}, seen from {before} to {after}", plausible)
    true(f"the times do not grow: {times}", all(a < b for a, b in pairwise(times)))


@PART.check("the embedding follows what the camera sees")
def follows(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto")
    one, two = (event.embedding for event in lab.service.next_frames(2))
    same = similarity(one, two)
    true(f"a still picture's embeddings differ: similarity {same:.3f}", same > 0.99)
    lab.camera.show(NOISE)
    # Some frames from before the change are still on their way.
    for event in lab.service.next_frames(30):
        changed = similarity(two, event.embedding)
        if changed < 0.9:
            return f"similarity {same:.3f} of the same picture, {changed:.3f} of others"
    raise Failed(f"another picture's embedding is the same: similarity {changed:.3f}")


@PART.check("the preview is a JPEG of the camera's size, or of the width that was asked for")
def preview(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto")
    mode = lab.camera.format()

    def sized(width: int, height: int) -> Callable[[Image.Image], str]:
        def look(picture: Image.Image) -> str:
            right = picture.width == width and abs(picture.height - height) <= 1
            return "" if right else f"the preview's size is {picture.size}, not {(width, height)}"

        return look

    lab.service.preview(sized(mode.width, mode.height))
    lab.service.preview(sized(320, mode.height * 320 // mode.width), width=320)
    return f"{mode.width} x {mode.height} {mode.pixels}, {mode.fps:.0f} fps"


@PART.check("a subscriber that reads slowly misses frames and is told how many")
def slow(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto")
    before = lab.service.status().frames_captured
    # With pictures, which soon fill what lies between here and there.
    with lab.service.events(seconds=180, picture_size=640) as events:
        first = next(events)
        # The camera goes on meanwhile.
        until("200 more frames", 120, lambda: lab.service.status().frames_captured >= before + 200)
        last = first
        while last.frame_id < before + 190:
            last = next(events)
    true(f"frame {last.frame_id}, and none counts as dropped", last.frames_dropped > 0)
    return f"{last.frames_dropped} of {last.frame_id - first.frame_id}"


@PART.check("the default model, too")
def default_model(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_MODEL=DEFAULT_MODEL)
    equal("the model", lab.service.model().id, "default")
    return embeddings(lab, 2)
