"""A network that computes next to nothing: emulated, the real one takes seconds
a picture, and most checks are about the camera.

Two convolutions with numbers drawn by lot: what comes out is a picture's
random projection, the same for the same picture and another one for others.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "assets"))

import efficientnet_lite0 as writer

DIMENSIONS = 128


def build() -> bytes:
    """The .tflite file's bytes; always the same."""
    dice = np.random.default_rng(1)

    def conv(outputs: int, inputs: int, size: int) -> writer.Conv:
        # Of unit length, so that what comes out is about as large as what goes in.
        weight = dice.normal(0, 1 / np.sqrt(inputs * size * size), (outputs, inputs, size, size))
        bias = dice.normal(0, 0.1, outputs)
        return writer.Conv(weight.astype(np.float32), bias.astype(np.float32), stride=size, relu6=False)

    # 224 x 224 to 7 x 7 to 1 x 1.
    network = [conv(4, 3, 32), conv(DIMENSIONS, 4, 7), writer.Pool()]
    ranges = {"l0_conv": (-4.0, 4.0), "l1_conv": (-4.0, 4.0), "embedding": (-4.0, 4.0)}
    return writer.build(network, ranges)
