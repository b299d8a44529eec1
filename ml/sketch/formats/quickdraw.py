"""QuickDraw ndjson: one drawing per line; a stroke is `[[xs], [ys]]` (simplified) or `[[xs], [ys], [ts]]` (raw).

Reads `.ndjson`, `.ndjson.gz` and members of a zip as a stream, with one line in memory. Source: Google's Quick, Draw!
dataset, https://github.com/googlecreativelab/quickdraw-dataset (CC-BY 4.0).
"""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import numpy as np

from ml.errors import SketchError
from ml.sketch.strokes import LIMITS, Sketch, SketchLimits, T, X, Y, sketch_from_xy

SIMPLIFIED_CANVAS = 256.0
MAX_LINE_BYTES = 8 * 2**20
BROKEN = (
    OSError,
    EOFError,
    UnicodeDecodeError,
    zlib.error,
    zipfile.BadZipFile,
    RuntimeError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """One line of a file: the sketch, its key and word, and all other fields of the line."""

    sketch: Sketch
    key_id: str = ""
    word: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)  # such as recognized, countrycode, photo, view


def read_drawings(
    path: Path, *, member: str | None = None, limits: SketchLimits = LIMITS
) -> Iterator[Drawing]:
    """Yield the drawings of an `.ndjson` or `.ndjson.gz` file, or of `member` in the zip `path`.

    Raises SketchError naming file and line if a line is not a drawing or the file cannot be read.
    """
    name = f"{path.name}/{member}" if member else path.name
    with opened(path, member, name) as lines:
        number = 0
        while True:
            number += 1
            try:
                line = lines.readline(MAX_LINE_BYTES + 1)
            except BROKEN as error:
                raise SketchError(f"{name}:{number}", f"cannot be read: {error}") from error
            if not line:
                return
            if len(line) > MAX_LINE_BYTES:
                raise SketchError(f"{name}:{number}", f"line longer than {MAX_LINE_BYTES} bytes")
            if line.strip():
                yield parse_drawing(line, limits=limits, field=f"{name}:{number}")


def parse_drawing(line: str | bytes, *, limits: SketchLimits = LIMITS, field: str = "drawing") -> Drawing:
    """Parse one ndjson line. Raises SketchError naming `field`.

    The canvas is 256 x 256 if the drawing fits, or else the smallest square that does. Some raw drawings have times that
    run backwards; these are held at the last time.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SketchError(field, f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise SketchError(field, "expected a JSON object with a drawing")
    sketch = sketch_from_drawing(row.get("drawing"), limits=limits, field=f"{field}.drawing")
    fields = {name: value for name, value in row.items() if name not in ("drawing", "key_id", "word")}
    return Drawing(sketch, str(row.get("key_id", "")), str(row.get("word", "")), fields)


def sketch_from_drawing(drawing: object, *, limits: SketchLimits = LIMITS, field: str = "drawing") -> Sketch:
    """Convert the `drawing` value of a line to a sketch. Raises SketchError naming the stroke."""
    if not isinstance(drawing, list) or not drawing:
        raise SketchError(field, "expected a list of at least one stroke")
    if len(drawing) > limits.max_strokes:
        raise SketchError(field, f"{len(drawing)} strokes, at most {limits.max_strokes}")
    timed = all(isinstance(stroke, list) and len(stroke) >= 3 for stroke in drawing)
    total = 0
    for i, stroke in enumerate(drawing):
        if (
            not isinstance(stroke, list)
            or len(stroke) < 2
            or not all(isinstance(axis, list) for axis in stroke)
        ):
            raise SketchError(f"{field}[{i}]", "expected lists of x, y and optionally t")
        if not stroke[0] or any(len(axis) != len(stroke[0]) for axis in stroke[: 3 if timed else 2]):
            raise SketchError(f"{field}[{i}]", "x, y and t must have the same length and not be empty")
        if len(stroke[0]) > limits.max_points_per_stroke:
            raise SketchError(
                f"{field}[{i}]", f"{len(stroke[0])} points, at most {limits.max_points_per_stroke}"
            )
        total += len(stroke[0])
        for axis in stroke[: 3 if timed else 2]:
            if not set(map(type, axis)) <= {int, float}:
                raise SketchError(f"{field}[{i}]", "only numbers are allowed")
    if total > limits.max_points:
        raise SketchError(field, f"{total} points in total, at most {limits.max_points}")
    try:
        strokes = [np.array(stroke[:2], dtype=np.float64).T for stroke in drawing]
        times = [np.array(stroke[2], dtype=np.float64) for stroke in drawing] if timed else None
    except OverflowError:
        raise SketchError(field, "a number is too large to be a coordinate") from None
    xy = np.concatenate(strokes)
    if not (np.abs(xy) <= limits.max_side).all():
        raise SketchError(field, f"coordinates must be finite, at most {limits.max_side:g}")
    if times is not None and not all((np.abs(t) <= limits.max_time_ms).all() for t in times):
        raise SketchError(field, f"times must be finite, at most {limits.max_time_ms:g}")
    side = max(SIMPLIFIED_CANVAS, float(np.abs(xy).max()))
    return sketch_from_xy(strokes, side, side, times=times)


def to_drawing(sketch: Sketch, *, decimals: int = 1, timed: bool = True) -> list[list[list[float]]]:
    """Return the `drawing` value: `[[xs], [ys], [ts]]` for each stroke, without times unless `timed`."""
    columns = (X, Y, T) if timed else (X, Y)
    return [
        [np.round(stroke[:, column].astype(np.float64), decimals).tolist() for column in columns]
        for stroke in sketch.strokes
    ]


def write_drawings(path: Path, drawings: Iterable[Drawing], *, decimals: int = 1, timed: bool = True) -> None:
    """Write `.ndjson`, compressed if the name ends in `.gz`; without a time stamp, so equal drawings give equal bytes."""
    with ExitStack() as files:
        target: IO[bytes] = files.enter_context(path.open("wb"))
        if path.suffix == ".gz":
            target = cast(IO[bytes], files.enter_context(gzip.GzipFile("", "wb", 9, target, mtime=0)))
        for drawing in drawings:
            row = {"key_id": drawing.key_id, "word": drawing.word, **drawing.fields}
            row["drawing"] = to_drawing(drawing.sketch, decimals=decimals, timed=timed)
            target.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")


@contextmanager
def opened(path: Path, member: str | None, name: str) -> Iterator[IO[bytes]]:
    """Open a file, a `.gz` unpacked, or a member of a zip. Raises SketchError naming `name`."""
    with ExitStack() as files:
        try:
            if member is not None:
                lines = files.enter_context(files.enter_context(zipfile.ZipFile(path)).open(member))
            elif path.suffix == ".gz":
                lines = cast(IO[bytes], files.enter_context(gzip.open(path, "rb")))
            else:
                lines = files.enter_context(path.open("rb"))
        except KeyError as error:
            raise SketchError(name, "no such member in the zip") from error
        except BROKEN as error:
            raise SketchError(name, f"cannot be read: {error}") from error
        yield lines
