"""The centres of an index: of its photos, estimated again when many have changed, and of visitors' sketches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml.retrieval.centres import Centres
from ml.retrieval.files import write_whole
from ml.retrieval.index import GalleryIndex
from ml.serving.centring import SAMPLE, VIEWS, estimate_centres, spread
from ml.serving.encoder import Encoder
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.photos import KnownPictures, photo_rows, photo_views
from webapp.registry.indexes.sketch_sums import sketch_sum_read

KEPT_SHARE = 0.75  # of pictures in the earlier index; below, centres are estimated and photos encoded again


def centres_of(
    encoder: Encoder, photos: Sequence[GalleryPhoto], earlier: GalleryIndex | None, kept: Path
) -> Centres | None:
    """Return a build's centres; None if the encoder takes none.

    kept: file in the build's folder from which a resumed build reads them, so that all its parts have the same centres.
    """
    if not encoder.takes_centres:
        return None
    if kept.exists():
        return Centres.read(kept, encoder.embedding_dim)
    centres = earlier.centres if earlier is not None and _still_hold(earlier, photos) else None
    if centres is None:
        chosen = spread(np.array([photo.product for photo in photos], np.int64), SAMPLE)
        sample = [photos[place] for place in chosen]
        rows = photo_rows(sample)
        views = (photo_views(photo, rows.get(photo.id), VIEWS, encoder.raster) for photo in sample)
        centres = estimate_centres(encoder, (images for images in views if images is not None))
    if centres is None:  # no readable photo
        zero = np.zeros(encoder.embedding_dim, np.float32)
        centres = Centres(zero, zero, zero, zero, 0, 0)
    centres = centres.with_sketches(sketch_sum_read(encoder.sha256))
    write_whole(kept, centres.content())
    return centres


def same_gallery(centres: Centres | None, earlier: GalleryIndex | None) -> bool:
    """Return whether rows of an earlier index can be copied: their photos were centred alike."""
    theirs = earlier.centres if earlier is not None else None
    if centres is None or theirs is None:
        return centres is None and theirs is None
    return np.array_equal(centres.photo, theirs.photo) and np.array_equal(centres.edge, theirs.edge)


def _still_hold(earlier: GalleryIndex, photos: Sequence[GalleryPhoto]) -> bool:
    """Return whether the earlier index has most of the photos, and few others."""
    known, _ = KnownPictures(earlier).split(photos)
    return len(known) >= KEPT_SHARE * max(len(photos), len(earlier))
