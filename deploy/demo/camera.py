"""A product in front of a backdrop, as a camera shows it.

The product is a flat render with transparency. It is turned in space, lit,
throws a soft shadow, and the whole picture gets the light, the softness and the
noise of a small camera.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageFilter

from backdrops import HEIGHT, WIDTH, Rng


@dataclass(frozen=True)
class Pose:
    """Where the product is and how it is held."""

    x: float  # its centre, in pixels
    y: float
    size: float  # its longer side, in pixels
    roll: float = 0.0  # in the picture's plane, degrees
    yaw: float = 0.0  # left and right
    pitch: float = 0.0  # up and down


@dataclass(frozen=True)
class Light:
    exposure: float = 1.0
    warmth: float = 0.0  # above 0: lamps, below 0: daylight
    side: float = 0.0  # -1: from the left, 1: from the right
    tint: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        warm = np.array([1 + 0.5 * self.warmth, 1.0, 1 - 0.7 * self.warmth], np.float32)
        object.__setattr__(self, "tint", warm * self.exposure)


def load_render(path: str) -> Image.Image:
    """A render without its empty margin, in a square."""
    render = Image.open(path).convert("RGBA")
    render = render.crop(render.getchannel("A").getbbox())
    side = max(render.size) + 4
    square = Image.new("RGBA", (side, side))
    square.paste(render, ((side - render.width) // 2, (side - render.height) // 2))
    return square


def corners(pose: Pose) -> np.ndarray:
    """The render's four corners on the picture: upper left, then clockwise."""
    roll, yaw, pitch = np.radians([pose.roll, pose.yaw, pose.pitch])
    flat = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * pose.size / 2
    turn_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    turn_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    turn_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    turned = flat @ (turn_x @ turn_y @ turn_z).T
    distance = 900.0
    return turned[:, :2] * (distance / (distance + turned[:, 2:])) + [pose.x, pose.y]


def warp(render: Image.Image, to: np.ndarray, width: int, height: int) -> np.ndarray:
    """The render with its corners at `to`, on a transparent picture."""
    source = np.array([[0, 0], [render.width, 0], [render.width, render.height], [0, render.height]])
    rows, values = [], []
    for (u, v), (x, y) in zip(source, to):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    coefficients = np.linalg.solve(np.array(rows, float), np.array(values, float))
    # Colours weighted by their opacity, or the edges take on what is hidden.
    premultiplied = render.convert("RGBa")
    warped = premultiplied.transform((width, height), Image.PERSPECTIVE, coefficients, Image.BILINEAR)
    return np.asarray(warped.convert("RGBA"), np.float32)


SHADOW_ROOM = 64  # around the product, in pixels: how far its shadow reaches


def place(scene: np.ndarray, render: Image.Image, pose: Pose, light: Light) -> tuple[np.ndarray, float]:
    """The scene with the product, and the share of the product in view."""
    quad = corners(pose)
    left, top = np.floor(quad.min(0)).astype(int) - SHADOW_ROOM
    right, bottom = np.ceil(quad.max(0)).astype(int) + SHADOW_ROOM
    product = warp(render, quad - [left, top], right - left, bottom - top)
    alpha = product[..., 3:] / 255
    result = scene.copy()

    # The shadow falls away from the light, soft since the wall is far behind.
    small = Image.fromarray(product[..., 3].astype(np.uint8)).reduce(4).filter(ImageFilter.GaussianBlur(7))
    shadow = np.asarray(small.resize((right - left, bottom - top), Image.BILINEAR), np.float32)[..., None] / 255
    there, here = overlap(left - int(26 * light.side), top + 24, shadow.shape)
    result[there] *= 1 - 0.38 * shadow[here]

    across = (np.arange(left, right, dtype=np.float32) - pose.x) / max(pose.size, 1)
    shading = 1 + 0.16 * light.side * np.clip(across, -0.7, 0.7)
    there, here = overlap(left, top, product.shape)
    lit, opaque = (product[..., :3] * shading[None, :, None])[here], alpha[here]
    result[there] += (lit - result[there]) * opaque
    return result, float(opaque.sum() / alpha.sum())


def overlap(left: int, top: int, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Of a patch at (left, top): where it lies on the picture, and which part of it."""
    x0, x1 = np.clip([left, left + shape[1]], 0, WIDTH)
    y0, y1 = np.clip([top, top + shape[0]], 0, HEIGHT)
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))


def develop(scene: np.ndarray, light: Light, rng: Rng, blur: float = 0.6, noise: float = 2.6) -> Image.Image:
    """What the sensor makes of it."""
    soft = Image.fromarray(np.clip(scene * light.tint, 0, 255).astype(np.uint8))
    pixels = np.asarray(soft.filter(ImageFilter.GaussianBlur(blur)), np.float32)
    grain = noise * rng.standard_normal((HEIGHT, WIDTH, 1), np.float32)
    # Colour noise is coarser than brightness noise.
    speckle = 0.6 * noise * rng.standard_normal((HEIGHT // 2, WIDTH // 2, 3), np.float32)
    pixels = pixels + grain + speckle.repeat(2, axis=0).repeat(2, axis=1)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
