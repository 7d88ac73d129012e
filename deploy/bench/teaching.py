#!/usr/bin/env python3
"""How soon a taught sample counts, and how much memory samples take: a new label
with one sample, and then the same embedding asked for. Embeddings are made up;
the services are real and started for it.

The database is in a temporary folder: TMPDIR moves it to the disk to measure.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from pathlib import Path

import numpy as np

import cli
import measures
import prometheus
import report
import system
from client import Client, fresh, training
from filling import Filling
from synthetic import Clusters

# Samples and labels.
GALLERIES = ((50, 5), (2600, 81))
MEMORY_SAMPLES, MEMORY_LABELS = 10_000, 100
REFRESHES = "mirror_metric_refresh_seconds"
# Seconds after which a new label counts as not recognised.
GIVE_UP = 5


def parse() -> argparse.Namespace:
    parser = cli.parser(__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=cli.positive, default=50, metavar="N", help="default: %(default)s")
    return parser.parse_args()


def measure(inference: system.Service, samples: int, labels: int, repeats: int, seed: int) -> dict[str, float]:
    """Milliseconds. The labels that are added are deleted again one by one, so
    that the gallery keeps its size."""
    cli.say(f"Gallery of {samples} samples in {labels} labels ...")
    with fresh(inference) as (client, recommender):
        clusters = Clusters(np.random.default_rng(seed), labels + repeats, client.used_model.dimensions)
        Filling(client, clusters, labels).up_to(samples)
        refreshes = prometheus.histogram(recommender, REFRESHES)
        times = [_teach(client, clusters, labels + number) for number in range(repeats)]
        refreshes = prometheus.histogram(recommender, REFRESHES).since(refreshes)
    stored, recognised = ([one[part] * 1000 for one in times] for part in (0, 1))
    found = [value for value in recognised if not math.isnan(value)]
    return {
        "samples": samples,
        "labels": labels,
        "stored_p50": measures.percentile(stored, 0.5),
        "stored_p99": measures.percentile(stored, 0.99),
        "recognised_p50": measures.percentile(found, 0.5),
        "recognised_p99": measures.percentile(found, 0.99),
        "not_recognised": len(recognised) - len(found),
        "refreshes": refreshes.count,
        "refresh_mean": refreshes.mean * 1000,
    }


def _teach(client: Client, clusters: Clusters, cluster: int) -> tuple[float, float]:
    """Seconds from sending a new label's sample until it is stored, and until the
    label is the answer; NaN when it never is."""
    values = clusters.points(np.array([cluster]))[0]
    label = client.create_label(f"New {cluster}").id
    sample = training.AddSampleRequest(label_id=label, embedding=client.embedding(values))
    question = client.question(values)
    client.wait_until_current()
    start = time.perf_counter()
    client.training.AddSamples(iter([sample]), timeout=GIVE_UP)
    stored = time.perf_counter() - start
    recognised = math.nan
    while math.isnan(recognised) and time.perf_counter() - start < GIVE_UP:
        if client.ask(question).label_id == label:
            recognised = time.perf_counter() - start
    client.wait_until_current()
    client.delete_label(label)
    return stored, recognised


def memory(inference: system.Service, seed: int) -> dict[str, float]:
    """Resident MB (10^6 bytes): empty, taught, and the same gallery after a restart."""
    cli.say(f"Memory of {MEMORY_SAMPLES} samples ...")
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as data:

        def run(samples: int) -> tuple[float, float]:
            with system.recommender(inference, Path(data)) as recommender:
                with Client(inference.grpc_addr, recommender.grpc_addr) as client:
                    client.wait_until_current()
                    before = recommender.resident_bytes() / 1e6
                    if samples:
                        clusters = Clusters(np.random.default_rng(seed), MEMORY_LABELS, client.used_model.dimensions)
                        Filling(client, clusters, MEMORY_LABELS).up_to(samples)
                    return before, recommender.resident_bytes() / 1e6

        empty, taught = run(MEMORY_SAMPLES)
        restarted, _ = run(0)
    return {"samples": MEMORY_SAMPLES, "empty": empty, "taught": taught, "restarted": restarted}


def filesystem(folder: str) -> str:
    """The kind of filesystem; how soon a sample is on disk depends on it."""
    mounts = [line.split()[1:3] for line in Path("/proc/self/mounts").read_text().splitlines()]
    folder = os.path.realpath(folder)
    holding = [(point, kind) for point, kind in mounts if Path(folder).is_relative_to(point)]
    return max(holding, key=lambda mount: len(mount[0]))[1] if holding else "unknown"


def main() -> int:
    arguments = parse()
    with system.inference() as inference:
        with fresh(inference) as (client, _):
            model = client.used_model
        facts = report.facts(
            model=f"{model.id}, {model.dimensions} dimensions", database=f"on {filesystem(tempfile.gettempdir())}"
        )
        rows = [measure(inference, *gallery, arguments.repeats, arguments.seed) for gallery in GALLERIES]
        memories = memory(inference, arguments.seed)

    def line(row: dict[str, float]) -> list[str]:
        times = ("stored_p50", "stored_p99", "recognised_p50", "recognised_p99", "refresh_mean")
        counts = ("refreshes", "not_recognised")
        gallery = f"{row['samples']} samples, {row['labels']} labels"
        return [gallery, *(report.number(row[t], 2) for t in times), *(str(row[count]) for count in counts)]

    columns = ["gallery", "stored p50", "p99", "recognised p50", "p99", "metric refresh", "refreshes", "not recognised"]
    added = memories["taught"] - memories["empty"]
    loaded = memories["restarted"] - memories["empty"]
    resident = [
        ["empty", report.number(memories["empty"], 1), ""],
        ["taught", report.number(memories["taught"], 1), report.number(added, 1)],
        ["taught, after a restart", report.number(memories["restarted"], 1), report.number(loaded, 1)],
    ]
    parts = [
        report.heading("Teaching", facts),
        f"## From sending a new label's one sample, {arguments.repeats} times; milliseconds",
        report.table(columns, [line(row) for row in rows]),
        f"## Resident memory of the recommender, {MEMORY_SAMPLES} samples; MB",
        report.table(["", "resident", "more than empty"], resident),
    ]
    print("\n\n".join(parts))
    report.write_json(arguments.json, facts, {"galleries": rows, "memory": memories})
    if failed := sum(int(row["not_recognised"]) for row in rows):
        cli.say(f"Error: {failed} new labels were not recognised within {GIVE_UP} s")
        return 1
    return 0


if __name__ == "__main__":
    cli.run(main)
