"""Deep features of sketches and photos, from a provider outside annotation.

The site sets its dotted path in `ANNOTATION_FEATURES`, so that annotation does not import search or registry.
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
    """Features of one model: sketches (Q, D), products (G, D), float32, to compare by Euclidean distance."""

    sketches: NDArray[np.float32]
    products: NDArray[np.float32]
    release_id: str


class Provider(Protocol):
    """The type of `ANNOTATION_FEATURES`. release_id: a release other than the live one."""

    def __call__(
        self, sketches: Sequence[Sketch], products: Sequence[Product], *, release_id: str | None = None
    ) -> Features: ...


def features_provider() -> Provider:
    """Return the site's provider, or `no_features` if none is set, so that attributes alone decide."""
    path = getattr(settings, "ANNOTATION_FEATURES", "")
    provider: Provider = import_string(path) if path else no_features
    return provider


def no_features(
    sketches: Sequence[Sketch], products: Sequence[Product], *, release_id: str | None = None
) -> Features:
    """Return features of dimension 0."""
    return Features(
        np.zeros((len(sketches), 0), np.float32), np.zeros((len(products), 0), np.float32), release_id or ""
    )
