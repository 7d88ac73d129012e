#!/usr/bin/env python3
"""Makes all pictures of the demo.

    make.py NODE_MODULES OUT

NODE_MODULES has the renders (package.json), OUT must not exist. Afterwards:

    OUT/scenes/NNNN_SLUG.jpg        the camera's loop; SLUG: product or "empty"
    OUT/scenes.json                 per frame: file, slug, share of it in view
    OUT/teach/SLUG/NN.jpg           teaching pictures
    OUT/teach/labels.json           and the labels they belong to
    OUT/catalogue/catalogue.json    the demo shop's goods
    OUT/catalogue/pictures/*.webp   and their pictures

Every random number has a fixed seed: the same input makes the same pictures.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import sys
from pathlib import Path

import catalogue
import scenes

HERE = Path(__file__).resolve().parent
PACKAGE = "@lobehub/fluent-emoji-3d/assets"


def read_products(renders: Path) -> tuple[list[scenes.Product], dict[str, Path]]:
    """The products that are taught, and the render of each catalogue picture."""
    shop = json.loads((HERE / "catalogue.json").read_text(encoding="utf-8"))
    choice = json.loads((HERE / "renders.json").read_text(encoding="utf-8"))
    by_id = {product["product_id"]: product for product in shop["products"]}
    files = {product["picture"]: renders / choice["renders"][product["picture"]] for product in shop["products"]}
    taught = []
    for product_id in choice["taught"]:
        product = by_id[product_id]
        slug = Path(product["picture"]).stem
        taught.append(scenes.Product(slug, product["name"]["en"], product_id, files[product["picture"]]))
    return taught, files


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    renders, out = Path(sys.argv[1]) / PACKAGE, Path(sys.argv[2])
    products, files = read_products(renders)
    (out / "scenes").mkdir(parents=True)
    pictures = out / "catalogue" / "pictures"
    pictures.mkdir(parents=True)

    shutil.copy(HERE / "catalogue.json", out / "catalogue")
    for name, render in files.items():
        catalogue.picture(render, pictures / name)

    with multiprocessing.Pool() as pool:
        numbers = range(len(products))
        parts = pool.starmap_async(scenes.scene, [(products, n, out / "scenes") for n in numbers], chunksize=1)
        taught = pool.starmap_async(
            scenes.teach_product, [(products[n], n, out / "teach") for n in numbers], chunksize=1
        )
        empty = pool.apply_async(scenes.teach_empty, (len(products), out / "teach"))
        frames = [entry for part in parts.get() for entry in part]
        taught.get()
        empty.get()
    scenes.write_labels(products, out / "teach")
    lines = ",\n".join(json.dumps(entry) for entry in frames)
    (out / "scenes.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
