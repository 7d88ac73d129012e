#!/usr/bin/env python3
"""A client of the smart mirror: teaches it and asks it, over gRPC.

    mirror_client.py model                 what the mirror computes with
    mirror_client.py embed PICTURE         a picture's embedding
    mirror_client.py teach DIR             labels and samples from a folder
    mirror_client.py classify PICTURE...   what a picture shows
    mirror_client.py labels                what the mirror has been taught
    mirror_client.py watch                 what its camera sees, a line a frame
    mirror_client.py capture LABEL [N]     samples from the camera
    mirror_client.py undo                  takes the last change back
    mirror_client.py evaluate              how well it tells its labels apart
    mirror_client.py export FILE           all that it was taught, as an archive
    mirror_client.py import FILE           what is in an archive

The class MirrorClient is the part to take into a program of your own.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import grpc

from stubs import inference_pb2 as inference
from stubs import inference_pb2_grpc as inference_grpc
from stubs import recognition_pb2 as recognition
from stubs import recognition_pb2_grpc as recognition_grpc
from stubs import training_pb2 as training
from stubs import training_pb2_grpc as training_grpc

INFERENCE_ADDR = os.environ.get("MIRROR_INFERENCE_ADDR", "127.0.0.1:50051")
RECOMMENDER_ADDR = os.environ.get("MIRROR_RECOMMENDER_ADDR", "127.0.0.1:50052")

# Seconds. A call without a deadline could wait for ever.
CALL_TIMEOUT = 30
# The pictures of one call are embedded one after the other, slowly on a small device.
TEACH_TIMEOUT = 600

# The services are on this machine or next to it: never through a web proxy.
CHANNEL_OPTIONS = [("grpc.enable_http_proxy", 0)]


class MirrorClient:
    """The calls that teaching and asking need. Raises grpc.RpcError."""

    def __init__(self, inference_addr: str = INFERENCE_ADDR, recommender_addr: str = RECOMMENDER_ADDR) -> None:
        self._channels = [grpc.insecure_channel(a, CHANNEL_OPTIONS) for a in (inference_addr, recommender_addr)]
        inference_channel, recommender_channel = self._channels
        self.inference = inference_grpc.InferenceServiceStub(inference_channel)
        self.training = training_grpc.TrainingServiceStub(recommender_channel)
        self.recognition = recognition_grpc.RecognitionServiceStub(recommender_channel)

    def __enter__(self) -> MirrorClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._channels:
            channel.close()

    def model(self) -> inference.Model:
        return self.inference.GetModel(inference.GetModelRequest(), timeout=CALL_TIMEOUT)

    def embed(self, image: bytes) -> inference.Embedding:
        """The embedding of a JPEG, PNG, WebP or BMP file: unit length."""
        request = inference.EmbedImageRequest(image=image)
        return self.inference.EmbedImage(request, timeout=CALL_TIMEOUT).embedding

    def labels(self) -> list[training.Label]:
        answer = self.training.ListLabels(training.ListLabelsRequest(), timeout=CALL_TIMEOUT)
        return list(answer.labels)

    def create_label(self, name: str, kind: str = "PRODUCT", product_id: str = "") -> training.Label:
        """`kind` is PRODUCT or BACKGROUND."""
        request = training.CreateLabelRequest(
            name=name, kind=training.LabelKind.Value(f"LABEL_KIND_{kind}"), product_id=product_id
        )
        return self.training.CreateLabel(request, timeout=CALL_TIMEOUT)

    def delete_label(self, label_id: int) -> int:
        """Deletes the label with its samples; how many these were."""
        request = training.DeleteLabelRequest(label_id=label_id)
        return self.training.DeleteLabel(request, timeout=CALL_TIMEOUT).deleted_samples

    def add_samples(self, label_id: int, images: Iterable[bytes]) -> list[training.Sample]:
        """Stores all pictures as samples, or none. They count from the answer on."""
        requests = (training.AddSampleRequest(label_id=label_id, image=image) for image in images)
        return list(self.training.AddSamples(requests, timeout=TEACH_TIMEOUT).samples)

    def capture(self, label_id: int, count: int) -> Iterator[training.CaptureProgress]:
        """Samples from the live camera; each is stored when it is told."""
        return self.training.CaptureSamples(training.CaptureSamplesRequest(label_id=label_id, count=count))

    def undo(self) -> training.Change:
        return self.training.UndoLastChange(training.UndoLastChangeRequest(), timeout=CALL_TIMEOUT)

    def evaluate(self) -> training.EvaluateDatasetResponse:
        return self.training.EvaluateDataset(training.EvaluateDatasetRequest(), timeout=CALL_TIMEOUT)

    def export(self) -> Iterator[bytes]:
        """The pieces of an archive; docs/dataset.md describes it."""
        for chunk in self.training.ExportDataset(training.ExportDatasetRequest(), timeout=TEACH_TIMEOUT):
            yield chunk.data

    def import_archive(self, pieces: Iterable[bytes]) -> training.ImportDatasetResponse:
        chunks = (training.ImportDatasetChunk(data=piece) for piece in pieces)
        return self.training.ImportDataset(chunks, timeout=TEACH_TIMEOUT)

    def classify(self, image: bytes) -> recognition.Recognition:
        request = recognition.ClassifyRequest(image=image)
        return self.recognition.Classify(request, timeout=CALL_TIMEOUT)

    def watch(self) -> Iterator[recognition.RecognitionEvent]:
        """The verdicts on the camera's frames, until the iteration is given up."""
        return self.recognition.StreamRecognitions(recognition.StreamRecognitionsRequest())


