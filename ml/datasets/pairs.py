"""The common form of all public layouts: photos, sketches drawn from them, and human triplets.

Rows are numbered in a stable order that does not depend on the validation share. Images are decoded on demand;
`ml.datasets.frames` caches them decoded and framed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.files import Files
from ml.errors import DatasetError, ImageError
from ml.images.decode import decode_image
from ml.images.edges import edge_map
from ml.sketch.formats.svg.reading import read_svg
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch

SPLITS: tuple[Split, ...] = ("train", "val", "test")
CANVAS_PX = 256  # of a sketch drawn from strokes
_CANVAS = RasterSpec(size=CANVAS_PX, stroke_width_px=3.0, margin=0.0, squareness=0.0)


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A product or photo instance. file, edge: names below the root, "" if there is none."""

    key: str
    category: str
    split: Split
    file: str = ""
    edge: str = ""


@dataclass(frozen=True, slots=True)
class SketchRow:
    """A sketch. photo: row of the photo it was drawn from, -1 if there is none."""

    key: str
    category: str
    split: Split
    photo: int
    file: str = ""


class PairDataset:
    """Photos, sketches and votes of one dataset.

    votes: int32 (T, 3), one human judgement per row: sketch row, nearer photo row, farther photo row; repeated and
    contradicting ones are kept. drawings: the strokes of each sketch row, if the layout stores them in one file; a
    sequence may make them on access.
    sources: names of the other files that the rows were read from; `sha256` includes them. unseen: categories that are
    only tested on, sorted.
    """

    def __init__(
        self,
        *,
        format: str,
        files: Files,
        photos: Sequence[PhotoRow],
        sketches: Sequence[SketchRow],
        votes: NDArray[np.int32] | None = None,
        drawings: Sequence[Sketch] = (),
        sources: Iterable[str] = (),
        unseen: Iterable[str] = (),
    ) -> None:
        self.format = format
        self.files = files
        self.photos = tuple(photos)
        self.sketches = tuple(sketches)
        self.votes = np.zeros((0, 3), dtype=np.int32) if votes is None else votes
        self._drawings = drawings
        self._sources = tuple(sources)
        self.unseen = tuple(sorted(unseen))

    @property
    def root(self) -> Path:
        """Path of the dataset as given."""
        return self.files.root

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Names of all categories of photos and sketches, sorted."""
        return tuple(sorted({row.category for row in self.photos} | {row.category for row in self.sketches}))

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the files, and of the unseen categories if there are any."""
        if not self.unseen:
            return self.files_sha256
        return hashlib.sha256("\n".join([self.files_sha256, *self.unseen]).encode()).hexdigest()

    @cached_property
    def files_sha256(self) -> str:
        """Hex digest of the names and bytes of all files read; equal for a folder and its zip."""
        digest = hashlib.sha256()
        for name in self.file_names:
            data = self.files.read(name)
            digest.update(f"{len(name.encode())} {name} {len(data)} ".encode())
            digest.update(data)
        return digest.hexdigest()

    @cached_property
    def file_names(self) -> tuple[str, ...]:
        """Names of the files that the dataset consists of, sorted."""
        photos = {name for row in self.photos for name in (row.file, row.edge)}
        sketches = {row.file for row in self.sketches}
        return tuple(sorted({*photos, *sketches, *self._sources} - {""}))

    def photo_rows(self, *splits: Split) -> NDArray[np.intp]:
        """Return the rows of the photos of the given splits, ascending; of all photos by default."""
        return np.flatnonzero([not splits or row.split in splits for row in self.photos])

    def sketch_rows(self, *splits: Split) -> NDArray[np.intp]:
        """Return the rows of the sketches of the given splits, ascending; of all sketches by default."""
        return np.flatnonzero([not splits or row.split in splits for row in self.sketches])

    @cached_property
    def true_photos(self) -> NDArray[np.intp]:
        """Row of the true photo of each sketch, (S,), -1 if there is none."""
        return np.array([row.photo for row in self.sketches], dtype=np.intp)

    @cached_property
    def triplets(self) -> Mapping[Split, NDArray[np.int32]]:
        """Judgements by split, each (T, 3) as in `votes`.

        train: raw votes whose sketch and photos are all in train. val, test: the majority on each pair of photos, for
        sketches of that split; validation sketches are also compared with photos of train.
        """
        sketch_split = np.array([row.split for row in self.sketches], dtype=object)
        of_split = {split: self.votes[sketch_split[self.votes[:, 0]] == split] for split in ("val", "test")}
        return {
            "train": self.triplets_among("train"),
            "val": majority(of_split["val"]),
            "test": majority(of_split["test"]),
        }

    def triplets_among(self, *splits: Split) -> NDArray[np.int32]:
        """Return the raw votes, int32 (T, 3), whose sketch and both photos are in the given splits."""
        sketches = np.isin(self.votes[:, 0], self.sketch_rows(*splits))
        return self.votes[sketches & np.isin(self.votes[:, 1:], self.photo_rows(*splits)).all(axis=1)]

    def photo(self, row: int) -> NDArray[np.uint8]:
        """Return a photo, RGB uint8 (H, W, 3), upright; its edge map if the photo itself is absent.

        Raises DatasetError if it cannot be decoded.
        """
        photo = self.photos[row]
        return self._image(photo.file or photo.edge)

    def edge(self, row: int) -> NDArray[np.uint8]:
        """Return the released edge map, or else ours, uint8 (H, W), dark on white.

        Raises DatasetError if it cannot be decoded.
        """
        photo = self.photos[row]
        return self._image(photo.edge)[:, :, 0] if photo.edge else edge_map(self._image(photo.file))

    def strokes(self, row: int) -> Sketch | None:
        """Return the strokes of a sketch; None if only an image was released."""
        if self._drawings:
            return self._drawings[row]
        file = self.sketches[row].file
        return read_svg(self.files.read(file), field=file) if file.lower().endswith(".svg") else None

    def sketch(self, row: int) -> NDArray[np.uint8]:
        """Return a sketch as released, or its strokes on their whole canvas, uint8 (H, W), dark on white."""
        strokes = self.strokes(row)
        if strokes is not None:
            return rasterise(strokes, _CANVAS, box=(0.0, 0.0, strokes.width, strokes.height))
        red, green, blue = np.moveaxis(self._image(self.sketches[row].file), 2, 0)
        return np.asarray(np.minimum(np.minimum(red, green), blue))  # ink of any colour is dark

    def _image(self, name: str) -> NDArray[np.uint8]:
        try:
            return decode_image(self.files.read(name), field=name)
        except ImageError as error:
            raise DatasetError(error.field, error.message) from error


def majority(votes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the majority of votes, int32 (T, 3), as one row (sketch, nearer, farther) per judged pair of photos.

    Ties are left out. Rows are ordered by sketch, then by pair.
    """
    pairs = np.column_stack([votes[:, 0], np.sort(votes[:, 1:], axis=1)])
    ascending = np.where(votes[:, 1] < votes[:, 2], 1, -1)
    judged, number = np.unique(pairs, axis=0, return_inverse=True)
    balance = np.bincount(number.ravel(), weights=ascending, minlength=len(judged))
    judged = np.where((balance < 0)[:, None], judged[:, [0, 2, 1]], judged)
    return np.asarray(judged[balance != 0], dtype=np.int32)
