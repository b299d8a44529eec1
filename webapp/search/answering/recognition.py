"""What a sketch shows, in words: the answers of the recogniser against the live catalogue."""

from __future__ import annotations

import numpy as np
from django.utils.translation import get_language
from numpy.typing import NDArray
from rest_framework import exceptions

from ml.retrieval.name_prior import NameFits, NamePrior
from ml.serving.recogniser import Recogniser, Recognition
from webapp.catalog.fits import name_label
from webapp.registry.indexes.recogniser import recogniser
from webapp.search.answering.question import Question
from webapp.search.payloads import RecognisedPayload

_LEAST_SHOWN = 0.03  # probability of a name that is offered


def name_prior(recognition: Recognition, fits: NameFits, weight: float) -> NamePrior:
    """Return how a recognised sketch ranks the products of a gallery."""
    known = recogniser()
    assert known is not None
    found = fits.aligned(known.names, recognition.probabilities)
    return fits.prior(found, weight, other=recognition.other)


def recogniser_for(question: Question) -> Recogniser | None:
    """Return the recogniser for a drawing; None if names are not recognised, or the drawing is only a mark."""
    return None if question.fits is None or question.is_mark else recogniser()


def offered(recognition: Recognition | None, fits: NameFits, *, is_mark: bool) -> RecognisedPayload | None:
    """Return the names to offer, in the active language, best first; none if the drawing shows nothing known.

    None if names are not recognised.
    """
    known = recogniser()
    if known is None:
        return None
    if recognition is None:
        return {"sure": False, "names": []} if is_mark else None
    language = get_language() or "en"
    place = {name: number for number, name in enumerate(fits.names)}
    likely = [(name, chance) for name, chance in known.offered(recognition) if chance >= _LEAST_SHOWN]
    return {
        "sure": recognition.sure,
        "names": [
            {
                "name": name,
                "label": name_label(name, language),
                "probability": round(chance, 4),
                "n_products": fits.n_products(place[name]) if name in place else 0,
            }
            for name, chance in likely
        ],
    }


def rows_named(name: str, fits: NameFits) -> NDArray[np.bool_]:
    """Return which gallery rows, bool (N,), are what a name means. Raises ValidationError for an unknown name."""
    if name not in fits.names:
        raise unknown_name(name)
    return fits.fitting(fits.names.index(name))


def unknown_name(name: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({"name": f"{name!r} is not a name that sketches are recognised as"})
