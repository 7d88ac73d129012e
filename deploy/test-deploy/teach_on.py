"""Teaches one picture after the other until the recommender goes away, and writes a
line for each that was acknowledged.

    teach_on.py PICTURES ACKNOWLEDGED
"""

import itertools
import sys
from pathlib import Path

import grpc

from mirror_client import MirrorClient

NAME = "Taught until killed"


def main() -> None:
    folder, acknowledged = Path(sys.argv[1]), Path(sys.argv[2])
    pictures = [file.read_bytes() for file in sorted(folder.glob("*/*.jpg"))]
    with MirrorClient() as mirror, acknowledged.open("w") as acks:
        label = mirror.create_label(NAME)
        try:
            for picture in itertools.cycle(pictures):
                mirror.add_samples(label.id, [picture])
                print("stored", file=acks, flush=True)
        except grpc.RpcError as error:
            print(error)


if __name__ == "__main__":
    main()
