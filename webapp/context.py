"""What every template knows."""

from typing import Any

from django.http import HttpRequest

from webapp.registry import live


def release(request: HttpRequest) -> dict[str, Any]:
    """`release`: the live release, or None before the first is promoted."""
    return {"release": live.current()}
