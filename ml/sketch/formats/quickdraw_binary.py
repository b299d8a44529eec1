"""QuickDraw's `.bin`: the simplified drawings as packed little-endian numbers, about a seventh of the ndjson.

Each drawing: key_id uint64, country code 2 letters, recognized uint8, timestamp uint32 (seconds of Unix time), number of
strokes uint16; each stroke: number of points uint16, all x uint8, all y uint8. Read as a stream, one drawing in memory.
Source: Google's Quick, Draw! dataset, https://github.com/googlecreativelab/quickdraw-dataset (CC-BY 4.0).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from ml.errors import SketchError
from ml.sketch.formats.quickdraw import BROKEN, SIMPLIFIED_CANVAS, Drawing, opened
from ml.sketch.strokes import LIMITS, Sketch, SketchLimits, sketch_from_xy

_HEAD, _COUNT = struct.Struct("<Q2sBIH"), struct.Struct("<H")


def read_binary(
    path: Path, word: str = "", *, member: str | None = None, limits: SketchLimits = LIMITS
) -> Iterator[Drawing]:
    """Yield the drawings of a `.bin`, or of `member` in the zip `path`; `word` is theirs, which the file lacks.

    Raises SketchError naming file and drawing, from 1, if it is cut off or has an impossible number of strokes or points.
    """
    name = f"{path.name}/{member}" if member else path.name
    with opened(path, member, name) as stream:
        number = 0
        while True:
            number += 1
            field = f"{name}:{number}"
            try:
                head = stream.read(_HEAD.size)
                if not head:
                    return
                yield _drawing(head, stream, word, limits, field)
            except BROKEN as error:
                raise SketchError(field, f"cannot be read: {error}") from error


def _drawing(head: bytes, stream: IO[bytes], word: str, limits: SketchLimits, field: str) -> Drawing:
    if len(head) < _HEAD.size:
        raise SketchError(field, "the file ends in the middle of a drawing")
    key_id, country, recognized, timestamp, n_strokes = _HEAD.unpack(head)
    # Bytes of another format look like an impossible flag or number sooner or later.
    if recognized > 1 or not 0 < n_strokes <= limits.max_strokes:
        raise SketchError(
            field,
            f"{n_strokes} strokes, recognized {recognized}; expected a drawing in QuickDraw's binary form",
        )
    fields = {
        "countrycode": country.decode("latin1"),
        "recognized": bool(recognized),
        "timestamp": timestamp,
    }
    return Drawing(_sketch(stream, n_strokes, limits, field), str(key_id), word, fields)


def _sketch(stream: IO[bytes], n_strokes: int, limits: SketchLimits, field: str) -> Sketch:
    strokes, total = [], 0
    for stroke in range(n_strokes):
        (n_points,) = _COUNT.unpack(_exactly(stream, _COUNT.size, field))
        total += n_points
        if not 0 < n_points <= limits.max_points_per_stroke or total > limits.max_points:
            raise SketchError(
                f"{field}[{stroke}]", f"{n_points} points, {total} in total; too few or too many"
            )
        xy = np.frombuffer(_exactly(stream, 2 * n_points, field), np.uint8).reshape(2, n_points)
        strokes.append(xy.T)
    return sketch_from_xy(strokes, SIMPLIFIED_CANVAS, SIMPLIFIED_CANVAS)


def _exactly(stream: IO[bytes], n_bytes: int, field: str) -> bytes:
    data = stream.read(n_bytes)
    if len(data) < n_bytes:
        raise SketchError(field, "the file ends in the middle of a drawing")
    return data
