"""A search before its answer: what is wanted, and what the models see in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.name_prior import NameFits
from ml.serving.encoder import Encoding
from ml.serving.recogniser import Recognition
from webapp.registry.releases.live import LiveRelease


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """What somebody wants to find, and among which products.

    k: results wanted. allowed: gallery rows to search, bool (N,); None for all. fits: how products fit names; None if
    names are not recognised. name: the recognised name that the visitor chose. by_shape: ignore what is recognised.
    n_matching: products that match the visitor's words; None without words. drawn: the query is a drawing, for which
    calibrations hold. is_mark: it shows nothing, so that names are neither offered nor ranked by. without_product: the
    id of a product to leave out. started: by `perf_counter`, for the times.
    """

    live: LiveRelease
    k: int
    allowed: NDArray[np.bool_] | None = None
    fits: NameFits | None = None
    name: str | None = None
    by_shape: bool = False
    n_matching: int | None = None
    drawn: bool = True
    is_mark: bool = False
    without_product: int | None = None
    started: float = field(default_factory=perf_counter)


@dataclass(frozen=True, eq=False, slots=True)
class Encoded:
    """What the models see in a query.

    embedding: float32 (D,), unit length. hash_code: packed, uint8 (K / 8,). recognition: None if nothing was to be
    recognised. raster_ms, encode_ms: times of both models together.
    """

    embedding: NDArray[np.float32]
    hash_code: NDArray[np.uint8]
    recognition: Recognition | None = None
    raster_ms: float = 0.0
    encode_ms: float = 0.0

    @classmethod
    def of(cls, encoding: Encoding, recognition: Recognition | None) -> Encoded:
        """Join the outputs of the encoder and the recogniser for one sketch."""
        return cls(
            encoding.embedding,
            encoding.hash_code,
            recognition,
            raster_ms=encoding.raster_ms + (recognition.raster_ms if recognition else 0.0),
            encode_ms=encoding.encode_ms + (recognition.encode_ms if recognition else 0.0),
        )
