"""Are the embeddings that one inference service gives those of another?

    same_embedding.py record FILE PICTURES     writes those of MIRROR_INFERENCE_ADDR
    same_embedding.py compare FILE PICTURES    compares with what was written

Says the smallest cosine, also in FILE.said.
"""

import json
import math
import sys
from pathlib import Path

from mirror_client import MirrorClient

AT_LEAST = 0.999


def embeddings(folder: Path) -> dict[str, list[float]]:
    # One of each product.
    files = sorted({file.parent: file for file in sorted(folder.glob("*/*.jpg"))}.values())
    assert files, f"no pictures in {folder}"
    with MirrorClient() as mirror:
        return {str(file.relative_to(folder)): list(mirror.embed(file.read_bytes()).values) for file in files}


def cosine(a: list[float], b: list[float]) -> float:
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def main() -> None:
    what, file, folder = sys.argv[1:]
    found = embeddings(Path(folder))
    if what == "record":
        Path(file).write_text(json.dumps(found))
        return
    recorded = json.loads(Path(file).read_text())
    cosines = {name: cosine(recorded[name], values) for name, values in found.items()}
    worst = min(cosines, key=lambda name: cosines[name])
    said = f"{len(cosines)} pictures, smallest cosine {cosines[worst]:.6f} ({worst})"
    Path(f"{file}.said").write_text(said)
    print(said)
    if cosines[worst] < AT_LEAST:
        sys.exit(1)


if __name__ == "__main__":
    main()
