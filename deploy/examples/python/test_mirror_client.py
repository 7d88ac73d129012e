"""The Python example against running services: MIRROR_INFERENCE_ADDR and
MIRROR_RECOMMENDER_ADDR say where, MIRROR_DEMO_DIR has the demo's pictures
(default: demo in MIRROR_CACHE_DIR).

    python -m unittest test_mirror_client

Uses two labels of its own and deletes them again.
"""

from __future__ import annotations

import math
import os
import unittest
import uuid
from collections.abc import Callable
from pathlib import Path

import grpc

import mirror_client
from stubs import inference_pb2 as inference
from stubs import recognition_pb2 as recognition
from stubs import training_pb2 as training

CACHE = Path(os.environ.get("MIRROR_CACHE_DIR", Path(__file__).resolve().parents[3] / ".cache"))
TEACH = Path(os.environ.get("MIRROR_DEMO_DIR", CACHE / "demo")) / "teach"
NO_LABEL = 2**62


def pictures(slug: str, count: int) -> list[bytes]:
    files = sorted((TEACH / slug).glob("*.jpg"))[:count]
    assert len(files) == count, f"{TEACH / slug} has {len(files)} pictures, {count} are needed"
    return [file.read_bytes() for file in files]


class MirrorClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.client = mirror_client.MirrorClient()
        cls.addClassCleanup(cls.client.__exit__, None, None, None)

    def assert_code(self, code: grpc.StatusCode, call: Callable[[], object]) -> None:
        with self.assertRaises(grpc.RpcError) as raised:
            call()
        self.assertEqual(raised.exception.code(), code, raised.exception.details())
        self.assertTrue(raised.exception.details(), "an error says what is wrong")

    def new_label(self, name: str) -> training.Label:
        label = self.client.create_label(f"{name} {uuid.uuid4()}", product_id="TEST-1")
        self.addCleanup(self.client.delete_label, label.id)
        return label

    def test_a_picture_becomes_a_unit_vector_of_the_models_dimensions(self) -> None:
        model = self.client.model()
        embedding = self.client.embed(pictures("handbag", 1)[0])
        self.assertEqual(len(embedding.values), model.dimensions)
        self.assertEqual(embedding.model_fingerprint, model.fingerprint)
        self.assertAlmostEqual(math.sqrt(sum(v * v for v in embedding.values)), 1, places=4)

    def test_taught_products_are_recognised_on_pictures_that_were_not_taught(self) -> None:
        labels = {}
        for slug in ("handbag", "watch"):
            *taught, held_out = pictures(slug, 11)
            label = self.new_label(slug)
            samples = self.client.add_samples(label.id, taught)
            self.assertEqual([sample.label_id for sample in samples], [label.id] * 10)
            labels[slug] = label, held_out

        listed = {label.id: label for label in self.client.labels()}
        for label, held_out in labels.values():
            self.assertEqual(listed[label.id].name, label.name)
            self.assertEqual(listed[label.id].sample_count, 10)
            answer = self.client.classify(held_out)
            # When the demo's labels are there too, the product has two names.
            self.assertEqual(answer.outcome, recognition.OUTCOME_KNOWN)
            self.assertIn(label.id, [c.label_id for c in answer.candidates[:2]])
            if len(listed) == 2:
                self.assertEqual((answer.label_id, answer.label_name), (label.id, label.name))

    def test_a_deleted_label_is_gone_with_its_samples(self) -> None:
        label = self.client.create_label(f"to be deleted {uuid.uuid4()}")
        self.client.add_samples(label.id, pictures("pumps", 2))
        self.assertEqual(self.client.delete_label(label.id), 2)
        self.assertNotIn(label.id, [known.id for known in self.client.labels()])
        self.assert_code(grpc.StatusCode.NOT_FOUND, lambda: self.client.delete_label(label.id))

    def test_an_unknown_label_is_not_found(self) -> None:
        self.assert_code(
            grpc.StatusCode.NOT_FOUND, lambda: self.client.add_samples(NO_LABEL, pictures("handbag", 1))
        )

    def test_a_change_is_taken_back_and_an_archive_brings_nothing_twice(self) -> None:
        label = self.client.create_label(f"cap {uuid.uuid4()}")
        self.client.add_samples(label.id, pictures("sun-hat", 2))
        archive = list(self.client.export())
        again = self.client.import_archive(archive)
        self.assertEqual((again.added_labels, again.added_samples), (0, 0))
        self.assertGreaterEqual(again.known_samples, 2)
        self.assertGreaterEqual(self.client.evaluate().evaluated_samples, 2)
        self.assertEqual(self.client.undo().summary, f"Undone: 2 samples added to '{label.name}'")
        self.assertEqual(self.client.undo().summary, f"Undone: Label '{label.name}' created")
        self.assertNotIn(label.id, [other.id for other in self.client.labels()])
        self.assert_code(
            grpc.StatusCode.INVALID_ARGUMENT, lambda: self.client.import_archive([b"not an archive"])
        )

    def test_a_broken_picture_is_an_invalid_argument_and_stores_nothing(self) -> None:
        label = self.new_label("broken")
        good = pictures("handbag", 1)[0]
        broken = b"no picture at all"
        for call in (
            lambda: self.client.embed(broken),
            lambda: self.client.classify(broken),
            lambda: self.client.add_samples(label.id, [good, broken]),
        ):
            self.assert_code(grpc.StatusCode.INVALID_ARGUMENT, call)
        listed = {known.id: known for known in self.client.labels()}
        self.assertEqual(listed[label.id].sample_count, 0)

    def test_an_embedding_of_wrong_length_is_a_failed_precondition(self) -> None:
        model = self.client.model()
        short = inference.Embedding(model_fingerprint=model.fingerprint, values=[1.0] + [0.0] * 6)
        request = recognition.ClassifyRequest(embedding=short)
        self.assert_code(
            grpc.StatusCode.FAILED_PRECONDITION,
            lambda: self.client.recognition.Classify(request, timeout=mirror_client.CALL_TIMEOUT),
        )

    def test_an_embedding_of_another_model_is_a_failed_precondition(self) -> None:
        size = self.client.model().dimensions
        foreign = inference.Embedding(model_fingerprint="0" * 64, values=[1.0] + [0.0] * (size - 1))
        request = recognition.ClassifyRequest(embedding=foreign)
        self.assert_code(
            grpc.StatusCode.FAILED_PRECONDITION,
            lambda: self.client.recognition.Classify(request, timeout=mirror_client.CALL_TIMEOUT),
        )

    def test_a_name_is_given_once_whatever_its_case(self) -> None:
        label = self.new_label("twice")
        for name in (label.name, label.name.upper()):
            self.assert_code(grpc.StatusCode.ALREADY_EXISTS, lambda name=name: self.client.create_label(name))


if __name__ == "__main__":
    unittest.main()
