"""What a camera in a shop sees behind the product: drawn, out of focus.

Each kind is a function of a random generator, so that a seed is a place.
Pictures are float32 [HEIGHT, WIDTH, 3], 0 to 255.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 640, 480
Rng = np.random.Generator
Colour = tuple[int, int, int]

# Wood, plaster, linen; goods in muted and in clear colours.
WOODS: list[Colour] = [(150, 108, 72), (112, 78, 52), (186, 150, 112), (92, 70, 56)]
WALLS: list[Colour] = [(214, 206, 194), (196, 200, 198), (222, 214, 206), (176, 170, 166), (204, 192, 176)]
GOODS: list[Colour] = [
    (188, 176, 160), (120, 132, 128), (164, 120, 96), (92, 100, 112), (206, 196, 182),
    (148, 92, 84), (108, 124, 96), (74, 70, 72), (196, 164, 120), (132, 116, 132),
]  # fmt: skip


def pick(rng: Rng, colours: list[Colour]) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def varied(rng: Rng, colour: Colour, by: float = 14) -> Colour:
    r, g, b = (int(np.clip(c + d, 0, 255)) for c, d in zip(colour, rng.normal(0, by, 3)))
    return r, g, b


def grid() -> tuple[np.ndarray, np.ndarray]:
    """x and y of each pixel, 0 to 1."""
    return np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))


def blurred(picture: Image.Image, radius: float) -> np.ndarray:
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), np.float32)


def shelves(rng: Rng) -> np.ndarray:
    """Boards with boxes and bottles, lit from under each board."""
    wood, wall = varied(rng, pick(rng, WOODS), 5), varied(rng, pick(rng, WALLS), 8)
    back = tuple(int(c * 0.72) for c in wall)
    picture = Image.new("RGB", (WIDTH, HEIGHT), back)
    draw = ImageDraw.Draw(picture)
    gap = int(rng.integers(150, 190))
    boards = range(int(rng.integers(60, 130)), HEIGHT + gap, gap)
    for board in boards:
        x = -int(rng.integers(0, 40))
        while x < WIDTH:
            width, height = int(rng.integers(26, 84)), int(rng.integers(44, int(gap * 0.78)))
            colour = varied(rng, pick(rng, GOODS))
            draw.rounded_rectangle((x, board - height, x + width, board), int(rng.integers(2, 16)), colour)
            if rng.random() < 0.35:
                band = tuple(min(255, c + 40) for c in colour)
                draw.rectangle((x, board - height // 2, x + width, board - height // 3), band)
            x += width + int(rng.integers(4, 46))
        draw.rectangle((0, board, WIDTH, board + 16), wood)
    scene = blurred(picture, rng.uniform(9, 13))
    _, y = grid()
    for board in boards:
        below = (y * HEIGHT - board - 16) / 60
        scene += (np.where(below > 0, np.exp(-np.maximum(below, 0)), 0) * 26)[..., None] * np.array([1.0, 0.9, 0.7])
    return scene


def bokeh(rng: Rng) -> np.ndarray:
    """An evening shop: a dark room full of small warm lights, and a counter."""
    x, y = grid()
    base = np.array(varied(rng, (66, 54, 50), 6), np.float32)
    scene = base * (0.7 + 0.6 * np.exp(-((x - rng.uniform(0.2, 0.8)) ** 2 + (y - 0.3) ** 2) * 3))[..., None]
    for _ in range(int(rng.integers(28, 46))):
        cx, cy, radius = rng.uniform(0, WIDTH), rng.beta(1.4, 2.2) * HEIGHT, rng.uniform(9, 34)
        distance = np.hypot(x * WIDTH - cx, y * HEIGHT - cy)
        disc = np.clip((radius - distance) / 3, 0, 1) * rng.uniform(0.15, 0.6)
        warm = np.array([255, rng.uniform(170, 215), rng.uniform(95, 165)])
        scene += disc[..., None] * (warm - scene) * 0.8
    counter = np.clip((y - rng.uniform(0.82, 0.9)) * 40, 0, 1)[..., None]
    wood = np.array(varied(rng, pick(rng, WOODS), 5), np.float32) * 0.75
    scene = scene * (1 - counter) + wood * counter
    return blurred(Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8)), 4)


def wall(rng: Rng) -> np.ndarray:
    """A plastered wall with window light on it, and a sideboard."""
    x, y = grid()
    scene = np.ones((HEIGHT, WIDTH, 3), np.float32) * np.array(varied(rng, pick(rng, WALLS), 9), np.float32)
    slant, left = rng.uniform(-0.35, 0.35), rng.uniform(-0.1, 0.5)
    for pane in range(3):
        start = left + pane * 0.24 + slant * (y - 0.5)
        lit = np.clip((x - start) * 25, 0, 1) * np.clip((start + 0.2 - x) * 25, 0, 1) * np.clip((0.85 - y) * 12, 0, 1)
        scene += lit[..., None] * np.array([26, 22, 12])
    clouds = Image.fromarray((rng.random((12, 16)) * 255).astype(np.uint8)).resize((WIDTH, HEIGHT), Image.BICUBIC)
    scene += (np.asarray(clouds, np.float32) / 255 - 0.5)[..., None] * 12
    picture = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    top = int(rng.integers(405, 440))
    draw.rectangle((0, top, WIDTH, HEIGHT), varied(rng, pick(rng, WOODS), 5))
    vase = int(rng.integers(20, 120)) if rng.random() < 0.5 else int(rng.integers(520, 610))
    draw.ellipse((vase - 32, top - 92, vase + 32, top + 6), varied(rng, pick(rng, GOODS)))
    for _ in range(9):
        tip = vase + int(rng.integers(-80, 80)), top - int(rng.integers(130, 230))
        draw.line((vase, top - 80, *tip), varied(rng, (104, 118, 84)), int(rng.integers(5, 12)))
    return blurred(picture, rng.uniform(6, 9))


def rail(rng: Rng) -> np.ndarray:
    """Clothes on a rail in front of a wall."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), varied(rng, pick(rng, WALLS), 9))
    draw = ImageDraw.Draw(picture)
    height = int(rng.integers(40, 90))
    draw.rectangle((0, height - 5, WIDTH, height + 3), (88, 80, 74))
    x = -30
    while x < WIDTH:
        width, length = int(rng.integers(34, 74)), int(rng.integers(230, 360))
        colour = varied(rng, pick(rng, GOODS))
        draw.polygon(
            [(x + width // 2, height), (x + width, height + 34), (x + width + 6, height + length),
             (x - 6, height + length), (x, height + 34)],
            colour,
        )  # fmt: skip
        fold = tuple(int(c * 0.8) for c in colour)
        draw.rectangle((x + width // 2, height + 40, x + width // 2 + 7, height + length), fold)
        x += width + int(rng.integers(2, 40))
    draw.rectangle((0, 430, WIDTH, HEIGHT), varied(rng, pick(rng, WOODS), 5))
    return blurred(picture, rng.uniform(9, 13))


def window(rng: Rng) -> np.ndarray:
    """Daylight through the shop's front: a street, far out of focus."""
    x, y = grid()
    sky, street = np.array([214, 224, 232]), np.array(varied(rng, (150, 150, 148), 10))
    scene = (sky * (1 - y)[..., None] + street * y[..., None]).astype(np.float32)
    picture = Image.fromarray(scene.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(9):
        left, top = int(rng.integers(-60, WIDTH)), int(rng.integers(60, 300))
        draw.rectangle((left, top, left + int(rng.integers(50, 150)), 400), varied(rng, pick(rng, GOODS + WALLS)))
    for _ in range(5):
        cx, cy = int(rng.integers(0, WIDTH)), int(rng.integers(120, 260))
        draw.ellipse((cx - 60, cy - 50, cx + 60, cy + 50), varied(rng, (120, 140, 100)))
    scene = blurred(picture, 22)
    frames = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(frames)
    post = int(rng.integers(90, 240))
    for left in range(post, WIDTH, int(rng.integers(230, 330))):
        draw.rectangle((left, 0, left + 15, HEIGHT), (70, 66, 64))
    draw.rectangle((0, 418, WIDTH, HEIGHT), varied(rng, pick(rng, WOODS), 5))
    return blurred(frames, rng.uniform(5, 8))


KINDS: list[Callable[[Rng], np.ndarray]] = [shelves, wall, bokeh, rail, window]


def backdrop(kind: int, seed: int) -> np.ndarray:
    """The place of a kind and a seed, darker towards the corners."""
    rng = np.random.default_rng([seed, kind])
    scene = KINDS[kind % len(KINDS)](rng)
    x, y = grid()
    vignette = 1 - 0.32 * ((x - 0.5) ** 2 + (y - 0.5) ** 2) * 2
    return np.clip(scene * vignette[..., None], 0, 255).astype(np.float32)
