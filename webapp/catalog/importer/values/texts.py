"""Texts of a row: on one line, in Unicode's composed form, without control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.values.markup import one_line, plain_text
from webapp.input.text import composed

MAX_DESCRIPTION, MAX_TAGS, MAX_TAG = 10_000, 50, 80
MAX_SOURCE = 1_000_000  # characters that are read at all, with markup
Warned = list[tuple[str, str]]  # field, why


def text_read(value: Any, name: str, max_length: int, *, required: bool = False) -> str:
    """Return a text without HTML; "" for None. Raises RowError naming the field if it is too long or no text."""
    if value is None:
        value = ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(name, f"{type(value).__name__}, expected a text")
    text = text_composed(one_line(_bounded(str(value), name)), name)
    if required and not text:
        raise RowError(name, "missing")
    if len(text) > max_length:
        raise RowError(name, f"{len(text)} characters, at most {max_length}")
    _check_characters(name, text)
    return text


def text_composed(text: str, name: str) -> str:
    """Return a text in Unicode's composed form. Raises RowError naming the field."""
    try:
        return composed(text)
    except ValueError as error:
        raise RowError(name, str(error)) from error


def _bounded(text: str, name: str) -> str:
    if len(text) > MAX_SOURCE:
        raise RowError(name, f"{len(text)} characters with its markup, at most {MAX_SOURCE}")
    return text


def _check_characters(name: str, text: str) -> None:
    for character in text:
        if character != "\n" and unicodedata.category(character) in {"Cc", "Cs"}:
            raise RowError(name, f"control character U+{ord(character):04X}; remove it")


def text_reader(name: str, max_length: int, *, required: bool = False) -> Callable[[Any], str]:
    """Return `text_read` for a field."""
    return lambda value: text_read(value, name, max_length, required=required)


def description_read(value: Any, warnings: Warned) -> str:
    """Return a text of several lines without HTML; a longer one is cut."""
    if not isinstance(value, str | None):
        raise RowError("description", f"{type(value).__name__}, expected a text")
    text = text_composed(plain_text(_bounded(value or "", "description")), "description")
    _check_characters("description", text)
    if len(text) > MAX_DESCRIPTION:
        warnings.append(("description", f"{len(text)} characters; the first {MAX_DESCRIPTION} are kept"))
    return text[:MAX_DESCRIPTION]


def tags_read(value: Any, warnings: Warned) -> tuple[str, ...]:
    """Return the tags of texts with commas, or of lists, each once."""
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str | None) for text in texts):
        raise RowError("tags", "expected words, separated by commas, or a list of texts")
    parts = [part for text in texts if text for part in re.split(r"[,|;\n]", text)]
    tags = list(dict.fromkeys(tag for part in parts if (tag := text_read(part, "tags", 10_000))))
    kept = tuple(tag for tag in tags if len(tag) <= MAX_TAG)[:MAX_TAGS]
    if len(kept) < len(tags):
        warnings.append(
            ("tags", f"{len(tags) - len(kept)} left out: at most {MAX_TAGS} of {MAX_TAG} characters")
        )
    return kept


_YES = {"1", "true", "yes", "ja", "wahr", "active", "published", "publish"}
_NO = {"0", "-1", "false", "no", "nein", "falsch", "draft", "archived", "unlisted", "private"}


def active_read(value: Any) -> bool:
    """Return whether a product is on sale: if every column that says so does."""
    result = True
    for each in value if isinstance(value, list) else [value]:
        if each is None or each == "" or each is True:
            continue
        word = str(each).strip().lower()
        if word in _NO:
            result = False
        elif word not in _YES:
            raise RowError("active", f"{word[:20]!r} is neither true nor false")
    return result
