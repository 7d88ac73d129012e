"""The pictures to measure with: lists of labelled ones, and folders."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from cli import WrongInput

COLUMNS = ("path", "fine", "coarse")
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


@dataclass(frozen=True)
class Picture:
    """`fine` is the label that is taught; `coarse` a group of labels."""

    path: Path
    fine: str
    coarse: str


def read_list(file: Path) -> list[Picture]:
    """A CSV file with the columns path (from its own folder on), fine, coarse."""
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            if missing := [name for name in COLUMNS if name not in (reader.fieldnames or [])]:
                raise WrongInput(f"{file} has no column {missing[0]}; its first line must be {','.join(COLUMNS)}")
            rows = [[(row[name] or "").strip() for name in COLUMNS] for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WrongInput(f"{file} can't be read as a CSV file: {error}") from error
    if not rows:
        raise WrongInput(f"{file} names no pictures")
    for number, row in enumerate(rows, start=1):
        if not all(row):
            raise WrongInput(f"{file}: row {number} has an empty field; all of {','.join(COLUMNS)} are needed")
    pictures = [Picture(file.parent / path, fine, coarse) for path, fine, coarse in rows]
    for picture in pictures:
        if not picture.path.is_file():
            raise WrongInput(f"{file} names {picture.path}, which is no file")
    return pictures


def read_folder(folder: Path) -> list[Path]:
    """The pictures in a folder and the folders in it."""
    if not folder.is_dir():
        raise WrongInput(f"{folder} is no folder")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise WrongInput(f"{folder} has no pictures ({', '.join(sorted(SUFFIXES))})")
    return found


def groups(taught: list[Picture]) -> dict[str, str]:
    """The group of each label."""
    found: dict[str, str] = {}
    for picture in taught:
        if found.setdefault(picture.fine, picture.coarse) != picture.coarse:
            raise WrongInput(f"label {picture.fine} is in two groups, {found[picture.fine]} and {picture.coarse}")
    return found
