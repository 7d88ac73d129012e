"""Teaches two products and asks for another picture of each.

    teach_one.py PICTURES
"""

import sys
from pathlib import Path

from mirror_client import MirrorClient

PRODUCTS = ("handbag", "watch")


def main() -> None:
    folder = Path(sys.argv[1])
    with MirrorClient() as mirror:
        asked = {}
        for name in PRODUCTS:
            first, *others = [file.read_bytes() for file in sorted((folder / name).glob("*.jpg"))[:7]]
            label = mirror.create_label(name)
            mirror.add_samples(label.id, others)
            asked[label.id] = first
        for label_id, picture in asked.items():
            answer = mirror.classify(picture)
            best = answer.candidates[0]
            print(f"{best.label_name} {best.score:.2f}")
            if best.label_id != label_id:
                sys.exit(f"label {label_id} is taken for {best.label_name}")


if __name__ == "__main__":
    main()
