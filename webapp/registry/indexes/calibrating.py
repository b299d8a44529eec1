"""Calibrate a finished index on its catalogue, before anybody searches it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.builder import add_calibration
from ml.retrieval.index import GalleryIndex
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.calibrating import estimate_calibration, sample_rows
from ml.serving.encoder import Encoder
from ml.sketch.raster import RasterSpec
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.name_fits import name_fits
from webapp.registry.indexes.photos import photo_rows, photo_views
from webapp.registry.indexes.recogniser import recogniser


def index_calibrate(folder: Path, *, encoder: Encoder, photos: Sequence[GalleryPhoto]) -> None:
    """Write the calibration of the index in `folder`, whose photos `photos` has, for searches by today's recogniser.

    encoder: centred like the index. For one that takes no centres, the thresholds that came with the model stay valid.
    """
    if not encoder.takes_centres:
        return
    index = GalleryIndex.open(
        folder, expect_encoder_sha256=encoder.sha256, expect_code_length=encoder.code_length
    )
    search = TwoStageSearch(index, fits=name_fits(index))
    calibration = estimate_calibration(encoder, search, _sample(index, photos, encoder.raster), recogniser())
    if calibration is not None:
        add_calibration(folder, calibration)


def recogniser_sha256() -> str:
    """Return what identifies today's recogniser; empty without one."""
    known = recogniser()
    return known.sha256 if known else ""


def _sample(
    index: GalleryIndex, photos: Sequence[GalleryPhoto], raster: RasterSpec
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    by_id = {photo.id: photo for photo in photos}
    chosen = {row: by_id[int(index.ids[row])] for row in sample_rows(len(index), index.products)}
    prepared = photo_rows(list(chosen.values()))
    for row, photo in chosen.items():
        views = photo_views(photo, prepared.get(photo.id), ("edge",), raster)
        if views is not None:
            yield row, views[0]
