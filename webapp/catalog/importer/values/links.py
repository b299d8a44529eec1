"""Addresses: of a product's page, and of pictures."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from ml.errors import gettext_noop
from webapp.catalog.fetching.targets import is_url
from webapp.catalog.importer.findings import RowError
from webapp.input.hosts import host_read

MAX_LINK = 2_000
MAX_IMAGES = 30
MAX_CELL = MAX_IMAGES * (MAX_LINK + 10)
_ADDRESS = re.compile(r"(?:(?<=[\s,;|])|\A)https?://", re.IGNORECASE)
_A_PICTURE = re.compile(r"(?i)[^<>\"]+\.(?:jpe?g|png|webp|gif|avif|heic|tiff?|bmp)\Z")
_ADDRESS_KEYS = ("src", "url", "href", "link", "image", "original", "file", "photo", "path")


def link_read(text: str, field: str = "link") -> str:
    """Return an http(s) address; "" for an empty text."""
    text = text.strip()
    if not text:
        return ""
    if len(text) > MAX_LINK:
        raise RowError(field, gettext_noop("{n} characters, at most {max}"), n=len(text), max=MAX_LINK)
    try:
        parts = urlsplit(text)
        usable = is_url(text) and parts.port != 0 and bool(host_read(parts.hostname or ""))
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f\x7f<>\"\\]", text):
        raise RowError(
            field,
            gettext_noop("{text!r} is no address; it must start with https:// or http://"),
            text=text[:60],
        )
    return text


def images_read(value: Any, field: str = "images") -> list[str]:
    """Return the references of a cell, list or nested object, in order, each once.

    Addresses are judged one by one when the pictures are loaded, so that a wrong one costs a picture, not the row.
    """
    found = [text for text in _references(value, field) if text]
    for reference in found:
        if not is_url(reference) and len(reference) > 300:
            raise RowError(field, gettext_noop("{n} characters, at most 300"), n=len(reference))
    return list(dict.fromkeys(found))


def _references(value: Any, field: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        if len(value) > MAX_CELL:
            raise RowError(field, gettext_noop("{n} characters, at most {max}"), n=len(value), max=MAX_CELL)
        return _split(value.strip())
    if isinstance(value, list):
        return [text for each in value for text in _references(each, field)]
    if isinstance(value, dict):
        for key in _ADDRESS_KEYS:
            if value.get(key):
                return _references(value[key], field)
        if not value:
            return []
    raise RowError(
        field,
        gettext_noop("{kind}, expected the name or address of a picture"),
        kind=type(value).__name__,
    )


def _split(text: str) -> list[str]:
    starts = [match.start() for match in _ADDRESS.finditer(text)]
    if starts:
        pairs = zip([0, *starts], [*starts, len(text)], strict=True)
        return [text[start:end].strip(" \t\r\n,;|") for start, end in pairs]
    parts = [part.strip() for part in re.split("[,;|]", text)]
    return parts if all(map(_A_PICTURE.match, parts)) else [text]
