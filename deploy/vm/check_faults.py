"""A camera that breaks: the service says so, lives on, and takes it back by itself."""

from __future__ import annotations

import time

from checks import Lab, Part, equal, true
from machine import until
from service import FAILED, OPENING, STREAMING, described, take

PART = Part("Faults", [])

# What the device's time-out may take, emulated and beside other programs.
SILENCE_SECONDS = 30


def recovers(lab: Lab, pid: int) -> None:
    """Frames again, from the process that saw the fault."""
    lab.service.wait_for(STREAMING)
    lab.service.next_frames(2)
    equal("the service's process id", lab.service.pid, pid)
    lab.service.must_live()


def watched(lab: Lab) -> int:
    """The process of a service that streams from /dev/videoN as a shop's does."""
    lab.service.ensure(MIRROR_CAMERA="auto")
    return lab.service.pid


# --- The driver refuses ------------------------------------------------------


@PART.check("STREAMON fails: FAILED and why, then frames, in the same format as before")
def streamon(lab: Lab) -> str:
    return refused_once(lab, "inject_vidioc_streamon_error")


@PART.check("REQBUFS fails: FAILED and why, then frames, in the same format as before")
def reqbufs(lab: Lab) -> str:
    return refused_once(lab, "inject_vidioc_reqbufs_error")


def refused_once(lab: Lab, button: str) -> str:
    # With auto another format might be tried at once, and that would go well.
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_CAMERA_FORMAT="yuyv")
    pid, before = lab.service.pid, lab.camera.format()
    lab.camera.press(button)
    lab.service.select("auto")
    camera = lab.service.wait_for_failure()
    recovers(lab, pid)
    equal("the camera's format", lab.camera.format(), before)
    return camera.problem


@PART.check("STREAMON fails once while auto may choose the format: frames")
def streamon_auto(lab: Lab) -> str:
    pid = watched(lab)
    lab.camera.press("inject_vidioc_streamon_error")
    lab.service.select("auto")
    recovers(lab, pid)
    return f"in {lab.camera.format().pixels}"


@PART.check("a buffer that is marked broken: the stream goes on")
def broken_buffer(lab: Lab) -> None:
    pid = watched(lab)
    lab.camera.press("inject_v4l2_buf_flag_error")
    recovers(lab, pid)


@PART.check("QBUF fails in the middle of the stream: frames again")
def qbuf(lab: Lab) -> None:
    pid = watched(lab)
    lab.camera.press("inject_vidioc_qbuf_error")
    recovers(lab, pid)


@PART.check("DQBUF fails in the middle of the stream: FAILED and why, then frames")
def dqbuf(lab: Lab) -> str:
    pid = watched(lab)
    lab.camera.press("inject_fatal_streaming_error")
    camera = lab.service.wait_for_failure()
    recovers(lab, pid)
    return camera.problem


# --- It goes and comes -------------------------------------------------------


@PART.check("a loose plug (gone, and back as soon as it is let go): FAILED, then frames")
def loose_plug(lab: Lab) -> str:
    pid = watched(lab)
    # vivid answers ENODEV to whoever has it open, and is there again when all have closed it.
    lab.camera.press("disconnect")
    camera = lab.service.wait_for_failure()
    recovers(lab, pid)
    return camera.problem


@PART.check("unplugged: FAILED, embeddings of pictures go on; plugged in: an open stream goes on")
def unplugged(lab: Lab) -> str:
    pid = watched(lab)
    with lab.service.events(seconds=300) as events:
        last = take(events, 1, 0, lambda: described(lab.service.camera()))[-1].frame_id
        lab.camera.unplug()
        camera = lab.service.wait_for_failure()
        lab.service.must_live()
        last = max(last, lab.service.status().frames_captured)
        lab.camera.plug_in()
        take(events, 2, last, lambda: described(lab.service.camera()))
    recovers(lab, pid)
    return camera.problem


@PART.check("plugged in again under another number: auto takes it")
def another_number(lab: Lab) -> str:
    pid = watched(lab)
    holder = lab.camera.hold_open()
    try:
        lab.camera.unplug()
        lab.service.wait_for_failure()
        lab.camera.plug_in()
        device = lab.camera.device()
        true(f"the test is wrong: the camera is {device} again", device != "/dev/video0")
        recovers(lab, pid)
        equal("the selected camera", lab.service.camera().id, device)
        equal("a frame's source", lab.service.next_frames(1)[0].source, device)
    finally:
        lab.camera.end(holder)
    return device


