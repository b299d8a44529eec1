"""The strokes of any number of drawings, simplified once and stored in memory-mapped shards.

Drawings are stored in the compact form of `ml.sketch.sequence`: three bytes per point, about 120 per drawing. Both images
and sequences are made from it.

    manifest.json       {"version", "categories", "counts": drawings per shard}
    labels.npy          int32 (N,), category numbers        splits.npy   uint8 (N,), index into `SPLITS`
    points-00000.npy    uint8 (P, 3): x, y, 1 on a stroke's last point
    starts-00000.npy    int64 (n + 1,): where each drawing's points begin

The files are in the cache (`ml.datasets.frames`) under the dataset's SHA-256. They are built in one pass over the
drawings, with one shard and the keys of one category in memory.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from ml.contracts.split import Split
from ml.datasets.frames import cache_folder
from ml.datasets.pairs import SPLITS, PairDataset
from ml.datasets.streams import StreamedDrawings
from ml.errors import DatasetError
from ml.retrieval.files import put_in_place
from ml.sketch.sequence import compact, from_compact
from ml.sketch.strokes import Sketch

DRAWINGS_PER_SHARD = 65_536
_VERSION = 1
Points = NDArray[np.uint8]


class StrokeShards:
    """The drawings of a dataset by row, in the order of the dataset's sketches.

    labels: int32 (N,), category numbers. splits: uint8 (N,), places in `SPLITS`.
    """

    def __init__(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        self.categories: tuple[str, ...] = tuple(manifest["categories"])
        self.labels: NDArray[np.int32] = _mapped(folder / "labels.npy")
        self.splits: NDArray[np.uint8] = _mapped(folder / "splits.npy")
        numbers = range(len(manifest["counts"]))
        self._points = [_mapped(folder / f"points-{number:05d}.npy") for number in numbers]
        self._starts = [_mapped(folder / f"starts-{number:05d}.npy") for number in numbers]
        self._first = np.concatenate([[0], np.cumsum(manifest["counts"])])

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, *splits: Split) -> NDArray[np.intp]:
        """Return the rows of the given splits, ascending; all rows by default."""
        return np.flatnonzero(np.isin(self.splits, [SPLITS.index(split) for split in splits or SPLITS]))

    def points(self, row: int) -> Points:
        """Return one drawing, uint8 (n, 3): x and y in 0..255, and 1 on the last point of each stroke."""
        shard = int(np.searchsorted(self._first, row, side="right")) - 1
        place = row - self._first[shard]
        start, end = self._starts[shard][place : place + 2]
        found: Points = self._points[shard][start:end]
        return found

    def sketch(self, row: int) -> Sketch:
        """Return one drawing as strokes on a 256 x 256 canvas."""
        return from_compact(self.points(row))


def stroke_shards(dataset: PairDataset) -> StrokeShards:
    """Return the dataset's drawings, building the cache on first use. Raises DatasetError on a sketch without strokes."""
    folder = cache_folder(dataset) / _name(dataset)
    if not (folder / "manifest.json").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(mkdtemp(dir=folder.parent, prefix=".strokes-"))
        try:
            build_shards(dataset, aside)
            put_in_place(aside, folder)
        except OSError:
            if not (folder / "manifest.json").exists():  # otherwise another process was first
                raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return StrokeShards(folder)


def _name(dataset: PairDataset) -> str:
    """Return the folder's name. The same files may be split in several ways, such as by unseen categories."""
    if isinstance(dataset, StreamedDrawings):
        return f"strokes-{_VERSION}"
    splits = " ".join(row.split for row in dataset.sketches)
    return f"strokes-{_VERSION}-{hashlib.sha256(splits.encode()).hexdigest()[:16]}"


def build_shards(dataset: PairDataset, folder: Path, *, drawings_per_shard: int = DRAWINGS_PER_SHARD) -> None:
    """Write the shards of a dataset into an empty folder, reading each drawing once.

    Raises DatasetError on a sketch without strokes.
    """
    writer = _Writer(folder, drawings_per_shard)
    if isinstance(dataset, StreamedDrawings):
        labels, splits = _streamed(dataset, writer)
    else:
        labels, splits = _in_memory(dataset, writer)
    writer.flush()
    np.save(folder / "labels.npy", labels)
    np.save(folder / "splits.npy", splits)
    manifest = {"version": _VERSION, "categories": dataset.categories, "counts": writer.counts}
    (folder / "manifest.json").write_text(json.dumps(manifest) + "\n")


class _Writer:
    """Collects drawings and writes a shard whenever enough are collected."""

    def __init__(self, folder: Path, drawings_per_shard: int) -> None:
        self.counts: list[int] = []
        self._folder = folder
        self._size = drawings_per_shard
        self._waiting: list[Points] = []

    def add(self, points: Points) -> None:
        self._waiting.append(points)
        if len(self._waiting) == self._size:
            self.flush()

    def flush(self) -> None:
        if not self._waiting:
            return
        number = len(self.counts)
        lengths = [len(points) for points in self._waiting]
        np.save(self._folder / f"points-{number:05d}.npy", np.concatenate(self._waiting))
        np.save(self._folder / f"starts-{number:05d}.npy", np.concatenate([[0], np.cumsum(lengths)]))
        self.counts.append(len(self._waiting))
        self._waiting = []


def _streamed(dataset: StreamedDrawings, writer: _Writer) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Pass all drawings to the writer one by one and return their labels and splits."""
    labels, splits = [], []
    for category in track(dataset.row_order, "sharding strokes", disable=not Console().is_terminal):
        keys = []
        for drawing in dataset.stream(category):
            writer.add(compact(drawing.sketch))
            keys.append(drawing.key_id)
        labels.append(np.full(len(keys), dataset.categories.index(category), np.int32))
        splits.append(np.array([SPLITS.index(split) for split in dataset.splits(keys)], np.uint8))
    return np.concatenate(labels), np.concatenate(splits)


def _in_memory(dataset: PairDataset, writer: _Writer) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Do the same for a dataset whose rows are in memory."""
    number = {category: index for index, category in enumerate(dataset.categories)}
    for row, described in enumerate(dataset.sketches):
        strokes = dataset.strokes(row)
        if strokes is None:
            raise DatasetError(
                described.file,
                f"expected strokes, found an image; this {dataset.format} dataset has no strokes",
            )
        writer.add(compact(strokes))
    labels = np.array([number[row.category] for row in dataset.sketches], np.int32)
    return labels, np.array([SPLITS.index(row.split) for row in dataset.sketches], np.uint8)


def _mapped(path: Path) -> NDArray[Any]:
    """Map an array of a file, as a plain array: slices of the memmap class are slow."""
    return np.asarray(np.load(path, mmap_mode="r"))
