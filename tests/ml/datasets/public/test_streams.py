"""QuickDraw's binary form and sketch-rnn's arrays, as published."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.datasets.formats import open_dataset
from ml.datasets.stroke_shards import stroke_shards
from ml.datasets.summary import summary
from ml.errors import DatasetError, SketchError
from tests.support.layouts import drawing, write_lines

KEYS = [str(4_503_626_191_994_880 + n) for n in range(20)]


def binary(key: str, strokes: list[list[list[float]]]) -> bytes:
    """Return a drawing as in Google's description of the format."""
    packed = struct.pack("<Q2sBIH", int(key), b"DE", 1, 1_488_400_896, len(strokes))
    for xs, ys in strokes:
        packed += struct.pack("<H", len(xs)) + bytes(map(int, xs)) + bytes(map(int, ys))
    return packed


def write_bin(path: Path, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(binary(key, drawing(seed + n)) for n, key in enumerate(KEYS)))


def write_npz(path: Path, seed: int = 0) -> None:
    """Write 20 + 4 + 6 drawings of different lengths, as sketch-rnn does."""
    rng = np.random.default_rng(seed)
    parts: dict[str, Any] = {}
    for part, count in (("train", 20), ("valid", 4), ("test", 6)):
        arrays = np.empty(count, object)
        for number in range(count):
            n = 4 + number % 5
            lifted = (np.arange(n) % 3 == 2).astype(np.int16)
            arrays[number] = np.column_stack([rng.integers(-40, 40, (n, 2)), lifted]).astype(np.int16)
        parts[part] = arrays
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **parts)


def test_bin_holds_the_drawings_and_splits_of_the_ndjson(
    tmp_path: Path, zipped: Callable[[Path], Path]
) -> None:
    rows = [{"key_id": key, "word": "cat", "drawing": drawing(n)} for n, key in enumerate(KEYS)]
    write_lines(tmp_path / "text" / "cat.ndjson", rows)
    write_bin(tmp_path / "packed" / "full_binary_cat.bin")
    text = open_dataset("quickdraw", tmp_path / "text")
    packed = open_dataset("quickdraw", tmp_path / "packed")
    assert packed.sketches == text.sketches
    for row in range(len(KEYS)):
        one, other = packed.strokes(row), text.strokes(row)
        assert one is not None
        assert other is not None
        assert np.array_equal(one.points(), other.points())
        assert (one.width, one.height) == (other.width, other.height)
    assert open_dataset("quickdraw", zipped(tmp_path / "packed")).sketches == text.sketches
    assert summary("quickdraw", tmp_path / "packed")["sketches"] == {"train": 12, "val": 3, "test": 5}


def test_both_forms_of_a_category_are_refused(tmp_path: Path) -> None:
    write_lines(tmp_path / "cat.ndjson", [{"key_id": "1", "word": "cat", "drawing": drawing(1)}])
    write_bin(tmp_path / "cat.bin")
    with pytest.raises(DatasetError, match=r"^cat\.bin: the same drawings are in cat\.ndjson; keep one"):
        open_dataset("quickdraw", tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (binary(KEYS[0], drawing(0)) + b"\1\2\3", r"cat\.bin:2: the file ends in the middle of a drawing"),
        (binary(KEYS[0], drawing(0))[:-1], r"cat\.bin:1: the file ends in the middle of a drawing"),
        (b"\x89PNG\r\n\x1a\n" * 9, r"cat\.bin:1: .* expected a drawing in QuickDraw's binary form"),
        (struct.pack("<Q2sBIHH", 1, b"DE", 1, 1, 1, 0), r"cat\.bin:1\[0\]: 0 points"),
    ],
)
def test_a_broken_bin_names_the_drawing(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "cat.bin").write_bytes(content)
    with pytest.raises(SketchError, match=message):
        _ = open_dataset("quickdraw", tmp_path).sketches


def test_sketch_rnn_parts_are_the_splits(tmp_path: Path) -> None:
    write_npz(tmp_path / "sketchrnn_cat.npz")
    write_npz(tmp_path / "alarm clock.full.npz", 1)
    dataset = open_dataset("sketch-rnn", tmp_path)
    assert dataset.categories == ("alarm clock", "cat")
    assert [len(dataset.sketch_rows(split)) for split in ("train", "val", "test")] == [40, 8, 12]
    with np.load(tmp_path / "sketchrnn_cat.npz", allow_pickle=True, encoding="latin1") as stored:
        offsets = stored["valid"][1]
    row = next(r for r, sketch in enumerate(dataset.sketches) if sketch.key == "cat/valid-1")
    strokes = dataset.strokes(row)
    assert strokes is not None
    drawn = np.cumsum(offsets[:, :2], axis=0)
    assert np.array_equal(strokes.points()[:, :2], drawn - drawn.min(axis=0))
    shards = stroke_shards(dataset)
    assert len(shards) == 60
    assert len(shards.rows("val")) == 8
    assert summary("sketch-rnn", tmp_path)["sketches"] == {"train": 40, "val": 8, "test": 12}


def test_sketch_rnn_arrays_of_equal_length_need_no_pickle(tmp_path: Path) -> None:
    same = np.tile(np.array([[1, 2, 0], [3, 4, 1]], np.int16), (3, 1, 1))
    np.savez(tmp_path / "cat.npz", train=same, valid=same[:1], test=same[:2])
    assert summary("sketch-rnn", tmp_path)["sketches"] == {"train": 3, "val": 1, "test": 2}


def test_unusable_npz_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "cat.npz"
    np.savez(path, train=np.zeros((1, 2, 3), np.int16))
    with pytest.raises(
        SketchError, match=r"cat\.npz/valid: expected the arrays train, valid, test, found train\.npy"
    ):
        summary("sketch-rnn", tmp_path)
    path.write_bytes(b"PK not a zip")
    with pytest.raises(SketchError, match=r"cat\.npz: not a readable \.npz"):
        summary("sketch-rnn", tmp_path)
    write_npz(path)
    write_npz(tmp_path / "cat.full.npz")
    with pytest.raises(DatasetError, match=r"cat\.full\.npz: the same drawings are in cat\.npz"):
        open_dataset("sketch-rnn", tmp_path)
