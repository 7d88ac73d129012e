"""The catalogue's product pictures: each render on a light ground, like a photo
out of a shop's studio, so that it stands out on the mirror's black page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from camera import load_render

SIZE = 512
PRODUCT = 372  # the longer side of the product
UPPER, LOWER = np.array([247, 245, 242]), np.array([222, 216, 208])


def ground() -> Image.Image:
    down = np.linspace(0, 1, SIZE)[:, None, None] ** 1.4
    return Image.fromarray(np.broadcast_to(UPPER + (LOWER - UPPER) * down, (SIZE, SIZE, 3)).astype(np.uint8))


def picture(render_file: Path, out: Path) -> None:
    render = load_render(str(render_file))
    render = render.resize((PRODUCT, PRODUCT), Image.LANCZOS)
    left, top = (SIZE - PRODUCT) // 2, (SIZE - PRODUCT) // 2 - 8

    # The shadow lies under the product's lower edge.
    alpha = render.getchannel("A")
    _, _, _, bottom = alpha.getbbox()
    lying = alpha.resize((PRODUCT, PRODUCT // 9))
    shadow = Image.new("L", (SIZE, SIZE))
    shadow.paste(lying, (left, top + bottom - PRODUCT // 18))
    shadow = shadow.filter(ImageFilter.GaussianBlur(13)).point(lambda a: int(a * 0.42))

    result = ground()
    result.paste((92, 80, 72), mask=shadow)
    result.paste(render, (left, top), render)
    result.save(out, quality=88, method=4)
