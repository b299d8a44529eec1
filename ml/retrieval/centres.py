"""The centres of a catalogue: the mean projections of its photos, its edge maps, and sketches that search it.

What all shoes have in common, or all visitors' hands, says nothing about which shoe is drawn. Each domain's projections
are therefore centred on the catalogue before they are normalised. Statistics of its own photos need no label. Before
visitors have drawn anything, drawings made of the photos stand in for sketches; later the mean of visitors' sketches
counts as well, by their number.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.errors import IndexMismatchError

CENTRES = "centres.npz"
DRAWN_WEIGHT = 30  # visitors' sketches that weigh as much as the drawings made of photos
PHOTOS_WEIGHT = 30  # photos that weigh as much as the encoder's own centres
SKETCHES_WEIGHT = 2_000  # of all visitors' sketches at most; beyond, newer ones count for more
_ARRAYS = ("sketch", "edge", "photo", "drawn")
Vector = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SketchSum:
    """The sum of the projections of `n` sketches of visitors, float64 (D,). No sketch is kept.

    It is worth `weight` sketches: above `SKETCHES_WEIGHT`, each addition scales it down, so that newer ones count for
    more.
    """

    n: int
    total: NDArray[np.float64]

    @classmethod
    def of(cls, projections: NDArray[np.floating]) -> SketchSum:
        """Return the sum of projections, (n, D), that all count the same."""
        n = len(projections)
        return cls(n, projections.mean(axis=0, dtype=np.float64) * min(n, SKETCHES_WEIGHT))

    @property
    def weight(self) -> int:
        """The number of sketches that the sum is worth."""
        return min(self.n, SKETCHES_WEIGHT)

    def plus(self, newer: SketchSum) -> SketchSum:
        """Return the sum with newer sketches."""
        weight, total = self.weight + newer.weight, self.total + newer.total
        return SketchSum(self.n + newer.n, total * min(1.0, SKETCHES_WEIGHT / weight))


@dataclass(frozen=True, eq=False)
class Centres:
    """Mean projections, float32 (D,) each; `drawn` of drawings made of the photos.

    n_photos, n_sketches: how many of the catalogue's photos and of visitors' sketches they were estimated from.
    """

    sketch: Vector
    edge: Vector
    photo: Vector
    drawn: Vector
    n_photos: int
    n_sketches: int

    @classmethod
    def estimated(cls, means: NDArray[np.floating], n_photos: int) -> Centres:
        """Return the centres of a catalogue by its photos.

        means: (3, D), the mean projections of drawings made of `n_photos` photos, of their edge maps and of the photos.
        The fewer there are, the nearer the centres stay to zero, those of the encoder.
        """
        sketch, edge, photo = (n_photos / (n_photos + PHOTOS_WEIGHT) * means).astype(np.float32)
        return cls(sketch, edge, photo, sketch, n_photos, 0)

    def with_sketches(self, sketches: SketchSum | None) -> Centres:
        """Return the centres with visitors' sketches counted."""
        if sketches is None:
            return replace(self, sketch=self.drawn, n_sketches=0)
        mean = (sketches.total + DRAWN_WEIGHT * self.drawn) / (sketches.weight + DRAWN_WEIGHT)
        return replace(self, sketch=mean.astype(np.float32), n_sketches=sketches.n)

    def by_domain(self) -> NDArray[np.float32]:
        """Return the centres of sketch, edge and photo, float32 (3, D), as the encoder takes them."""
        return np.stack([self.sketch, self.edge, self.photo])

    def content(self) -> bytes:
        """Return the content of the file."""
        stream = io.BytesIO()
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        np.savez(stream, **arrays, counts=np.array([self.n_photos, self.n_sketches], np.int64))
        return stream.getvalue()

    @classmethod
    def read(cls, path: Path, embedding_dim: int) -> Centres:
        """Read a file. Raises IndexMismatchError if it holds other arrays."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: np.asarray(stored[name], np.float32) for name in _ARRAYS}
                n_photos, n_sketches = (int(count) for count in stored["counts"])
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise IndexMismatchError(str(path), f"not a file of centres: {error}") from None
        if any(array.shape != (embedding_dim,) for array in arrays.values()):
            raise IndexMismatchError(str(path), f"centres of other lengths than {embedding_dim}")
        return cls(**arrays, n_photos=n_photos, n_sketches=n_sketches)
