"""The picture itself: colours, formats, sizes, and how it is turned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PIL import Image

from camera import BARS_DOWNWARDS
from checks import Lab, Part, equal, true
from service import similarity

PART = Part("Pictures", [])

Colour = tuple[int, int, int]

# vivid's colour bars, from left to right.
BARS: dict[str, Colour] = {
    "white": (255, 255, 255),
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "green": (0, 255, 0),
    "magenta": (255, 0, 255),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "black": (0, 0, 0),
}
# Rounding in YUV and JPEG makes up to 8; a wrong range 16 and more, swapped
# colours hundreds.
TOLERANCE = 14


def pixel(picture: Image.Image, place: tuple[int, int]) -> Colour:
    red, green, blue = picture.crop((*place, place[0] + 1, place[1] + 1)).tobytes()
    return red, green, blue


def bars(
    names: Sequence[str], size: tuple[int, int], downwards: bool = False
) -> Callable[[Image.Image], str]:
    """What is wrong with a picture that should show these bars."""

    def look(picture: Image.Image) -> str:
        if picture.size != size:
            return f"the picture is {picture.width} x {picture.height}, not {size[0]} x {size[1]}"
        along, across = (picture.height, picture.width) if downwards else picture.size
        wrong: list[str] = []
        for number, name in enumerate(names):
            place = int((number + 0.5) * along / len(names))
            # Rows that are shifted against one another show at the ends.
            for other in (across // 20, across // 2, across - 1 - across // 20):
                found = pixel(picture, (other, place) if downwards else (place, other))
                if max(abs(a - b) for a, b in zip(found, BARS[name], strict=True)) > TOLERANCE:
                    wrong.append(f"{name} {BARS[name]} is {found} at {place}, {other}")
        return f"{len(wrong)} colours are wrong: " + "; ".join(wrong[:4]) if wrong else ""

    return look


def embedded_as_shown(lab: Lab) -> str:
    """The network must see what people see: a frame need not become RGB on its way to it."""
    (event,) = lab.service.next_frames(1, picture_size=1024)
    same = similarity(event.embedding, lab.service.embed(event.picture))
    true(f"a frame's embedding is not that of its picture: similarity {same:.3f}", same > 0.99)
    return f"a frame's embedding and that of its picture: similarity {same:.3f}"


COLOURS = list(BARS)
VGA = (640, 480)


@PART.check("colours are right in the format that auto takes")
def auto_format(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto")
    mode = lab.camera.format()
    lab.service.preview(bars(COLOURS, (mode.width, mode.height)))
    return mode.pixels


@PART.check("colours are right in YUYV")
def yuyv(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_CAMERA_FORMAT="yuyv", MIRROR_CAMERA_SIZE="640x480")
    equal("the camera's format", lab.camera.format().pixels, "YUYV")
    lab.service.preview(bars(COLOURS, VGA))
    return embedded_as_shown(lab)


@PART.check("colours are right in NV12")
def nv12(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_CAMERA_FORMAT="nv12", MIRROR_CAMERA_SIZE="640x480")
    equal("the camera's format", lab.camera.format().pixels, "NV12")
    lab.service.preview(bars(COLOURS, VGA))
    return embedded_as_shown(lab)


@PART.check("MIRROR_CAMERA_SIZE and _FPS set the camera")
def size_and_rate(lab: Lab) -> None:
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_CAMERA_SIZE="1280x720", MIRROR_CAMERA_FPS="5")
    mode = lab.camera.format()
    equal("the camera's size", (mode.width, mode.height), (1280, 720))
    equal("its rate", round(mode.fps), 5)
    lab.service.preview(bars(COLOURS, (1280, 720)))


@PART.check("a size and a rate that the camera does not have: the nearest are taken")
def nearest(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_CAMERA_SIZE="700x400", MIRROR_CAMERA_FPS="31")
    mode = lab.camera.format()
    equal("the camera's size", (mode.width, mode.height), (640, 360))
    true(f"its rate is {mode.fps}, not 30 or 40", round(mode.fps) in (30, 40))
    return f"{mode.width} x {mode.height}, {mode.fps:.0f} fps"


@PART.check("MIRROR_CAMERA_ROTATE=90: upright, turned clockwise")
def rotated_right(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_CAMERA_ROTATE="90", MIRROR_CAMERA_SIZE="640x480")
    lab.service.preview(bars(COLOURS, (480, 640), downwards=True))
    return embedded_as_shown(lab)


@PART.check("MIRROR_CAMERA_ROTATE=270: upright, turned the other way")
def rotated_left(lab: Lab) -> None:
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_CAMERA_ROTATE="270", MIRROR_CAMERA_SIZE="640x480")
    lab.service.preview(bars(COLOURS[::-1], (480, 640), downwards=True))


@PART.check("MIRROR_CAMERA_MIRROR=on: left and right are exchanged")
def mirrored(lab: Lab) -> str:
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_CAMERA_MIRROR="on", MIRROR_CAMERA_SIZE="640x480")
    lab.service.preview(bars(COLOURS[::-1], VGA))
    return embedded_as_shown(lab)


@PART.check("MIRROR_CAMERA_ROTATE=180 and _MIRROR=on: upside down alone")
def both(lab: Lab) -> None:
    turned = {"MIRROR_CAMERA_ROTATE": "180", "MIRROR_CAMERA_MIRROR": "on", "MIRROR_CAMERA_SIZE": "640x480"}
    lab.service.ensure(MIRROR_CAMERA="auto", **turned)
    lab.service.preview(bars(COLOURS, VGA))
    lab.camera.show(BARS_DOWNWARDS)
    lab.service.preview(bars(COLOURS[::-1], VGA, downwards=True))


@PART.check("exposure and focus that the camera does not have: it streams all the same")
def no_such_control(lab: Lab) -> None:
    lab.service.ensure(MIRROR_CAMERA="auto", MIRROR_CAMERA_EXPOSURE="100", MIRROR_CAMERA_FOCUS="10")
    lab.service.next_frames(2)


@PART.check("a format that the camera does not have: FAILED, and named")
def no_such_format(lab: Lab) -> str:
    lab.service.start(MIRROR_CAMERA="auto", MIRROR_CAMERA_FORMAT="mjpeg")
    camera = lab.service.wait_for_failure("mjpeg", "mirror_camera_format")
    lab.service.must_live()
    return camera.problem
