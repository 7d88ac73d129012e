#!/usr/bin/env python3
"""How often the mirror is right, how sure it is, and what it takes for a product
that is none. Everything goes through the public gRPC API of services that are
started for it.

    accuracy.py --teach TRAIN.csv --test TEST.csv [--unknown DIR]

The lists have the columns path (from the list's folder on), fine (the label that
is taught) and coarse (a group of labels). DIR holds pictures of anything else.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cli
import few_shot
import near_unknowns
import one_label
import pictures
import rejection
import report
import system
import whole_gallery
from client import fresh
from embedded import embed


def parse() -> argparse.Namespace:
    parser = cli.parser(__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teach", type=Path, required=True, metavar="CSV", help="the pictures to teach")
    parser.add_argument("--test", type=Path, required=True, metavar="CSV", help="the pictures to ask about")
    parser.add_argument("--unknown", type=Path, metavar="DIR", help="pictures of nothing that is taught")
    parser.add_argument("--model", type=Path, metavar="TFLITE", help="default: the default model")
    parser.add_argument("--draws", type=cli.positive, default=10, metavar="N", help="default: %(default)s")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    taught, test = pictures.read_list(arguments.teach), pictures.read_list(arguments.test)
    unknown = pictures.read_folder(arguments.unknown) if arguments.unknown else []
    labels = pictures.groups(taught)
    if len({name.casefold() for name in labels}) < max(len(labels), 2):
        raise cli.WrongInput(f"{arguments.teach} needs two labels at least, which differ in more than case")
    if strange := sorted({picture.fine for picture in test} - labels.keys()):
        raise cli.WrongInput(f"{arguments.test} has label {strange[0]}, which {arguments.teach} does not teach")

    with system.inference(arguments.model) as inference:
        with fresh(inference) as (client, _):
            facts = report.facts(model=client.used_model.id)
            data = embed(client, taught, test, unknown)
        known, unknown_answers = whole_gallery.ask(inference, taught, test, unknown)
        accuracy = whole_gallery.accuracy(known, data, taught)
        far = whole_gallery.far_unknowns(known, unknown_answers, data) if unknown else None
        near = near_unknowns.measure(inference, data, arguments.draws, arguments.seed)
        few = few_shot.measure(inference, data, arguments.draws, arguments.seed)
        one = one_label.measure(inference, data, arguments.draws, arguments.seed)

    over = f"{arguments.draws} draws, mean ± standard deviation"
    parts = [
        report.heading("Accuracy", facts),
        f"## All labels: {len(labels)} labels, {len(taught)} samples, {len(test)} test pictures",
        whole_gallery.show(accuracy),
        *([f"## Far unknowns: {len(unknown)} pictures", rejection.show([far])] if far else []),
        f"## Near unknowns: half of the labels taught; {over}",
        rejection.show(near),
        f"## Few samples; {over}",
        few_shot.show(few, bool(unknown)),
        f"## One label; {over}",
        one_label.show(one),
    ]
    print("\n\n".join(parts))
    figures = {
        "all_labels": accuracy,
        "far_unknowns": far,
        "near_unknowns": near,
        "few_samples": [{"samples": s, "labels": n, "draws": found} for (s, n), found in few.items()],
        "one_label": [{"samples": samples, "draws": found} for samples, found in one.items()],
    }
    report.write_json(arguments.json, facts, figures)


if __name__ == "__main__":
    cli.run(main)
