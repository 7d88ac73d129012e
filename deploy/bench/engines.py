"""The searches that are compared: exact, inner product, one query at a time, one
thread. Each answers with row numbers, best first."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
import usearch
from usearch.index import Index, MetricKind
from usearch.index import search as usearch_search

from cli import WrongInput


@dataclass(frozen=True)
class Round:
    """Microseconds of each timed query, and the neighbours of each query."""

    microseconds: list[float]
    neighbours: np.ndarray


Search = Callable[[np.ndarray], np.ndarray]


def in_process(vectors: np.ndarray, count: int) -> dict[str, Search]:
    flat = faiss.IndexFlatIP(vectors.shape[1])
    faiss.omp_set_num_threads(1)
    flat.add(vectors)

    def by_faiss(query: np.ndarray) -> np.ndarray:
        return flat.search(query[np.newaxis], count)[1][0]

    def by_usearch(query: np.ndarray) -> np.ndarray:
        return usearch_search(vectors, query, count, MetricKind.IP, exact=True, threads=1).keys

    def by_numpy(query: np.ndarray) -> np.ndarray:
        scores = query @ vectors.T
        best = np.argpartition(scores, -count)[-count:]
        return best[np.argsort(-scores[best])]

    return {"faiss": by_faiss, "usearch": by_usearch, "numpy": by_numpy}


def versions() -> str:
    """With the processor's instructions that they can use."""
    chosen = Index(ndim=8, metric=MetricKind.IP, dtype="f32").hardware_acceleration
    return (
        f"faiss-cpu {faiss.__version__} ({faiss.get_compile_options().strip()}), "
        f"usearch {usearch.__version__} ({chosen}), numpy {np.__version__}"
    )


def run_in_process(search: Search, queries: np.ndarray, repeats: int) -> Round:
    """A pass to warm up, then the timed ones."""
    neighbours = np.array([search(query) for query in queries], dtype=np.int64)
    microseconds = []
    for _ in range(repeats):
        for query in queries:
            start = time.perf_counter_ns()
            search(query)
            microseconds.append((time.perf_counter_ns() - start) / 1000)
    return Round(microseconds, neighbours)


def run_program(program: Path, vectors: Path, queries: Path, shape: tuple[int, int, int], repeats: int) -> Round:
    """PROGRAM VECTORS QUERIES DIMENSIONS NEIGHBOURS PASSES prints
    {"microseconds": [a time a query and pass], "neighbours": [[row ids, best first], a list a query]}."""
    asked, dimensions, count = shape
    # The first pass warms up here too. A program that warms up by itself and
    # gives fewer times loses none of them.
    command = [program, vectors, queries, dimensions, count, repeats + 1]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        raise WrongInput(f"{program} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    try:
        answer = json.loads(done.stdout)
        microseconds = [float(value) for value in answer["microseconds"]]
        neighbours = np.array(answer["neighbours"], dtype=np.int64)
    except (ValueError, KeyError, TypeError) as error:
        raise WrongInput(f"{program} printed something else than the JSON that is expected: {error}") from error
    if not microseconds or neighbours.shape != (asked, count):
        raise WrongInput(
            f"{program} answered {len(microseconds)} times and neighbours of shape {neighbours.shape}; "
            f"some times and {asked} lists of {count} are expected"
        )
    if len(microseconds) == asked * (repeats + 1):
        microseconds = microseconds[asked:]
    return Round(microseconds, neighbours)
