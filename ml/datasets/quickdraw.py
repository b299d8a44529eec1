"""Format `quickdraw`: a folder of `<category>.ndjson` files in the public layout, simplified or raw.

Split by drawing within a category: 25 % test, 15 % validation, the rest train, from the key_id alone.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ml.datasets.split import Split, split_of
from ml.errors import DatasetError
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
    files = sorted(root.glob("*.ndjson"))
    if not files:
        raise DatasetError("quickdraw", f"{root} has no <category>.ndjson files")
    found = []
    for file in files:
        for line in file.read_text().splitlines():
            row = json.loads(line)
            split = split_of(row["key_id"], val=0.15, test=0.25)
            found.append(QuickDrawSketch(file.stem, row["key_id"], split, drawing_of(row["drawing"])))
    return found


def drawing_of(drawing: list[list[list[float]]]) -> Sketch:
    """One drawing [[xs, ys(, ts)], ...] as a sketch on the canvas that just holds it."""
    strokes = []
    for stroke in drawing:
        xs, ys = np.asarray(stroke[0], np.float32), np.asarray(stroke[1], np.float32)
        times = np.asarray(stroke[2], np.float32) if len(stroke) > 2 else np.arange(len(xs), dtype=np.float32)
        strokes.append(np.stack([xs, ys, times, np.full(len(xs), 0.5, np.float32)], axis=1))
    box = np.concatenate(strokes)[:, :2].max(axis=0) if strokes else np.ones(2)
    return Sketch(float(max(1.0, box[0])), float(max(1.0, box[1])), tuple(strokes))
