"""Exact k nearest codes by Hamming distance, one thread.

Ties: nearer codes first, codes at one distance in the order of their rows; at the edge the lower rows are kept.
"""

from __future__ import annotations

import logging
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.packing import Codes

logging.getLogger("faiss.loader").setLevel(logging.WARNING)  # it tells of every instruction set that it tries
import faiss  # noqa: E402

_WIDTHS = (4, 8, 16, 32, 64)  # bytes for which FAISS has a loop of its own: 4 times as fast as any other
_SAMPLED = 64  # every 64th row tells how far away the nearest k lie
_FEW = 16  # k up to this part of the rows is found by radius


class NearestCodes(Protocol):
    """Whatever finds the nearest codes exactly, with the tie rule above."""

    def nearest(
        self, queries: Codes, k: int, *, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Distances and rows of the k nearest codes of each query (Q, K / 8), both (Q, min(k, N)).

        allowed: rows (M,) in ascending order that alone are searched; then both are (Q, min(k, M)).
        """
        ...


class HammingIndex:
    """Packed codes (N, K / 8) in memory, with zero bits up to the next of 32, 64, 128, 256 or 512."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes
        self._padding = next((width for width in _WIDTHS if width >= codes.shape[1]), codes.shape[1])
        self._padding -= codes.shape[1]
        padded = self._padded(codes)
        self._flat, self._sample = _flat(padded), _flat(padded[::_SAMPLED])

    def __len__(self) -> int:
        return int(self._flat.ntotal)

    @property
    def n_bytes(self) -> int:
        """What the codes take in memory."""
        return len(self) * int(self._flat.code_size)

    def nearest(
        self, queries: Codes, k: int, *, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """As `NearestCodes` has it."""
        k = min(k, len(self) if allowed is None else len(allowed))
        if not k:
            return np.zeros((len(queries), 0), np.int32), np.zeros((len(queries), 0), np.int64)
        # A setting of the calling thread; a second thread for one query only costs on a busy machine.
        faiss.omp_set_num_threads(1)
        if allowed is None and len(queries) == 1 and _FEW * k <= len(self):
            return self._within_radius(self._padded(queries), k)
        if allowed is None:
            distances, rows = self._flat.search(self._padded(queries), k)
        else:
            some = self._padded(self._codes[allowed])
            distances, places = faiss.knn_hamming(self._padded(queries), some, k, variant="mc")
            rows = allowed[places]
        order = np.lexsort((rows, distances))  # FAISS orders by distance, and ties as they come
        return (
            np.take_along_axis(distances, order, axis=1).astype(np.int32, copy=False),
            np.take_along_axis(rows, order, axis=1).astype(np.int64, copy=False),
        )

    def _within_radius(self, query: Codes, k: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """As `nearest` for one padded query: collecting what lies within a radius costs two thirds of keeping the
        nearest k. The radius comes of a sample and grows until it holds k.
        """
        near, _ = self._sample.search(query, min(k // _SAMPLED + 4, int(self._sample.ntotal)))
        radius = int(near[0, -1]) + 1  # what is found lies below it
        while True:
            _, distances, rows = self._flat.range_search(query, radius)
            if len(rows) >= k:
                break
            radius += 1
        keys = distances.astype(np.int64) * len(self) + rows
        keys = np.sort(np.partition(keys, k - 1)[:k])
        return (keys // len(self)).astype(np.int32)[None], (keys % len(self))[None]

    def _padded(self, codes: Codes) -> Codes:
        widened = np.pad(codes, ((0, 0), (0, self._padding))) if self._padding else codes
        return np.ascontiguousarray(widened)


def _flat(padded: Codes) -> faiss.IndexBinaryFlat:
    index = faiss.IndexBinaryFlat(8 * padded.shape[1])
    # Counting distances instead of keeping a heap: twice as fast for hundreds of neighbours, and lower rows win ties.
    index.use_heap = False  # type: ignore[attr-defined]  # the stubs lack it
    index.add(padded)
    return index
