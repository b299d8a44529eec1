"""Write drawings as QuickDraw's simplified files have them: a <name>.ndjson per name, a drawing per line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ml.sketch.sequence import compact, from_compact
from ml.sketch.strokes import Sketch

Strokes = list[list[list[int]]]


def simplified(sketch: Sketch) -> Strokes:
    """Return strokes [[x...], [y...]] on a canvas of 256, simplified."""
    strokes = from_compact(compact(sketch)).strokes
    return [[stroke[:, 0].astype(int).tolist(), stroke[:, 1].astype(int).tolist()] for stroke in strokes]


def write(folder: Path, name: str, drawings: Iterable[tuple[str, Strokes]]) -> int:
    """Write the drawings (key, strokes) of a name. Return their number."""
    rows = [json.dumps({"key_id": key, "word": name, "drawing": strokes}) for key, strokes in drawings]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.ndjson").write_text("".join(f"{row}\n" for row in rows))
    return len(rows)
