"""Writes the few TFLite tables that a convolutional int8 network needs.

A .tflite file is a flatbuffer. The slot numbers and defaults below are those
of the public TFLite schema; only what efficientnet_lite0.py uses is here, so
that building the model needs nothing but `flatbuffers` and `numpy`.

The order in which things are written decides the file's bytes, and the model's
SHA-256 is checked: children in slot order, then the table itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import flatbuffers
import numpy as np

# TensorType
INT32, INT8 = 2, 9
# BuiltinOperator
ADD, CONV_2D, DEPTHWISE_CONV_2D, MEAN = 0, 3, 4, 40
# BuiltinOptions, the union's tag
CONV_2D_OPTIONS, DEPTHWISE_OPTIONS, ADD_OPTIONS, REDUCER_OPTIONS = 1, 2, 11, 27
# ActivationFunctionType
NO_ACTIVATION, RELU6 = 0, 3


@dataclass(frozen=True)
class Scalar:
    """A number in a table. One that equals the schema's default isn't written."""

    type: str
    value: int
    default: int = 0


Value = "Scalar | Table | bytes | np.ndarray | list[Table]"  # what a slot can hold


@dataclass(frozen=True)
class Table:
    """A table's fields by slot number."""

    fields: dict[int, Value]


def i8(value: int) -> Scalar:
    return Scalar("Int8", value)


def u8(value: int) -> Scalar:
    return Scalar("Uint8", value)


def i32(value: int, default: int = 0) -> Scalar:
    return Scalar("Int32", value, default)


def u32(value: int) -> Scalar:
    return Scalar("Uint32", value)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


def buffer(data: np.ndarray | None = None) -> Table:
    """Constant data; without data: the empty buffer of computed tensors."""
    if data is None:
        return Table({})
    return Table({0: np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)})


def quantization(scale: np.ndarray | float, zero_point: np.ndarray | int, axis: int = 0) -> Table:
    """real = scale * (stored - zero_point); one pair for all, or one per index of `axis`."""
    return Table(
        {
            2: np.atleast_1d(scale).astype(np.float32),
            3: np.atleast_1d(zero_point).astype(np.int64),
            6: i32(axis),
        }
    )


def tensor(name: str, shape: tuple[int, ...], kind: int, buffer_index: int, quant: Table | None) -> Table:
    fields: dict[int, Value] = {0: ints(*shape), 1: i8(kind), 2: u32(buffer_index), 3: name.encode()}
    if quant is not None:
        fields[4] = quant
    return Table(fields)


def conv_options(stride: int, activation: int) -> Table:
    # Slot 0, the padding, stays at its default SAME; dilation at 1.
    return Table({1: i32(stride), 2: i32(stride), 3: i8(activation)})


def depthwise_options(stride: int, activation: int) -> Table:
    return Table({1: i32(stride), 2: i32(stride), 3: i32(1), 4: i8(activation)})


def operator(code_index: int, inputs: list[int], output: int, options_type: int, options: Table) -> Table:
    return Table({0: u32(code_index), 1: ints(*inputs), 2: ints(output), 3: u8(options_type), 4: options})


def operator_code(builtin: int, version: int) -> Table:
    # Slot 0 is the field of old readers, slot 3 the one of today's.
    return Table({0: i8(min(builtin, 127)), 2: i32(version, default=1), 3: i32(builtin)})


def subgraph(tensors: list[Table], input_index: int, output_index: int, operators: list[Table]) -> Table:
    return Table({0: tensors, 1: ints(input_index), 2: ints(output_index), 3: operators, 4: b"main"})


def model(codes: list[Table], graph: Table, description: str, buffers: list[Table]) -> bytes:
    root = Table({0: u32(3), 1: codes, 2: [graph], 3: description.encode(), 4: buffers})
    builder = flatbuffers.Builder(1 << 22)
    builder.Finish(_write(builder, root), b"TFL3")
    return bytes(builder.Output())


def _write(builder: flatbuffers.Builder, value: Value) -> int:
    """Writes one value that lives outside its table; its offset."""
    if isinstance(value, bytes):
        return builder.CreateString(value)
    if isinstance(value, np.ndarray):
        return builder.CreateNumpyVector(value)
    if isinstance(value, list):
        offsets = [_write(builder, item) for item in value]
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()

    slots = sorted(value.fields.items())
    offsets = {slot: _write(builder, field) for slot, field in slots if not isinstance(field, Scalar)}
    builder.StartObject(1 + max(value.fields, default=0))
    for slot, field in slots:
        if isinstance(field, Scalar):
            getattr(builder, f"Prepend{field.type}Slot")(slot, field.value, field.default)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, offsets[slot], 0)
    return builder.EndObject()
