"""The demo's camera, and what the demo's mirror is taught.

The scenes are one loop of a shop's camera at ten frames a second: each product
comes into view, is held and turned, and goes; between two of them nothing is
in view. The teaching pictures show the same products elsewhere: other places,
other light, other poses; no frame of the loop is among them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import backdrops
import motion
from camera import Light, develop, load_render, place

# Far from each other, so that no scene is also a teaching place.
SCENE_SEED, TEACH_SEED = 2000, 7000
TEACHING_PICTURES, EMPTY_PICTURES = 16, 24
DISSOLVE = 8  # frames from one place to the next
EMPTY = "empty"

SIDES = ["left", "right", "below", "left", "right", "left", "right", "below"]
# A comfortable size in the picture, in pixels of the longer side.
SIZES = {"sunglasses": 400, "lipstick": 350, "watch": 340, "running-shoe": 380, "pumps": 350}
USUAL_SIZE = 345


@dataclass(frozen=True)
class Product:
    slug: str
    name: str
    product_id: str
    render: Path

    @property
    def size(self) -> float:
        return SIZES.get(self.slug, USUAL_SIZE)


def light_of(rng: backdrops.Rng) -> Light:
    return Light(exposure=rng.uniform(0.84, 1.12), warmth=rng.uniform(-0.1, 0.14), side=rng.uniform(-1, 1))


def save(picture: Image.Image, path: Path) -> None:
    picture.save(path, quality=85)


# --- The loop ----------------------------------------------------------------


def scene(products: list[Product], number: int, out: Path) -> list[dict]:
    """One product's part of the loop: half an empty scene, the product, the other
    half with the change to the next place. Its frames' entries in scenes.json."""
    product = products[number]
    rng = np.random.default_rng([SCENE_SEED, number])
    here = backdrops.backdrop(number, SCENE_SEED + number)
    following = (number + 1) % len(products)
    there = backdrops.backdrop(following, SCENE_SEED + following)
    render = load_render(str(product.render))
    base, next_base = place_light(number), place_light(following)

    before = motion.EMPTY // 2
    poses = motion.shown_by_hand(rng, SIDES[number % 8], SIDES[(number + 3) % 8], product.size)
    count = before + len(poses) + motion.EMPTY - before
    exposure = motion.sway(rng, np.arange(count), 0.06)
    warmth = motion.sway(rng, np.arange(count), 0.03)
    # The drift starts and ends at nothing, so that the loop has no jump.
    fade = np.minimum(1, np.minimum(np.arange(count), count - 1 - np.arange(count)) / 8)

    entries = []
    for n in range(count):
        mix = float(motion.eased(np.array((n - (count - DISSOLVE)) / DISSOLVE)))
        light = Light(
            exposure=base.exposure + (next_base.exposure - base.exposure) * mix + exposure[n] * fade[n],
            warmth=base.warmth + (next_base.warmth - base.warmth) * mix + warmth[n] * fade[n],
            side=base.side,
        )
        picture, visible = here + (there - here) * mix, 0.0
        if before <= n < before + len(poses):
            picture, visible = place(picture, render, poses[n - before], light)
        # A sliver at the edge that nobody would see isn't in view.
        slug = product.slug if visible > 0.01 else EMPTY
        name = f"{number * count + n:04d}_{slug}.jpg"
        save(develop(picture, light, rng), out / name)
        entries.append({"file": name, "slug": slug, "visible": round(visible, 3)})
    return entries


def place_light(number: int) -> Light:
    return light_of(np.random.default_rng([SCENE_SEED, 100 + number]))


# --- Teaching ----------------------------------------------------------------


def teach_product(product: Product, number: int, out: Path) -> None:
    folder = out / product.slug
    folder.mkdir(parents=True)
    render = load_render(str(product.render))
    rng = np.random.default_rng([TEACH_SEED, number])
    for n in range(TEACHING_PICTURES):
        light = light_of(rng)
        behind = backdrops.backdrop(n, TEACH_SEED + 100 * number + n)
        picture, _ = place(behind, render, motion.somewhere(rng, product.size), light)
        save(develop(picture, light, rng), folder / f"{n:02d}.jpg")


def teach_empty(products: int, out: Path) -> None:
    folder = out / EMPTY
    folder.mkdir(parents=True)
    rng = np.random.default_rng([TEACH_SEED, 99])
    for n in range(EMPTY_PICTURES):
        if n < products:
            # The loop's own places, as a shop would teach them: at another
            # time of day, and with the camera turned a little.
            picture = nearer(rng, backdrops.backdrop(n, SCENE_SEED + n))
        else:
            picture = backdrops.backdrop(n, TEACH_SEED + 5000 + n)
        save(develop(picture, light_of(rng), rng), folder / f"{n:02d}.jpg")


def nearer(rng: backdrops.Rng, picture: np.ndarray) -> np.ndarray:
    """A part of the picture, as large as the picture."""
    width, height = backdrops.WIDTH, backdrops.HEIGHT
    zoom = rng.uniform(1.08, 1.25)
    left, top = rng.uniform(0, width - width / zoom), rng.uniform(0, height - height / zoom)
    box = (left, top, left + width / zoom, top + height / zoom)
    pixels = Image.fromarray(picture.astype(np.uint8)).resize((width, height), Image.BICUBIC, box)
    return np.asarray(pixels, np.float32)


def write_labels(products: list[Product], out: Path) -> None:
    labels = [
        {"slug": p.slug, "name": p.name, "kind": "PRODUCT", "product_id": p.product_id} for p in products
    ]
    labels.append({"slug": EMPTY, "name": "Empty scene", "kind": "BACKGROUND", "product_id": ""})
    (out / "labels.json").write_text(json.dumps(labels, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
