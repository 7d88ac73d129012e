"""Reads the tensors of a file that an old `torch.save` wrote, without torch.

Such a file is five pickles (magic number, protocol, machine, tensors, storage
keys) and then the raw storages. Unpickling can run code, so only the names
that a plain dictionary of tensors needs are let through.
"""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from typing import Any, BinaryIO, NamedTuple

import numpy as np

_STORAGES = {"FloatStorage": np.float32, "LongStorage": np.int64}


class _StorageRef(NamedTuple):
    dtype: type
    key: str


class _TensorRef(NamedTuple):
    storage: _StorageRef
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def _tensor(storage: _StorageRef, offset: int, size: tuple, stride: tuple, *_: Any) -> _TensorRef:
    return _TensorRef(storage, offset, size, stride)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        if module == "torch._utils" and name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch._utils" and name == "_rebuild_parameter":
            return lambda tensor, *_: tensor
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        raise pickle.UnpicklingError(f"a file of tensors has no business with {module}.{name}")

    def persistent_load(self, pid: Any) -> _StorageRef:
        _, dtype, key, _device, _length = pid[:5]
        return _StorageRef(dtype, key)


def read(file: BinaryIO) -> dict[str, np.ndarray]:
    """All tensors of the file by name."""
    for _ in range(3):
        _Unpickler(file).load()
    tensors: dict[str, _TensorRef] = _Unpickler(file).load()
    keys: list[str] = _Unpickler(file).load()

    dtypes = {ref.storage.key: ref.storage.dtype for ref in tensors.values()}
    storages = {}
    for key in keys:
        (length,) = struct.unpack("<q", file.read(8))
        dtype = np.dtype(dtypes[key])
        storages[key] = np.frombuffer(file.read(length * dtype.itemsize), dtype)

    return {name: _view(storages[ref.storage.key], ref) for name, ref in tensors.items()}


def _view(storage: np.ndarray, ref: _TensorRef) -> np.ndarray:
    strides = [step * storage.itemsize for step in ref.stride]
    return np.lib.stride_tricks.as_strided(storage[ref.offset :], ref.size, strides).copy()
