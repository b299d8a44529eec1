import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.benchmarks.doodles import doodle
from ml.errors import SketchError
from ml.sketch.formats.quickdraw import (
    Drawing,
    parse_drawing,
    read_drawings,
    sketch_from_drawing,
    write_drawings,
)
from ml.sketch.strokes import SketchLimits, T, parse_sketch

SIMPLIFIED = {"key_id": "5", "word": "chair", "recognized": True, "drawing": [[[0, 9], [0, 255]], [[4], [5]]]}
RAW = {"key_id": "6", "word": "chair", "drawing": [[[700.5, 9], [0, 25], [0, 40]], [[4], [5], [90]]]}


def lines(*rows: object) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode() + b"\n\n"


def test_simplified_and_raw_lines_are_read() -> None:
    simplified = parse_drawing(json.dumps(SIMPLIFIED))
    assert (simplified.key_id, simplified.word, simplified.fields) == ("5", "chair", {"recognized": True})
    assert (simplified.sketch.width, simplified.sketch.height) == (256, 256)
    assert simplified.sketch.strokes[0][:, :2].tolist() == [[0, 0], [9, 255]]
    raw = parse_drawing(json.dumps(RAW))
    assert raw.sketch.width == 700.5
    assert raw.sketch.points()[:, T].tolist() == [0, 40, 90]


@pytest.mark.parametrize("form", ["plain", "gz", "zip"])
def test_files_are_streamed(tmp_path: Path, form: str) -> None:
    content = lines(SIMPLIFIED, RAW)
    member = None
    if form == "plain":
        path = tmp_path / "a.ndjson"
        path.write_bytes(content)
    elif form == "gz":
        path = tmp_path / "a.ndjson.gz"
        path.write_bytes(gzip.compress(content))
    else:
        path, member = tmp_path / "a.zip", "quickdraw/chair.ndjson"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, content)
    assert [d.key_id for d in read_drawings(path, member=member)] == ["5", "6"]


def test_reading_stops_at_the_first_broken_line_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(lines(SIMPLIFIED) + b"{oops\n")
    reader = read_drawings(path)
    assert next(reader).key_id == "5"
    with pytest.raises(SketchError, match=r"^a.ndjson:3: not JSON"):
        list(reader)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "broken.ndjson.gz").write_bytes(gzip.compress(lines(SIMPLIFIED))[:-9])
    (tmp_path / "broken.zip").write_bytes(b"PK")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    for name, member in (
        ("broken.ndjson.gz", None),
        ("broken.zip", "a"),
        ("empty.zip", "a"),
        ("absent.ndjson", None),
    ):
        with pytest.raises(SketchError, match=name):
            list(read_drawings(tmp_path / name, member=member))


@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz"])
@pytest.mark.parametrize("timed", [True, False])
def test_round_trip_through_a_file(tmp_path: Path, name: str, timed: bool) -> None:
    drawings = [Drawing(doodle(seed), str(seed), "doodle", {"view": "main"}) for seed in range(3)]
    write_drawings(tmp_path / name, drawings, decimals=2, timed=timed)
    again = list(read_drawings(tmp_path / name))
    assert [d.key_id for d in again] == ["0", "1", "2"]
    assert again[0].fields == {"view": "main"}
    for before, after in zip(drawings, again, strict=True):
        for a, b in zip(before.sketch.strokes, after.sketch.strokes, strict=True):
            np.testing.assert_allclose(a[:, :2], b[:, :2], atol=0.0051)
            if timed:
                np.testing.assert_allclose(a[:, T], b[:, T], atol=0.51)


def test_written_gzip_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.ndjson.gz", "b.ndjson.gz"):
        write_drawings(tmp_path / name, [Drawing(doodle(1))])
    assert (tmp_path / "a.ndjson.gz").read_bytes() == (tmp_path / "b.ndjson.gz").read_bytes()


def test_decreasing_times_are_clamped_and_the_sketch_is_valid() -> None:
    sketch = sketch_from_drawing([[[1, 2, 3], [1, 2, 3], [5, 3, 9]]])
    assert sketch.points()[:, T].tolist() == [0, 0, 4]
    parse_sketch(sketch.to_payload())


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (None, "a list of at least one stroke"),
        ([], "a list of at least one stroke"),
        ([[[1]]], "drawing[0]: expected lists of x, y"),
        ([[[1], 5]], "drawing[0]: expected lists of x, y"),
        ([[[1], []]], "drawing[0]: x, y and t must have the same length"),
        ([[[], []]], "drawing[0]: x, y and t must have the same length"),
        ([[[1], [2], [3, 4]]], "drawing[0]: x, y and t must have the same length"),
        ([[[1], ["2"]]], "drawing[0]: only numbers"),
        ([[[1], [float("nan")]]], "coordinates must be finite"),
        ([[[1], [1e308]]], "coordinates must be finite"),
        ([[[1], [10**400]]], "a number is too large"),
        ([[[1], [1], [float("inf")]]], "times must be finite"),
        ([[[1] * 11, [1] * 11]], "drawing[0]: 11 points, at most 10"),
        ([[[1], [1]]] * 4, "4 strokes, at most 3"),
        ([[[1] * 9, [1] * 9]] * 3, "27 points in total, at most 20"),
    ],
)
def test_bad_drawings_are_refused(drawing: object, message: str) -> None:
    limits = SketchLimits(max_strokes=3, max_points_per_stroke=10, max_points=20)
    with pytest.raises(SketchError) as caught:
        sketch_from_drawing(drawing, limits=limits)
    assert message in str(caught.value)


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=20,
)


@given(JUNK)
def test_junk_raises_nothing_but_sketch_errors(junk: Any) -> None:
    for row in (junk, {"drawing": junk}, {"drawing": [junk]}, {"drawing": [[junk, junk]]}):
        try:
            sketch = parse_drawing(json.dumps(row)).sketch
        except SketchError:
            continue
        parse_sketch(sketch.to_payload())


@given(st.binary(max_size=40))
def test_any_bytes_raise_nothing_but_sketch_errors(line: bytes) -> None:
    with pytest.raises(SketchError):
        parse_drawing(line)


def test_deeply_nested_line_is_refused() -> None:
    with pytest.raises(SketchError):
        parse_drawing("[" * 100_000)
