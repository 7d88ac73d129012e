"""The pictures as embeddings. Each is embedded once, however often it is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cli import WrongInput, say
from client import CALL_TIMEOUT, Client, grpc, inference
from pictures import Picture


@dataclass(frozen=True)
class Embedded:
    """Unit vectors in rows, and the labels of what is taught and tested."""

    taught_labels: np.ndarray
    # For each, the picture's and those of its views.
    taught: np.ndarray
    test_labels: np.ndarray
    test: np.ndarray
    # Pictures of something else altogether; may have no rows.
    unknown: np.ndarray


def embed(client: Client, taught: list[Picture], test: list[Picture], unknown: list[Path]) -> Embedded:
    return Embedded(
        taught_labels=np.array([picture.fine for picture in taught], dtype=object),
        taught=_views(client, [picture.path for picture in taught]),
        test_labels=np.array([picture.fine for picture in test], dtype=object),
        test=_vectors(client, "test", [picture.path for picture in test]),
        unknown=_vectors(client, "unknown", unknown),
    )


def _views(client: Client, paths: Sequence[Path]) -> np.ndarray:
    say(f"Embedding {len(paths)} taught pictures ...")
    vectors = []
    for path in paths:
        request = inference.EmbedImageRequest(image=path.read_bytes(), with_views=True)
        try:
            answer = client.inference.EmbedImage(request, timeout=CALL_TIMEOUT)
        except grpc.RpcError as error:
            raise WrongInput(f"{path}: {error.details()}") from error
        vectors.append([view.values for view in (answer.embedding, *answer.views)])
    return np.array(vectors, dtype=np.float32)


def _vectors(client: Client, what: str, paths: Sequence[Path]) -> np.ndarray:
    say(f"Embedding {len(paths)} {what} pictures ...")
    vectors = np.empty((len(paths), client.used_model.dimensions), dtype=np.float32)
    for vector, path in zip(vectors, paths, strict=True):
        try:
            vector[:] = client.embed(path.read_bytes()).values
        except grpc.RpcError as error:
            raise WrongInput(f"{path}: {error.details()}") from error
    return vectors
