"""What the service answers to many questions, as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from client import Client, recognition


@dataclass(frozen=True)
class Answers:
    """An entry a question."""

    # The outcome is KNOWN.
    known: np.ndarray
    # The label in the answer; "" when there is none.
    named: np.ndarray
    # The best candidate, accepted or not.
    best: np.ndarray
    confidence: np.ndarray


def of_pictures(client: Client, pictures: Iterable[bytes]) -> Answers:
    return _collect(client.classify(picture) for picture in pictures)


def of_embeddings(client: Client, vectors: np.ndarray) -> Answers:
    return _collect(client.ask(client.question(values)) for values in vectors)


def _collect(answers: Iterable[recognition.Recognition]) -> Answers:
    answers = list(answers)
    return Answers(
        known=np.array([answer.outcome == recognition.OUTCOME_KNOWN for answer in answers], dtype=bool),
        named=np.array([answer.label_name for answer in answers], dtype=object),
        best=np.array([a.candidates[0].label_name if a.candidates else "" for a in answers], dtype=object),
        confidence=np.array([answer.confidence for answer in answers], dtype=float),
    )
