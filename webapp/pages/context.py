"""Context processors."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from webapp.registry.releases import live


def release(request: HttpRequest) -> dict[str, Any]:
    """Return `release`: the live release, false before the first; queried only if a page shows it."""
    return {"release": SimpleLazyObject(live.current)}
