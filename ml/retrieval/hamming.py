"""Exact k nearest codes by Hamming distance on one thread.

Codes at equal distance are ordered by row; at the end of the list the lower rows are kept.
"""

from __future__ import annotations

import logging
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.packing import Codes

logging.getLogger("faiss.loader").setLevel(logging.WARNING)  # it logs every instruction set that it tries
import faiss  # noqa: E402

_WIDTHS = (4, 8, 16, 32, 64)  # bytes per code with a specialised loop in FAISS, 4 times as fast
_SAMPLED = 64  # every 64th row is sampled to estimate the distance of the nearest k
_FEW = 16  # k up to 1 / 16 of the rows is searched by radius


class NearestCodes(Protocol):
    """An exact search for the nearest codes, with the tie rule above."""

    def nearest(
        self, queries: Codes, k: int, *, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return distances, int32, and rows, int64, of the k nearest codes of each query, both (Q, min(k, N)).

        queries: packed codes, uint8 (Q, K / 8). allowed: the rows to search, int64 (M,), ascending; the results are then
        (Q, min(k, M)).
        """
        ...


class HammingIndex:
    """Packed codes, uint8 (N, K / 8), in memory, padded with zeros to 32, 64, 128, 256 or 512 bits."""

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
        """Bytes of memory that the codes take."""
        return len(self) * int(self._flat.code_size)

    def nearest(
        self, queries: Codes, k: int, *, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """See `NearestCodes.nearest`."""
        k = min(k, len(self) if allowed is None else len(allowed))
        if not k:
            return np.zeros((len(queries), 0), np.int32), np.zeros((len(queries), 0), np.int64)
        # This is per calling thread. A second thread per query costs more than it saves on a busy machine.
        faiss.omp_set_num_threads(1)
        if allowed is None and len(queries) == 1 and _FEW * k <= len(self):
            return self._within_radius(self._padded(queries), k)
        if allowed is None:
            distances, rows = self._flat.search(self._padded(queries), k)
        else:
            some = self._padded(self._codes.take(allowed, axis=0))
            distances, places = faiss.knn_hamming(self._padded(queries), some, k, variant="mc")
            rows = allowed[places]
        return self._first(distances, rows, k)  # FAISS orders by distance only

    def _within_radius(self, query: Codes, k: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Do the same for one padded query by collecting all codes within a radius, a third faster than keeping k.

        The radius is estimated from a sample and grows until it contains k codes.
        """
        near, _ = self._sample.search(query, min(k // _SAMPLED + 4, int(self._sample.ntotal)))
        radius = int(near[0, -1]) + 1  # range_search finds distances below the radius
        while True:
            _, distances, rows = self._flat.range_search(query, radius)
            if len(rows) >= k:
                break
            radius += 1
        return self._first(distances[None], rows[None], k)

    def _first(
        self, distances: NDArray[np.int32], rows: NDArray[np.int64], k: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the first k of each query by distance and, where that is equal, by row."""
        keys = distances.astype(np.int64) * len(self) + rows
        keys.partition(k - 1, axis=1)
        keys = np.sort(keys[:, :k], axis=1)
        return (keys // len(self)).astype(np.int32), keys % len(self)

    def _padded(self, codes: Codes) -> Codes:
        widened = np.pad(codes, ((0, 0), (0, self._padding))) if self._padding else codes
        return np.ascontiguousarray(widened)


def _flat(padded: Codes) -> faiss.IndexBinaryFlat:
    index = faiss.IndexBinaryFlat(8 * padded.shape[1])
    # Counting distances instead of keeping a heap: twice as fast for hundreds of neighbours, and lower rows win ties.
    index.use_heap = False  # type: ignore[attr-defined]  # missing in the stubs
    index.add(padded)
    return index
