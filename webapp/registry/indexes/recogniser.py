"""The recogniser of this process, for searches and for the calibration of indexes."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from ml.serving.recogniser import Recogniser


@cache
def recogniser() -> Recogniser | None:
    """Return the recogniser, loaded once; None if the site runs without one. Raises ModelError."""
    return Recogniser.load(settings.RECOGNISER_DIR) if settings.RECOGNISER_DIR else None
