"""The held-out part of a snapshot: sketches of its test split, their products, and the workers' judgements of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml.contracts.snapshot import CLICKS
from ml.errors import DatasetError
from ml.sketch.formats.quickdraw import read_drawings
from ml.sketch.strokes import Sketch

SPLIT = "test"
MAX_SKETCHES = 400


@dataclass(frozen=True)
class Judged:
    """The nearer and the farther of two products, by key. `random`: the pair was drawn without a model."""

    sketch: int  # index into the held-out sketches
    nearer: str
    farther: str
    random: bool


@dataclass(frozen=True)
class HeldOut:
    """own: the key of each sketch's product, None if it has none; clicked: weak triplets from clicks, apart from what
    workers judged; photos: a file per product key.
    """

    sketches: list[Sketch] = field(default_factory=list)
    own: list[str | None] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    clicked: list[Judged] = field(default_factory=list)
    photos: dict[str, Path] = field(default_factory=dict)


def held_out(folder: Path) -> HeldOut:
    """Read a snapshot's folder. Of more than `MAX_SKETCHES` sketches, take an arbitrary but fixed part.

    Raises DatasetError naming the file of an invalid row.
    """
    found = HeldOut()
    try:
        split_of: dict[str, str] = {}
        for row in _rows(folder / "products.jsonl"):
            split_of[row["key"]] = row["split"]
            found.photos[row["key"]] = folder / row["photo"]
        drawings = []
        for drawing in read_drawings(folder / "sketches.ndjson"):
            own = drawing.fields.get("photo")
            if drawing.fields.get("split", split_of.get(str(own))) == SPLIT:
                drawings.append((drawing.key_id, drawing.sketch, None if own is None else str(own)))
        drawings.sort(key=lambda drawing: hashlib.sha256(drawing[0].encode()).digest())
        place_of: dict[str, int] = {}
        for key, sketch, own in drawings[:MAX_SKETCHES]:
            place_of[key] = len(found.sketches)
            found.sketches.append(sketch)
            found.own.append(own)
        for row in _rows(folder / "triplets.jsonl"):
            if row["sketch"] in place_of:
                nearer, farther = str(row["positive"]), str(row["negative"])
                found.judged.append(
                    Judged(place_of[row["sketch"]], nearer, farther, row.get("random") is True)
                )
        if (folder / CLICKS).exists():
            for row in _rows(folder / CLICKS):
                if row["split"] == SPLIT and row["sketch"] in place_of:
                    nearer, farther = str(row["opened"]), str(row["passed_over"])
                    found.clicked.append(Judged(place_of[row["sketch"]], nearer, farther, False))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError("snapshot", f"{folder.name}: {error!r}") from error
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
