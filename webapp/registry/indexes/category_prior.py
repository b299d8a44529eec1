"""The categories of a gallery's photos, for re-ranking by category prior if the model has a temperature for it."""

from __future__ import annotations

import numpy as np

from ml.retrieval.category_prior import CategoryPrior
from ml.retrieval.index import GalleryIndex
from ml.serving.encoder import Encoder
from webapp.catalog.models import Photo


def category_prior(index: GalleryIndex, encoder: Encoder) -> CategoryPrior | None:
    """Return the prior over today's categories; photos that are gone form a category of their own, number 0."""
    temperature = encoder.manifest.prior_temperature
    if temperature is None:
        return None
    rows = Photo.objects.values_list("pk", "product__category_id").order_by("pk")
    photos = np.fromiter(rows.iterator(chunk_size=10_000), np.dtype((np.int64, 2)))
    categories = np.zeros(len(index), np.int64)
    if len(photos):
        place = np.searchsorted(photos[:, 0], index.ids).clip(max=len(photos) - 1)
        categories = np.where(photos[place, 0] == index.ids, photos[place, 1], 0)
    return CategoryPrior(categories, temperature)
