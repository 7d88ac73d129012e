#!/usr/bin/env python3
"""How long a question takes as the gallery grows: Classify with an embedding, one
question at a time over gRPC on this machine. Embeddings are made up; the services
are real and started for it.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import cli
import measures
import prometheus
import report
import system
from client import Client, fresh
from filling import Filling
from synthetic import Clusters

SAMPLES = (100, 1_000, 10_000, 100_000)
LABELS = (10, 100, 1_000)
OWN_TIME = "mirror_classify_seconds"
WARM_UP = 20


def parse() -> argparse.Namespace:
    parser = cli.parser(__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--max-samples", type=cli.positive, default=SAMPLES[-1], metavar="N", help="leave larger galleries out"
    )
    parser.add_argument("--questions", type=cli.positive, default=300, metavar="N", help="default: %(default)s")
    return parser.parse_args()


def measure(inference: system.Service, labels: int, sizes: list[int], questions: int, seed: int) -> list[dict]:
    """Milliseconds, for one gallery that grows."""
    rows = []
    with fresh(inference) as (client, recommender):
        clusters = Clusters(np.random.default_rng(seed), labels, client.used_model.dimensions)
        filling = Filling(client, clusters, labels)
        for samples in sizes:
            cli.say(f"{samples} samples in {labels} labels ...")
            filling.up_to(samples)
            asked = clusters.points(np.arange(WARM_UP + questions) % labels)
            ask(client, asked[:WARM_UP])
            own = prometheus.histogram(recommender, OWN_TIME)
            times = ask(client, asked[WARM_UP:])
            own = prometheus.histogram(recommender, OWN_TIME).since(own)
            rows.append(
                {
                    "samples": samples,
                    "labels": labels,
                    "p50": measures.percentile(times, 0.5),
                    "p99": measures.percentile(times, 0.99),
                    "own_mean": own.mean * 1000,
                }
            )
    return rows


def ask(client: Client, vectors: np.ndarray) -> list[float]:
    """Milliseconds each."""
    times = []
    for values in vectors:
        question = client.question(values)
        start = time.perf_counter()
        client.ask(question)
        times.append((time.perf_counter() - start) * 1000)
    return times


def main() -> None:
    arguments = parse()
    allowed = [samples for samples in SAMPLES if samples <= arguments.max_samples]
    if not allowed:
        raise cli.WrongInput(f"--max-samples {arguments.max_samples} leaves no gallery; the smallest has {SAMPLES[0]}")
    rows: list[dict] = []
    with system.inference() as inference:
        with fresh(inference) as (client, _):
            model = client.used_model
        for labels in LABELS:
            # A label without a sample would not be compared with.
            if sizes := [samples for samples in allowed if samples >= labels]:
                rows += measure(inference, labels, sizes, arguments.questions, arguments.seed)

    facts = report.facts(model=f"{model.id}, {model.dimensions} dimensions")
    lines = [
        [str(row["samples"]), str(row["labels"]), *(report.number(row[part]) for part in ("p50", "p99", "own_mean"))]
        for row in sorted(rows, key=lambda row: (row["samples"], row["labels"]))
    ]
    parts = [
        report.heading("Growth", facts),
        f"## A question over gRPC, {arguments.questions} each; milliseconds",
        report.table(["samples", "labels", "p50", "p99", "of it the service's own, mean"], lines),
    ]
    print("\n\n".join(parts))
    report.write_json(arguments.json, facts, rows)


if __name__ == "__main__":
    cli.run(main)