@PART.check("five times unplugged and plugged in: no file and no thread is left over")
def no_leak(lab: Lab) -> str:
    pid = watched(lab)
    lab.service.next_frames(1)
    before = lab.service.resources()
    for _ in range(5):
        lab.camera.unplug()
        lab.service.wait_for(FAILED)
        lab.camera.plug_in()
        lab.service.wait_for(STREAMING)
    recovers(lab, pid)

    def few() -> bool:
        now = lab.service.resources()
        return now.files <= before.files + 2 and now.threads <= before.threads + 2

    until(f"files and threads are as before ({before})", 30, few, lambda: f"now: {lab.service.resources()}")
    return f"{before.files} files, {before.threads} threads"


@PART.check("no camera at the start: FAILED and what to do; plugged in: frames")
def plugged_in_late(lab: Lab) -> str:
    lab.camera.unplug()
    lab.service.start(MIRROR_CAMERA="auto")
    pid = lab.service.pid
    camera = lab.service.wait_for_failure("camera")
    lab.service.must_live()
    lab.camera.plug_in()
    recovers(lab, pid)
    return camera.problem


@PART.check("no camera at the start, but a replay: that is played, until one is plugged in")
def replay(lab: Lab) -> None:
    lab.camera.unplug()
    lab.service.start(MIRROR_CAMERA="auto", MIRROR_REPLAY_DIR="/srv/replay")
    pid = lab.service.pid
    lab.service.wait_for(STREAMING)
    equal("the selected camera", lab.service.camera().id, "replay:/srv/replay")
    equal("a frame's source", lab.service.next_frames(1)[0].source, "replay:replay/plain.png")
    lab.camera.plug_in()
    until("the camera is taken", 60, lambda: lab.service.camera().id == "/dev/video0")
    recovers(lab, pid)


# --- It says nothing ---------------------------------------------------------


@PART.check("a camera that falls silent: FAILED and why within its time-out; when it speaks, frames")
def silent(lab: Lab) -> str:
    pid = watched(lab)
    lab.service.next_frames(1)
    lab.camera.silence()
    since = time.monotonic()
    camera = lab.service.wait_for_failure(seconds=SILENCE_SECONDS)
    took = time.monotonic() - since
    lab.service.must_live()
    lab.camera.speak()
    recovers(lab, pid)
    return f"after {took:.1f} s: {camera.problem}"


@PART.check("a camera that is silent from the start is never called streaming")
def silent_from_the_start(lab: Lab) -> str:
    lab.camera.silence()
    lab.service.start(MIRROR_CAMERA="auto")
    pid = lab.service.pid
    seen = lab.service.camera()
    true(f"without a picture {described(seen)}", seen.state in (OPENING, FAILED))
    camera = lab.service.wait_for_failure(seconds=SILENCE_SECONDS)
    lab.camera.speak()
    recovers(lab, pid)
    return camera.problem


@PART.check("a silent camera that is unplugged: FAILED; plugged in and well: frames")
def silent_and_unplugged(lab: Lab) -> str:
    pid = watched(lab)
    lab.camera.silence()
    lab.service.wait_for_failure(seconds=SILENCE_SECONDS)
    lab.camera.unplug()
    camera = lab.service.wait_for_failure("no camera", "no such", "gone", "not there", "unplugged")
    lab.camera.plug_in()
    recovers(lab, pid)
    return camera.problem


@PART.check("SIGTERM while the camera is silent: the service ends, with exit code 0")
def ends_beside_silence(lab: Lab) -> str:
    watched(lab)
    lab.camera.silence()
    since = time.monotonic()
    equal("the exit code", lab.service.stop(), 0)
    return f"after {time.monotonic() - since:.1f} s"


# --- Somebody else -----------------------------------------------------------


@PART.check("another program has the camera: FAILED says so; when that ends, frames")
def another_program(lab: Lab) -> str:
    lab.service.stop()
    other = lab.camera.take()
    try:
        lab.service.start(MIRROR_CAMERA="auto")
        pid = lab.service.pid
        camera = lab.service.wait_for_failure("another program")
        lab.service.must_live()
    finally:
        lab.camera.end(other)
    recovers(lab, pid)
    return camera.problem


@PART.check("not allowed to open the camera: FAILED says so; when allowed, frames")
def not_allowed(lab: Lab) -> str:
    lab.camera.allow("000")
    lab.service.start(user="mirror", MIRROR_CAMERA="auto")
    pid = lab.service.pid
    camera = lab.service.wait_for_failure("permission", "not allowed", "may not")
    lab.service.must_live()
    lab.camera.allow("666")
    recovers(lab, pid)
    return camera.problem
