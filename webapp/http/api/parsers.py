"""Parsers of request bodies: JSON and forms, bounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from webapp.input.forms import form_check
from webapp.input.parsing import parse_json


class PayloadTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class BoundedJSONParser(BaseParser):
    """JSON of at most `JSON_MAX_BYTES`, or of the view's own `json_max_bytes`.

    Within the bounds of `webapp.input.parsing`.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        view = (parser_context or {}).get("view")
        most = min(settings.JSON_MAX_BYTES, getattr(view, "json_max_bytes", settings.JSON_MAX_BYTES))
        data = stream.read(most + 1)
        if len(data) > most:
            raise PayloadTooLarge(f"body: more than {most} bytes")
        return parse_json(data)


class BoundedMultiPartParser(MultiPartParser):
    """Forms with files, whose field names, values and file names can be stored."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        parsed = super().parse(stream, media_type, parser_context)
        form_check(parsed.data, parsed.files)
        return parsed
