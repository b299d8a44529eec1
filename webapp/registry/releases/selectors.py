"""Reads of releases."""

from __future__ import annotations

from webapp.registry.models import LivePointer, Release


def live_release() -> Release | None:
    """Return the release that the pointer names, with its model and index."""
    pointer = LivePointer.objects.select_related("release__index_build__model").filter(pk=1).first()
    return pointer.release if pointer else None
