"""The generated stubs, wherever generate.sh or setup.sh has put them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[3]
_CACHE = Path(os.environ.get("MIRROR_CACHE_DIR", _REPOSITORY / ".cache"))
# After PYTHONPATH: who has put them elsewhere gets those.
sys.path.append(str(_CACHE / "python-stubs"))

try:
    from smartmirror.inference.v1 import inference_pb2, inference_pb2_grpc
    from smartmirror.recommender.v1 import (
        recognition_pb2,
        recognition_pb2_grpc,
        training_pb2,
        training_pb2_grpc,
    )
except ModuleNotFoundError as missing:
    sys.exit(f"{missing}; generate the stubs first, see README.md beside {__file__}")

__all__ = [
    "inference_pb2",
    "inference_pb2_grpc",
    "recognition_pb2",
    "recognition_pb2_grpc",
    "training_pb2",
    "training_pb2_grpc",
]
