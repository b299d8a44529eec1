"""JSON for large answers of plain values, by orjson, in a tenth of the standard library's time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import JSONRenderer


def json_of(value: Mapping[str, Any]) -> bytes:
    """Return the JSON of dicts with string keys, lists, strings, lazy strings, numbers, booleans and None."""
    return orjson.dumps(value, default=_lazy_text)


def _lazy_text(value: object) -> str:
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON-serialisable")


class QuickJSONRenderer(JSONRenderer):
    """A renderer for endpoints whose answers and problems consist of such values."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return json_of(data)
