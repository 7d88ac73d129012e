#!/usr/bin/env python3
"""The exact search against FAISS, USearch and numpy on the same made-up
embeddings: one query at a time, one thread, in turns.

    search.py --ours PROGRAM

The program is called as

    PROGRAM VECTORS.f32 QUERIES.f32 DIMENSIONS NEIGHBOURS PASSES

with little-endian 32-bit floats in rows, answers every query in each pass, and
prints {"microseconds": [...], "neighbours": [[row, ...], ...]}: the time of each
query, and the best rows of each, best first. Everybody's first pass warms up.

Where the kernel gives huge pages only when asked ("madvise"), numpy asks and
other programs' malloc doesn't: GLIBC_TUNABLES=glibc.malloc.hugetlb=1 makes it.
Takes about 3 GB with 100,000 vectors.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
import threadpoolctl

import cli
import engines
import measures
import oracle
import report
from bandwidth import BYTES, Reader
from synthetic import Clusters

CLUSTERS = 100
# Rows that are made at once.
ROWS = 10_000


def parse() -> argparse.Namespace:
    parser = cli.parser(__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", type=Path, required=True, metavar="PROGRAM", help="see above")
    parser.add_argument("--sizes", type=cli.positives, default=[10_000, 100_000], metavar="N,N", help="10000,100000")
    parser.add_argument("--dimensions", type=cli.positive, default=1280, metavar="N", help="default: %(default)s")
    parser.add_argument("--queries", type=cli.positive, default=50, metavar="N", help="default: %(default)s")
    parser.add_argument("--neighbours", type=cli.positive, default=5, metavar="N", help="default: %(default)s")
    parser.add_argument("--rounds", type=cli.positive, default=5, metavar="N", help="turns; default: %(default)s")
    parser.add_argument("--repeats", type=cli.positive, default=2, metavar="N", help="passes; default: %(default)s")
    return parser.parse_args()


def embeddings(size: int, arguments: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Vectors and queries, of the same clusters."""
    rng = np.random.default_rng([arguments.seed, size])
    clusters = Clusters(rng, CLUSTERS, arguments.dimensions)
    vectors = np.empty((size, arguments.dimensions), dtype=np.float32)
    for start in range(0, size, ROWS):
        part = vectors[start : start + ROWS]
        part[:] = clusters.points(rng.integers(CLUSTERS, size=len(part)))
    return vectors, clusters.points(rng.integers(CLUSTERS, size=arguments.queries))


def measure(size: int, arguments: argparse.Namespace, reader: Reader) -> dict[str, dict]:
    """By engine: microseconds, and how many answers were wrong."""
    cli.say(f"{size} vectors: making them ...")
    vectors, queries = embeddings(size, arguments)
    exact = oracle.similarities(vectors, queries)
    others = engines.in_process(vectors, arguments.neighbours)
    found: dict[str, dict] = {name: {"microseconds": [], "wrong": 0} for name in ("ours", *others)}
    shape = (arguments.queries, arguments.dimensions, arguments.neighbours)

    def take(name: str, one: engines.Round) -> None:
        found[name]["microseconds"] += one.microseconds
        found[name]["wrong"] = max(found[name]["wrong"], oracle.wrong(exact, one.neighbours))

    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as folder:
        files = Path(folder) / "vectors.f32", Path(folder) / "queries.f32"
        for file, values in zip(files, (vectors, queries), strict=True):
            values.astype("<f4", copy=False).tofile(file)
        for turn in range(arguments.rounds):
            cli.say(f"{size} vectors: turn {turn + 1} of {arguments.rounds} ...")
            reader.read()
            take("ours", engines.run_program(arguments.ours, *files, shape, arguments.repeats))
            for name, search in others.items():
                take(name, engines.run_in_process(search, queries, arguments.repeats))
    return found


def show(size: int, found: dict[str, dict], arguments: argparse.Namespace) -> str:
    ours = measures.percentile(found["ours"]["microseconds"], 0.5)
    rows = []
    for name, engine in found.items():
        times = engine["microseconds"]
        median = measures.percentile(times, 0.5)
        right = "the same" if not engine["wrong"] else f"{engine['wrong']} of {arguments.queries} differ"
        p95 = measures.percentile(times, 0.95)
        rows.append([name, *(report.number(time, 1) for time in (median, p95)), report.number(median / ours, 2), right])
    title = f"## {size} vectors of {arguments.dimensions}, the best {arguments.neighbours}; microseconds a query"
    return title + "\n\n" + report.table(["", "median", "p95", "median / ours", "neighbours"], rows)


def show_bandwidth(found: dict[int, dict[str, dict]], arguments: argparse.Namespace, reader: Reader) -> str:
    best = reader.fastest()
    lines = [
        f"## Memory: one thread reads {best / 1e9:.1f} GB/s",
        "",
        f"Best of {', '.join(f'{name} ({rate / 1e9:.1f})' for name, rate in reader.best.items())} with numpy over an",
        f"array of {BYTES / 1e9:.0f} GB, read before each turn. Share: bytes of the vectors as 32-bit floats / our",
        "median time / that. Over 100 % is possible: for vectors that a cache holds, or a search that reads less.",
        "",
    ]
    rows = []
    for size, engine in found.items():
        stored = size * arguments.dimensions * 4
        rate = stored / (measures.percentile(engine["ours"]["microseconds"], 0.5) / 1e6)
        rows.append([str(size), f"{stored / 1e6:.1f}", f"{rate / 1e9:.1f}", report.percent(rate / best)])
    return "\n".join(lines) + "\n" + report.table(["vectors", "MB", "ours, GB/s", "share"], rows)


def huge_pages() -> str:
    """When the kernel gives them, and what malloc is told."""
    file = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    chosen = file.read_text().partition("[")[2].partition("]")[0] if file.exists() else "none"
    return ", ".join(filter(None, [chosen, os.environ.get("GLIBC_TUNABLES")]))


def main() -> int:
    arguments = parse()
    if not os.access(arguments.ours, os.X_OK) or arguments.ours.is_dir():
        raise cli.WrongInput(f"{arguments.ours} is no program that can be run")
    arguments.ours = arguments.ours.resolve()
    if min(arguments.sizes) < arguments.neighbours:
        raise cli.WrongInput(f"{min(arguments.sizes)} vectors have no {arguments.neighbours} neighbours")
    # Of all libraries: BLAS and OpenMP.
    with threadpoolctl.threadpool_limits(1):
        reader = Reader()
        found = {size: measure(size, arguments, reader) for size in arguments.sizes}

    facts = report.facts(compared=engines.versions(), **{"huge pages": huge_pages()})
    parts = [
        report.heading("Search", facts),
        *(show(size, engine, arguments) for size, engine in found.items()),
        show_bandwidth(found, arguments, reader),
    ]
    print("\n\n".join(parts))
    figures = {"sizes": found, "read_bytes_a_second": reader.best}
    report.write_json(arguments.json, facts, figures)
    if any(engine["wrong"] for engine_of in found.values() for engine in engine_of.values()):
        cli.say("Error: not every engine found the right neighbours; see the last column")
        return 1
    return 0


if __name__ == "__main__":
    cli.run(main)
