"""Stroke shards: stored form of a drawing, order of rows, and memory independent of the dataset's size."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from ml.datasets.formats import open_dataset
from ml.datasets.quickdraw import QuickDrawDataset
from ml.datasets.stroke_shards import StrokeShards, build_shards, stroke_shards
from ml.errors import DatasetError
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.sequence import SIDE, compact
from ml.sketch.strokes import sketch_from_xy
from tests.support.layouts import drawing, write_lines, write_sketchy


def write_quickdraw(root: Path, n: int, categories: tuple[str, ...] = ("cat", "cup")) -> Path:
    for number, name in enumerate(categories):
        rows = [
            {"key_id": f"{name}{k}", "word": name, "drawing": drawing(1000 * number + k)} for k in range(n)
        ]
        write_lines(root / f"{name}.ndjson", rows)
    return root


def test_a_drawing_is_scaled_and_simplified() -> None:
    straight = np.stack([np.linspace(10, 60, 40), np.full(40, 5.0)], axis=1)
    points = compact(sketch_from_xy([straight, [[10, 5], [10, 30]]], 100, 100))
    assert points.tolist() == [[0, 0, 0], [255, 0, 1], [0, 0, 0], [0, 128, 1]]
    assert compact(sketch_from_xy([[[7, 7]]], 100, 100)).tolist() == [[0, 0, 1]]


def test_rows_follow_the_dataset(tmp_path: Path) -> None:
    dataset = open_dataset("quickdraw", write_quickdraw(tmp_path / "qd", 20))
    (folder := tmp_path / "shards").mkdir()
    build_shards(dataset, folder, drawings_per_shard=7)
    shards = StrokeShards(folder)
    assert len(shards) == len(dataset.sketches) == 40
    assert len(list(folder.glob("points-*.npy"))) == 6
    for split in ("train", "val", "test"):
        assert np.array_equal(shards.rows(split), dataset.sketch_rows(split))
    assert [shards.categories[label] for label in shards.labels] == [row.category for row in dataset.sketches]
    for row in (0, 6, 7, 39):  # at both sides of a shard boundary
        strokes = dataset.strokes(row)
        assert strokes is not None
        assert np.array_equal(shards.points(row), compact(strokes))


def test_a_stored_drawing_looks_like_its_original(tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, 200)
    circle = sketch_from_xy([np.stack([300 + 90 * np.cos(turn), 200 + 60 * np.sin(turn)], 1)], 512, 512)
    line = {
        "key_id": "1",
        "word": "ring",
        "drawing": [[stroke[:, 0].tolist(), stroke[:, 1].tolist()] for stroke in circle.strokes],
    }
    write_lines(tmp_path / "qd" / "ring.ndjson", [line])
    kept = stroke_shards(open_dataset("quickdraw", tmp_path / "qd")).sketch(0)
    assert len(kept.points()) < 40
    spec = RasterSpec(size=64, squareness=0)
    difference = rasterise(kept, spec).astype(float) - rasterise(circle, spec)
    assert np.abs(difference).mean() < 4


def test_the_cache_is_reused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_quickdraw(tmp_path / "qd", 6)
    first = stroke_shards(open_dataset("quickdraw", root))
    monkeypatch.setattr(QuickDrawDataset, "stream", None)
    again = stroke_shards(open_dataset("quickdraw", root))
    assert np.array_equal(first.points(11), again.points(11))
    assert not list((tmp_path / "cache").glob("*/.strokes-*"))


def test_images_have_no_strokes(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected strokes"):
        stroke_shards(open_dataset("sketchy", write_sketchy(tmp_path / "sketchy")))


def test_memory_does_not_grow_with_the_drawings(tmp_path: Path) -> None:
    """Drawings stay on disk: memory grows only by label, split and key."""

    def peak(n: int) -> int:
        line = json.dumps({"word": "cat", "drawing": drawing(0)})[1:]
        root = tmp_path / str(n)
        root.mkdir()
        for name in range(n // 250):
            rows = (f'{{"key_id": "{name}-{k}", {line}\n' for k in range(250))
            (root / f"c{name}.ndjson").write_text("".join(rows))
        dataset = open_dataset("quickdraw", root)
        (folder := tmp_path / f"{n}-shards").mkdir()
        tracemalloc.start()
        build_shards(dataset, folder, drawings_per_shard=200)
        shards = StrokeShards(folder)
        assert len(shards) == n
        assert shards.points(n - 1).max() == SIDE
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(250)  # imports and caches
    small, large = peak(500), peak(5000)
    assert large - small < 4500 * 40  # bytes per drawing; strokes in memory would take several kilobytes


@pytest.mark.slow
@pytest.mark.real_data
def test_the_quickdraw_sample(tmp_path: Path) -> None:
    root = Path(os.environ["SKETCHFIND_DATA"]) / "quickdraw-345-sample.zip"
    dataset = open_dataset("quickdraw", root)
    shards = stroke_shards(dataset)
    assert (len(shards.categories), len(shards)) == (345, 8507)
    lengths = np.array([len(shards.points(row)) for row in range(len(shards))])
    assert 25 < np.median(lengths) < 45  # raw drawings have several hundred points
    for split in ("train", "val", "test"):
        assert np.array_equal(shards.rows(split), dataset.sketch_rows(split))
