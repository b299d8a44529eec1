"""Deep features of sketches and photos, from whoever has an encoder. Annotation itself knows none.

The site names its provider in `ANNOTATION_FEATURES` (a dotted path), so that nothing here imports search or registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from annotation.models import Sketch
from webapp.catalog.models import Product


@dataclass(frozen=True, slots=True)
class Features:
    """Of one model: sketches (Q, D), products (G, D), float32, comparable by Euclidean distance; and its release."""

    sketches: NDArray[np.float32]
    products: NDArray[np.float32]
    release_id: str


class Provider(Protocol):
    """What `ANNOTATION_FEATURES` names. `release_id`: of another than the live release."""

    def __call__(
        self, sketches: Sequence[Sketch], products: Sequence[Product], *, release_id: str | None = None
    ) -> Features: ...


def features_provider() -> Provider:
    """The site's provider; where it names none, one that gives no numbers, so that attributes alone decide."""
    path = getattr(settings, "ANNOTATION_FEATURES", "")
    provider: Provider = import_string(path) if path else no_features
    return provider


def no_features(
    sketches: Sequence[Sketch], products: Sequence[Product], *, release_id: str | None = None
) -> Features:
    """Features of no dimension."""
    return Features(
        np.zeros((len(sketches), 0), np.float32), np.zeros((len(products), 0), np.float32), release_id or ""
    )
