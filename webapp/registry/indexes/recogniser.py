"""The recogniser of this process, for searches and for the calibration of indexes."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import structlog
from django.conf import settings

from ml.errors import ModelError
from ml.serving.recogniser import Recogniser

log = structlog.get_logger(__name__)

FAILED = "failed"


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


def forget() -> None:
    """Load it again with the next call, for tests."""
    _load.cache_clear()


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
