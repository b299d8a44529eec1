"""Two-stage search: the nearest hash codes by Hamming distance, re-ranked by the cosine of their embeddings and, if the
sketch was recognised, by the name prior.

Both stages are exact: no approximate structure is involved, and a category filter narrows the gallery before the first
stage, so it never thins the shortlist. Of products that are likely meant, those with the nearest codes join the
shortlist. Both stages break ties by the lower gallery row: at the edge of the shortlist,
and between equal cosines. The cosine of a row is always summed in the same order, so equal embeddings tie exactly.

Where products have several photos, the shortlist counts products, and each is ranked by its best photo in it.
"""

from __future__ import annotations

from functools import cached_property
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.half import to_float32
from ml.retrieval.hamming import HammingIndex, NearestCodes
from ml.retrieval.hits import Hits
from ml.retrieval.index import GalleryIndex
from ml.retrieval.name_prior import NameFits, NamePrior

SHORTLIST = 400
LIKELY_SHORTLIST = 200  # products that are likely meant, in addition
_SPARE = 1.3  # of rows read at first, since near products have more near photos than others


class TwoStageSearch:
    """Search of one gallery index; safe to call from several threads at once.

    codes: finds the nearest of the index's hash codes, by default in memory. fits: the names that its products fit;
    may be replaced at any time.
    """

    def __init__(
        self, index: GalleryIndex, codes: NearestCodes | None = None, fits: NameFits | None = None
    ) -> None:
        self.index = index
        self.fits = fits
        self._codes = HammingIndex(index.codes) if codes is None else codes

    def search(
        self,
        embedding: NDArray[np.float32],
        hash_code: NDArray[np.uint8],
        k: int,
        *,
        shortlist: int = SHORTLIST,
        allowed: NDArray[np.bool_] | None = None,
        prior: NamePrior | None = None,
    ) -> Hits:
        """Return the best `k` products of the gallery, or of the rows where `allowed`, bool (N,), is true.

        embedding: float32 (D,), unit length. hash_code: uint8 (code_length / 8,). shortlist: products of the first
        stage, at least k. prior: what the sketch was recognised as; None to rank by the cosine alone.
        """
        started = perf_counter()
        rows, distances, n_gallery = self._nearest_codes(hash_code, max(shortlist, k), allowed)
        if prior is not None and n_gallery > len(rows):
            rows, distances = self._with_likely(rows, distances, hash_code, prior, allowed)
        ended_hamming = perf_counter()
        candidates = to_float32(self.index.embeddings.take(rows, axis=0))  # (S, D)
        cosines = np.vecdot(candidates, embedding)
        scores = cosines if prior is None else prior.scores(rows, cosines)
        best = self._best_photos(rows, (-scores).argsort(kind="stable"))[:k]  # ascending rows: ties by row
        rows, n_shortlist = rows.take(best), len(rows)
        ended = perf_counter()
        return Hits(
            rows=rows,
            ids=self.index.ids.take(rows),
            scores=scores.take(best),
            cosines=cosines.take(best),
            embeddings=candidates.take(best, axis=0),
            hamming=distances.take(best),
            products=None if self.index.products is None else self.index.products.take(rows),
            best_cosine=float(cosines.max(initial=-1.0)),
            n_gallery=n_gallery,
            n_shortlist=n_shortlist,
            hamming_ms=(ended_hamming - started) * 1e3,
            rerank_ms=(ended - ended_hamming) * 1e3,
        )

    def _with_likely(
        self,
        rows: NDArray[np.int64],
        distances: NDArray[np.int32],
        hash_code: NDArray[np.uint8],
        prior: NamePrior,
        allowed: NDArray[np.bool_] | None,
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Add the nearest of the products that are likely meant; rows stay ascending."""
        likely = prior.likely_rows()
        if allowed is not None:
            likely = likely[allowed[likely]]
        if not len(likely):
            return rows, distances
        more_distances, more = self._nearest(hash_code, LIKELY_SHORTLIST, likely)
        joined, first = np.unique(np.concatenate([rows, more]), return_index=True)
        return joined, np.concatenate([distances, more_distances]).take(first)

    def _nearest_codes(
        self, hash_code: NDArray[np.uint8], n: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], int]:
        """Return the rows of the n nearest products, ascending, their distances, and how many rows were searched."""
        subset = None if allowed is None else np.flatnonzero(allowed)
        distances, rows = self._nearest(hash_code, n, subset)
        order = rows.argsort()
        return rows.take(order), distances.take(order), len(self.index if subset is None else subset)

    def _nearest(
        self, hash_code: NDArray[np.uint8], n: int, subset: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return distances and rows of the nearest codes, nearest first, down to the n-th product."""
        products, n_rows = self.index.products, n
        if products is not None:
            n_rows = int(n * _SPARE * self._photos_each) + 1
        while True:
            (distances,), (rows,) = self._codes.nearest(hash_code[None, :], n_rows, allowed=subset)
            if products is None:
                return distances, rows
            places = np.unique(products.take(rows), return_index=True)[1]  # where each product appears first
            if len(places) >= n:
                end = int(np.partition(places, n - 1)[n - 1]) + 1
                return distances[:end], rows[:end]
            if len(rows) < n_rows:  # all that there are
                return distances, rows
            n_rows *= 2

    @cached_property
    def _photos_each(self) -> float:
        """The mean number of a product's photos."""
        products = self.index.products
        return 1.0 if products is None else len(products) / max(1, len(np.unique(products)))

    def _best_photos(self, rows: NDArray[np.int64], order: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return, of the places in `rows` in this order, the first of each product."""
        if self.index.products is None:
            return order
        ranked = self.index.products.take(rows.take(order))
        return order.take(np.sort(np.unique(ranked, return_index=True)[1]))
