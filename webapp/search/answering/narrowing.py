"""The gallery rows that a query is narrowed to: by category, by a recognised name and by words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rest_framework import exceptions

from ml.retrieval.name_prior import NameFits
from webapp.registry.releases.live import LiveRelease
from webapp.search.answering.recognition import rows_named
from webapp.search.cards import allowed_rows
from webapp.search.words import rows_matching

Rows = NDArray[np.bool_]


def rows_in_category(live: LiveRelease, slug: str | None) -> Rows | None:
    """Return which gallery rows, bool (N,), a category has; None for all. Raises ValidationError for an unknown one."""
    if not slug:
        return None
    allowed = allowed_rows(live, slug)
    if allowed is None:
        raise unknown_category(slug)
    return allowed


def narrowed(
    live: LiveRelease, fits: NameFits | None, *, category: str | None, name: str | None, text: str
) -> tuple[Rows | None, int | None]:
    """Return the rows to search, bool (N,) or None for all, and how many products match the text; None without text.

    Words that no product matches narrow nothing. Raises ValidationError for an unknown category or name.
    """
    allowed = rows_in_category(live, category)
    if name and fits is not None:
        allowed = _both(allowed, rows_named(name, fits))
    if not text.strip():
        return allowed, None
    matching, n_matching = rows_matching(text, live)
    return _both(allowed, matching) if n_matching else allowed, n_matching


def unknown_category(slug: str) -> exceptions.ValidationError:
    return exceptions.ValidationError({"category": f"{slug!r} is not a category of this catalogue"})


def _both(some: Rows | None, others: Rows) -> Rows:
    return others if some is None else some & others
