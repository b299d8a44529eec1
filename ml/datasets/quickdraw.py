"""Format `quickdraw`: `<category>.ndjson` files in the public layout, simplified or raw, in a folder or a zip.

Split by drawing within a category: 25 % test, 15 % validation, the rest train, from the key_id alone.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ml.datasets.split import Split, split_of
from ml.errors import DatasetError
from ml.sketch.formats.quickdraw import Drawing, read_drawings
from ml.sketch.strokes import Sketch


@dataclass(frozen=True)
class QuickDrawSketch:
    """One drawing of the game: its name (category), key and strokes."""

    name: str
    key_id: str
    split: Split
    sketch: Sketch


def read_quickdraw(root: Path) -> list[QuickDrawSketch]:
    """Every drawing under `root`, sorted by name, then as in the file. Raises DatasetError if there is none."""
    found = [
        QuickDrawSketch(name, drawing.key_id, split_of(drawing.key_id, val=0.15, test=0.25), drawing.sketch)
        for name, drawing in _named_drawings(root, "quickdraw")
    ]
    if not found:
        raise DatasetError("quickdraw", f"{root} has no <category>.ndjson files")
    return found


def read_sketch_pack(root: Path, field: str) -> list[Sketch]:
    """Every sketch of the `sketches.ndjson` in a folder or zip (layout of Chair-V2). `field` names it in errors."""
    found = [drawing.sketch for name, drawing in _named_drawings(root, field) if name == "sketches"]
    if not found:
        raise DatasetError(field, f"{root} has no sketches.ndjson")
    return found


def _named_drawings(root: Path, field: str) -> Iterator[tuple[str, Drawing]]:
    if root.is_dir():
        for file in sorted(root.rglob("*.ndjson")):
            for drawing in read_drawings(file):
                yield file.stem, drawing
    elif zipfile.is_zipfile(root):
        with zipfile.ZipFile(root) as archive:
            members = sorted(name for name in archive.namelist() if name.endswith(".ndjson"))
        for member in members:
            for drawing in read_drawings(root, member=member):
                yield PurePosixPath(member).stem, drawing
    else:
        raise DatasetError(field, f"{root} is neither a folder nor a zip")
