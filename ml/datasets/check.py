"""`datasets check`: counts of a dataset, broken files, and leaks between splits.

A leak is a photo or a sketch that is in two splits. Photos are the same if they nearly agree pixel by pixel at 16 x 16,
which survives a change of size or compression: it differs by less than 1 grey level on the datasets supported here,
where the most similar different photos are 6 apart. Sketches are the same if all pixels, or all points, are equal.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.datasets import snapshot
from ml.datasets.catalogue import Catalogue
from ml.datasets.formats import find_format, open_dataset
from ml.datasets.pairs import SPLITS, PairDataset, PhotoRow, SketchRow
from ml.errors import SketchfindError

SHOWN = 20  # entries of each list; the counts include all
_THUMBNAIL_PX = 16
_SAME_PHOTO = 3.0  # root mean square difference of thumbnails, grey levels
_ROWS_AT_ONCE = 1024

Row = PhotoRow | SketchRow
Made = TypeVar("Made")


def check(format: str, root: Path, *, unseen: Path | None = None) -> Mapping[str, Any]:
    """Return the report of `datasets check` on a dataset of any format, as JSON values.

    Raises DatasetError if the folder is not of that format, ConfigError if the format is unknown.
    """
    if "catalogue" in find_format(format).uses:
        return check_catalogue(root)
    return check_pairs(format, root, unseen=unseen)


def check_catalogue(root: Path) -> Mapping[str, Any]:
    """Return the counts of a catalogue and its missing photos, as JSON values."""
    catalogue = Catalogue(root)
    splits = [product.split for product in catalogue.products]
    views = [view for product in catalogue.products for view in product.views]
    return {
        "products": len(catalogue.products),
        "categories": len(catalogue.categories),
        "views": len(views),
        "drawings": sum(view.drawing is not None for view in views),
        "missing_photos": [str(view.photo) for view in views if not view.photo.exists()],
        "splits": {split: splits.count(split) for split in SPLITS},
    }


def check_pairs(
    format: str, root: Path, *, val: float | None = None, unseen: Path | None = None
) -> Mapping[str, Any]:
    """Return counts by split, broken files, leaks and duplicates of a dataset, as JSON values.

    `ok` is true if there are neither broken files nor leaks. Raises DatasetError if the folder is not of that format.
    """
    dataset = open_dataset(format, root, val=val, unseen=unseen)
    broken: list[str] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        thumbnails = _each(pool, lambda row: _thumbnail(dataset, row), len(dataset.photos), broken)
        digests = _each(pool, lambda row: _digest(dataset, row), len(dataset.sketches), broken)
    if format == "snapshot":
        broken += snapshot.altered(dataset.files)
    pairs: list[tuple[str, Row, Row]] = [
        *(("photo", dataset.photos[a], dataset.photos[b]) for a, b in _alike(thumbnails)),
        *(("sketch", dataset.sketches[a], dataset.sketches[b]) for a, b in _equal(digests)),
    ]
    leaks = [_described(kind, a, b) for kind, a, b in pairs if a.split != b.split] + _apart(dataset)
    duplicates = [_described(kind, a, b) for kind, a, b in pairs if a.split == b.split]
    return {
        "format": format,
        "sha256": dataset.sha256 if not broken else None,
        "categories": len(dataset.categories),
        "photos": _by_split(dataset.photos),
        "sketches": _by_split(dataset.sketches),
        "triplets": {split: len(dataset.triplets[split]) for split in SPLITS},
        "votes": len(dataset.votes),
        "n_broken": len(broken),
        "broken": broken[:SHOWN],
        "n_leaks": len(leaks),
        "leaks": leaks[:SHOWN],
        "n_duplicates": len(duplicates),
        "duplicates": duplicates[:SHOWN],
        "ok": not broken and not leaks,
    }


def _each(
    pool: ThreadPoolExecutor, make: Callable[[int], Made], n: int, broken: list[str]
) -> list[Made | None]:
    """Return make(0..n-1), None where it raised; messages are appended to `broken`."""

    def attempt(row: int) -> Made | str:
        try:
            return make(row)
        except SketchfindError as error:
            return str(error)

    results = list(pool.map(attempt, range(n)))
    broken += [result for result in results if isinstance(result, str)]
    return [None if isinstance(result, str) else result for result in results]


def _thumbnail(dataset: PairDataset, row: int) -> NDArray[np.uint8]:
    """Return the photo at 16 x 16, flat; the edge map is read, too, to find a broken one."""
    photo = dataset.photo(row)
    if dataset.photos[row].edge:
        dataset.edge(row)
    size = (_THUMBNAIL_PX, _THUMBNAIL_PX)
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), dtype=np.uint8).ravel()


def _digest(dataset: PairDataset, row: int) -> NDArray[np.uint8]:
    """Return a digest of the drawing's points or pixels, uint8 (32,)."""
    strokes = dataset.strokes(row)
    digest = hashlib.sha256()
    for part in [dataset.sketch(row)] if strokes is None else [one[:, :2] for one in strokes.strokes]:
        digest.update(str(part.shape).encode())
        digest.update(part.tobytes())
    return np.frombuffer(digest.digest(), dtype=np.uint8)


def _alike(thumbnails: Sequence[NDArray[np.uint8] | None]) -> Iterator[tuple[int, int]]:
    """Yield pairs (a, b), a < b, of equal photos."""
    rows = np.flatnonzero([thumbnail is not None for thumbnail in thumbnails])
    if not len(rows):
        return
    values = np.stack([thumbnail for thumbnail in thumbnails if thumbnail is not None]).astype(
        np.float32
    )  # (P, 768)
    squares = (values**2).sum(axis=1)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        squared = squares[part, None] + squares - 2 * values[part] @ values.T
        # The expansion loses digits, so it only proposes pairs; the difference itself decides.
        near = np.argwhere(squared < 4 * _SAME_PHOTO**2 * values.shape[1])
        near[:, 0] += start
        for a, b in near[near[:, 0] < near[:, 1]]:
            if ((values[a] - values[b]) ** 2).mean() < _SAME_PHOTO**2:
                yield int(rows[a]), int(rows[b])


def _equal(digests: Sequence[NDArray[np.uint8] | None]) -> Iterator[tuple[int, int]]:
    """Yield (first, other) for each sketch that repeats an earlier one."""
    first: dict[bytes, int] = {}
    for row, digest in enumerate(digests):
        if digest is not None:
            before = first.setdefault(digest.tobytes(), row)
            if before != row:
                yield before, row


def _apart(dataset: PairDataset) -> list[str]:
    """Describe the sketches that are in another split than the photo they were drawn from."""
    return [
        _described("sketch and its photo", sketch, dataset.photos[sketch.photo])
        for sketch in dataset.sketches
        if sketch.photo >= 0 and sketch.split != dataset.photos[sketch.photo].split
    ]


def _described(kind: str, a: Row, b: Row) -> str:
    return f"{kind}: {a.key} ({a.split}) = {b.key} ({b.split})"


def _by_split(rows: Sequence[Row]) -> dict[str, int]:
    counts = Counter(row.split for row in rows)
    return {split: counts[split] for split in SPLITS}
