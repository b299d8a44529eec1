"""What a sketch shows, in words: the recogniser of this process, and its answers against the live catalogue."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import structlog
from django.conf import settings
from django.utils.translation import get_language
from numpy.typing import NDArray
from rest_framework import exceptions

from ml.errors import ModelError
from ml.retrieval.name_prior import NameFits, NamePrior
from ml.serving.recogniser import Recogniser, Recognition
from webapp.catalog.fits import name_label
from webapp.search.payloads import RecognisedPayload

log = structlog.get_logger(__name__)

FAILED = "failed"
_LEAST_SHOWN = 0.03  # probability of a name that is offered


class _Loaded(NamedTuple):
    """A site's recogniser; None if it could not be loaded."""

    recogniser: Recogniser | None
    status: str


_loading = threading.Lock()


def recogniser() -> Recogniser | None:
    """Return the recogniser, loaded once; None if the site has none or it cannot be loaded."""
    return _loaded().recogniser if settings.RECOGNISER_DIR else None


def recogniser_status() -> str:
    """Return the recogniser's precision in this process or that it failed; empty if the site has none."""
    return _loaded().status if settings.RECOGNISER_DIR else ""


def _loaded() -> _Loaded:
    with _loading:  # by one thread only
        return _load(settings.RECOGNISER_DIR)


@lru_cache(maxsize=1)
def _load(folder: Path) -> _Loaded:
    try:
        found = Recogniser.load(folder)
    except (ModelError, OSError) as error:
        log.exception("recogniser_not_loaded", error=str(error))
        return _Loaded(None, FAILED)
    return _Loaded(found, f"{found.precision} instead of int8" if found.fallback else found.precision)


def name_prior(recognition: Recognition, fits: NameFits, weight: float) -> NamePrior:
    """Return how a recognised sketch ranks the products of a gallery."""
    known = recogniser()
    assert known is not None
    found = fits.aligned(known.names, recognition.probabilities)
    return fits.prior(found, weight, other=recognition.other)


def recognised(recognition: Recognition, fits: NameFits) -> RecognisedPayload:
    """Return the names to offer, in the active language, best first; empty if the drawing shows nothing known."""
    known = recogniser()
    assert known is not None
    language = get_language() or "en"
    place = {name: number for number, name in enumerate(fits.names)}
    offered = [(name, chance) for name, chance in known.offered(recognition) if chance >= _LEAST_SHOWN]
    return {
        "sure": recognition.sure,
        "names": [
            {
                "name": name,
                "label": name_label(name, language),
                "probability": round(chance, 4),
                "n_products": fits.n_products(place[name]) if name in place else 0,
            }
            for name, chance in offered
        ],
    }


def rows_named(name: str, fits: NameFits) -> NDArray[np.bool_]:
    """Return which gallery rows, bool (N,), are what a name means. Raises ValidationError for an unknown name."""
    if name not in fits.names:
        raise exceptions.ValidationError({"name": f"{name!r} is not a name that sketches are recognised as"})
    return fits.fitting(fits.names.index(name))
