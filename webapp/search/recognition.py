"""What a sketch shows, in words: the answers of the recogniser against the live catalogue."""

from __future__ import annotations

import numpy as np
from django.utils.translation import get_language
from numpy.typing import NDArray
from rest_framework import exceptions

from ml.retrieval.name_prior import NameFits, NamePrior
from ml.serving.recogniser import Recognition
from webapp.catalog.fits import name_label
from webapp.registry.indexes.recogniser import recogniser
from webapp.search.payloads import RecognisedPayload

_LEAST_SHOWN = 0.03  # probability of a name that is offered


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