# --- Teaching from a folder --------------------------------------------------


@dataclass(frozen=True)
class TaughtLabel:
    """An entry of labels.json; the pictures are in the folder `slug` beside it."""

    slug: str
    name: str
    kind: str
    product_id: str

    def pictures(self, folder: Path) -> list[Path]:
        return sorted(p for p in (folder / self.slug).iterdir() if p.suffix in (".jpg", ".png", ".webp", ".bmp"))


def read_labels(folder: Path) -> list[TaughtLabel]:
    entries = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return [TaughtLabel(**entry) for entry in entries]


def teach(client: MirrorClient, folder: Path) -> None:
    """Teaches what isn't taught yet: may be stopped and started again."""
    wanted = read_labels(folder)
    # Label names differ in more than case.
    known = {label.name.casefold(): label for label in client.labels()}
    for number, entry in enumerate(wanted, start=1):
        label = known.get(entry.name.casefold()) or client.create_label(entry.name, entry.kind, entry.product_id)
        if label.sample_count:
            done = f"has {label.sample_count} samples already"
        else:
            images = (picture.read_bytes() for picture in entry.pictures(folder))
            done = f"{len(client.add_samples(label.id, images))} samples added"
        print(f"[{number}/{len(wanted)}] {entry.name}: {done}", flush=True)


# --- The commands ------------------------------------------------------------


def capture(client: MirrorClient, name: str, count: int) -> None:
    label = next((label for label in client.labels() if label.name.casefold() == name.casefold()), None)
    label = label or client.create_label(name)
    for progress in client.capture(label.id, count):
        print(f"{progress.captured}/{count}  {progress.message or 'taken'}", flush=True)


def evaluate(client: MirrorClient) -> None:
    names = {label.id: label.name for label in client.labels()}
    answer = client.evaluate()
    print(f"{answer.accuracy:.0%} of {answer.evaluated_samples} samples right")
    for advice in answer.advice:
        said = " ".join(advice.quality.advice)
        print(f"{names.get(advice.label_id, '?'):<28} {advice.quality.accuracy:4.0%}  {said}")


def export(client: MirrorClient, file: Path) -> None:
    # A broken export must not replace a good one.
    part = file.with_name(file.name + ".part")
    with part.open("wb") as target:
        for piece in client.export():
            target.write(piece)
    part.replace(file)
    print(f"{file}: {file.stat().st_size} bytes")


def read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(256 * 1024):
            yield piece


def verdict(answer: recognition.Recognition) -> str:
    """One recognition as a line: outcome, label and what came closest."""
    outcome = recognition.Outcome.Name(answer.outcome).removeprefix("OUTCOME_")
    closest = ", ".join(f"{c.label_name} {c.score:.2f}" for c in answer.candidates[:3])
    return f"{outcome:<10} {answer.label_name or '-':<28} {answer.confidence:4.0%}  ({closest})"


def run(client: MirrorClient, arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "model":
            print(client.model(), end="")
        case "embed":
            embedding = client.embed(arguments.picture.read_bytes())
            print(json.dumps({"model": embedding.model_fingerprint, "values": list(embedding.values)}))
        case "teach":
            teach(client, arguments.dir)
        case "classify":
            for picture in arguments.pictures:
                print(f"{picture}: {verdict(client.classify(picture.read_bytes()))}", flush=True)
        case "labels":
            for label in client.labels():
                kind = training.LabelKind.Name(label.kind).removeprefix("LABEL_KIND_")
                print(f"{label.id:>4}  {label.name:<28} {kind:<10} {label.product_id:<12} {label.sample_count} samples")
        case "capture":
            capture(client, arguments.label, arguments.count)
        case "undo":
            print(client.undo().summary)
        case "evaluate":
            evaluate(client)
        case "export":
            export(client, arguments.file)
        case "import":
            print(client.import_archive(read(arguments.file)), end="")
        case "watch":
            for event in client.watch():
                print(f"{event.frame_id:>7}  {verdict(event.stable)}", flush=True)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Teaches the smart mirror and asks it.")
    parser.add_argument("--inference", default=INFERENCE_ADDR, metavar="HOST:PORT", help="default: %(default)s")
    parser.add_argument("--recommender", default=RECOMMENDER_ADDR, metavar="HOST:PORT", help="default: %(default)s")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("model", help="what the mirror computes with")
    commands.add_parser("embed", help="a picture's embedding").add_argument("picture", type=Path)
    commands.add_parser("teach", help="labels and samples from a folder").add_argument("dir", type=Path)
    commands.add_parser("classify", help="what a picture shows").add_argument("pictures", type=Path, nargs="+")
    commands.add_parser("labels", help="what the mirror has been taught")
    commands.add_parser("watch", help="what its camera sees, a line a frame")
    capturing = commands.add_parser("capture", help="samples from the camera")
    capturing.add_argument("label", help="created unless it is there")
    capturing.add_argument("count", type=int, nargs="?", default=20)
    commands.add_parser("undo", help="takes the last change back")
    commands.add_parser("evaluate", help="how well it tells its labels apart")
    commands.add_parser("export", help="all that it was taught, as an archive").add_argument("file", type=Path)
    commands.add_parser("import", help="what is in an archive").add_argument("file", type=Path)
    return parser.parse_args(arguments)


def main() -> int:
    arguments = parse()
    try:
        with MirrorClient(arguments.inference, arguments.recommender) as client:
            run(client, arguments)
    except grpc.RpcError as error:
        print(f"{error.code().name}: {error.details()}", file=sys.stderr)
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
