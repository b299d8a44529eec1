"""A release that a gate compares, opened as the web process opens the live one, with the product of each gallery row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ml.serving.encoder import Encoding
from ml.sketch.strokes import Sketch
from webapp.catalog.models import Photo
from webapp.registry.indexes.opening import open_release
from webapp.registry.models import Release


@dataclass(frozen=True)
class Found:
    """The products nearest to a sketch, best first, each by its best photo; `ms` is the time of encoding and search."""

    encoding: Encoding
    products: list[int]
    scores: list[float]
    ms: float


class ComparedRelease:
    """A release opened for queries. Raises ModelError or IndexMismatchError if it cannot be opened."""

    def __init__(self, release: Release) -> None:
        self.release = release
        opened = open_release(release)
        self.encoder, self.index, self._search = opened.encoder, opened.index, opened.search

    @cached_property
    def products(self) -> NDArray[np.int64]:
        """The product on sale that each gallery row shows, (N,); -1 if it is gone."""
        shown = dict(Photo.objects.filter(product__active=True).values_list("pk", "product_id"))
        return np.array([shown.get(photo, -1) for photo in self.index.ids.tolist()], np.int64)

    def find(self, sketch: Sketch, k: int) -> Found:
        """Return the k best products."""
        _ = self.products  # read before the clock starts
        started = perf_counter()
        encoding = self.encoder.encode_sketch(sketch)
        hits = self._search.search(encoding.embedding, encoding.hash_code, 2 * k + 10)
        ms = (perf_counter() - started) * 1e3
        best: dict[int, float] = {}
        for product, score in zip(self.products[hits.rows].tolist(), hits.scores.tolist(), strict=True):
            if product >= 0 and len(best) < k:
                best.setdefault(product, score)
        return Found(encoding, list(best), [round(score, 4) for score in best.values()], ms)

    def photos_of(self, product: int) -> NDArray[np.float32] | None:
        """Return embeddings (n, D) of a product's photos; None if the gallery has none."""
        rows = np.flatnonzero(self.products == product)
        return self.index.embeddings[rows].astype(np.float32) if len(rows) else None
