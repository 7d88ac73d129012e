"""The public gRPC API, with embeddings in place of pictures."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import grpc
import numpy as np

import system

sys.path.append(str(Path(__file__).resolve().parents[1] / "examples" / "python"))

import mirror_client
from mirror_client import CALL_TIMEOUT, TEACH_TIMEOUT
from stubs import inference_pb2 as inference
from stubs import recognition_pb2 as recognition
from stubs import training_pb2 as training

# The service's own limit.
SAMPLES_A_CALL = 1000
# Seconds until the recommender has found the inference service.
MODEL_TIMEOUT = 30
# Seconds until a large gallery's metric is computed.
METRIC_TIMEOUT = 900


class Client(mirror_client.MirrorClient):
    """Raises grpc.RpcError."""

    def __init__(self, inference_addr: str, recommender_addr: str) -> None:
        super().__init__(inference_addr, recommender_addr)
        self.used_model = self.model()
        self._wait_for_model()

    def embedding(self, values: np.ndarray) -> inference.Embedding:
        return inference.Embedding(model_fingerprint=self.used_model.fingerprint, values=values.tolist())

    def question(self, values: np.ndarray) -> recognition.ClassifyRequest:
        return recognition.ClassifyRequest(embedding=self.embedding(values))

    def ask(self, question: recognition.ClassifyRequest) -> recognition.Recognition:
        return self.recognition.Classify(question, timeout=CALL_TIMEOUT)

    def teach(self, label_ids: Sequence[int], vectors: np.ndarray) -> None:
        """A sample each, in as few calls as the service allows. `vectors` has for
        each the picture's embedding and those of its views."""
        requests = (
            training.AddSampleRequest(
                label_id=label_id,
                embedding=self.embedding(views[0]),
                views=[self.embedding(view) for view in views[1:]],
            )
            for label_id, views in zip(label_ids, vectors, strict=True)
        )
        for _ in range(0, len(vectors), SAMPLES_A_CALL):
            self.training.AddSamples(islice(requests, SAMPLES_A_CALL), timeout=TEACH_TIMEOUT)

    def wait_until_current(self) -> None:
        """Until the gallery's metric counts all samples. A service that doesn't
        tell is not waited for."""
        call = getattr(self.training, "GetGallery", None)
        if call is None:
            return
        end = time.monotonic() + METRIC_TIMEOUT
        while time.monotonic() < end:
            try:
                gallery = call(training.GetGalleryRequest(), timeout=CALL_TIMEOUT)
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.UNIMPLEMENTED:
                    return
                raise
            if gallery.metric_current:
                return
            time.sleep(0.01)
        raise TimeoutError(f"the gallery's metric is not current after {METRIC_TIMEOUT} s")

    def _wait_for_model(self) -> None:
        """A recommender that has just started does not know the model yet."""
        question = self.question(np.eye(1, self.used_model.dimensions)[0])
        end = time.monotonic() + MODEL_TIMEOUT
        while True:
            try:
                self.ask(question)
                return
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > end:
                    raise
            time.sleep(0.01)


@contextmanager
def fresh(inference_service: system.Service) -> Iterator[tuple[Client, system.Service]]:
    """A new recommender that knows nothing but the model."""
    with system.recommender(inference_service) as recommender:
        with Client(inference_service.grpc_addr, recommender.grpc_addr) as client:
            yield client, recommender


@contextmanager
def taught(inference_service: system.Service, labels: Sequence[str], vectors: np.ndarray) -> Iterator[Client]:
    """A new recommender with these samples, ready to be asked."""
    with fresh(inference_service) as (client, _):
        ids = {name: client.create_label(name).id for name in dict.fromkeys(labels)}
        client.teach([ids[name] for name in labels], vectors)
        client.wait_until_current()
        yield client
