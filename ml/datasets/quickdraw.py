"""Format `quickdraw`: `<category>.ndjson` files in the public layout, simplified or raw, in a folder or a zip.

Split by drawing within a category: 25 % test, 15 % validation, the rest train, in the order of the keys' hashes.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ml.datasets.files import Files, open_files, stem
from ml.datasets.pairs import PairDataset, SketchRow
from ml.datasets.split import Split, split_shares
from ml.errors import DatasetError
from ml.sketch.formats.quickdraw import Drawing
from ml.sketch.strokes import Sketch

VAL, TEST = 0.15, 0.25
SUFFIX = ".ndjson"


@dataclass(frozen=True)
class QuickDrawSketch:
    """One drawing of the game: its name (category), key and strokes."""

    name: str
    key_id: str
    split: Split
    sketch: Sketch


def read_quickdraw(root: Path) -> list[QuickDrawSketch]:
    """Every drawing under `root`, sorted by name, then as in the file. Raises DatasetError if there is none."""
    return _sketches(open_files(root, "quickdraw"), "quickdraw", VAL)


def quickdraw_dataset(files: Files, val: float = VAL) -> PairDataset:
    """The same drawings as rows without photos, for recognition and sketch to sketch retrieval."""
    found = _sketches(files, "--root", val)
    return PairDataset(
        format="quickdraw",
        files=files,
        photos=(),
        sketches=[SketchRow(f"{one.name}/{one.key_id}", one.name, one.split, -1) for one in found],
        drawings=[one.sketch for one in found],
        sources=files.walk(SUFFIX),
    )


def read_sketch_pack(root: Path, field: str) -> list[Sketch]:
    """Every sketch of the `sketches.ndjson` in a folder or zip (layout of Chair-V2). `field` names it in errors."""
    found = [
        drawing.sketch for name, drawing in _named_drawings(open_files(root, field)) if name == "sketches"
    ]
    if not found:
        raise DatasetError(field, f"{root} has no sketches.ndjson")
    return found


def _sketches(files: Files, field: str, val: float) -> list[QuickDrawSketch]:
    by_name: dict[str, list[Drawing]] = defaultdict(list)
    for name, drawing in _named_drawings(files):
        by_name[name].append(drawing)
    found = []
    for name, drawings in by_name.items():
        splits = split_shares([drawing.key_id for drawing in drawings], val=val, test=TEST)
        found += [QuickDrawSketch(name, d.key_id, splits[d.key_id], d.sketch) for d in drawings]
    if not found:
        raise DatasetError(field, f"expected <category>.ndjson files, found {files.found()}")
    return found


def _named_drawings(files: Files) -> Iterator[tuple[str, Drawing]]:
    for name in sorted(files.walk(SUFFIX)):
        for drawing in files.drawings(name):
            yield stem(name), drawing
