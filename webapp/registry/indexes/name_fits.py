"""How well the products of a gallery fit the names that sketches are recognised as, from their words and corrections."""

from __future__ import annotations

import numpy as np

from ml.retrieval.index import GalleryIndex
from ml.retrieval.name_prior import NameFits
from webapp.catalog.words.selectors import catalogue_fits


def name_fits(index: GalleryIndex) -> NameFits:
    """Return today's fits of an index's photos; photos of products no longer on sale fit nothing."""
    catalogue = catalogue_fits()
    sizes = np.bincount(catalogue.groups, minlength=len(catalogue.rows))
    return NameFits(catalogue.names, catalogue.of_photos(index.ids), catalogue.rows, sizes)
