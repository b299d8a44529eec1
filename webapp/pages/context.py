"""What every template knows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from webapp.registry.releases import live


def release(request: HttpRequest) -> dict[str, Any]:
    """`release`: the live release, false before the first; asked for only where a page shows it."""
    return {"release": SimpleLazyObject(live.current)}
