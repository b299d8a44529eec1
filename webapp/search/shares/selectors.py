"""Shared searches, as they are shown."""

from __future__ import annotations

from django.utils.translation import get_language

from ml.vocabulary.fit import vocabulary
from webapp.catalog.fits import name_label
from webapp.search.models import Share
from webapp.search.payloads import SharedPayload


def share_payload(share: Share) -> SharedPayload:
    """Return a share, read with its category; without a name that sketches are no longer recognised as."""
    name = share.name if share.name in vocabulary().names else None
    return {
        "id": share.pk,
        "sketch": share.sketch,
        "category": share.category.slug if share.category else None,
        "name": name,
        "label": name_label(name, get_language() or "en") if name else None,
        "by_shape": share.by_shape,
        "text": share.text,
    }
