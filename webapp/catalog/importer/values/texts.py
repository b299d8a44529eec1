"""Texts of a row: on one line, in Unicode's composed form, without control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.values.markup import one_line, plain_text
from webapp.input.text import MAX_MARKS, composed

MAX_DESCRIPTION, MAX_TAGS, MAX_TAG = 10_000, 50, 80
MAX_SOURCE = 1_000_000  # characters that are read at all, with markup
Warned = list[RowError]


def text_read(value: Any, name: str, max_length: int, *, required: bool = False) -> str:
    """Return a text without HTML; "" for None. Raises RowError naming the field if it is too long or no text."""
    if value is None:
        value = ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(name, gettext_noop("{kind}, expected a text"), kind=type(value).__name__)
    text = text_composed(one_line(_bounded(str(value), name)), name)
    if required and not text:
        raise RowError(name, gettext_noop("missing"))
    if len(text) > max_length:
        raise RowError(name, gettext_noop("{n} characters, at most {max}"), n=len(text), max=max_length)
    _check_characters(name, text)
    return text


def text_composed(text: str, name: str) -> str:
    """Return a text in Unicode's composed form. Raises RowError naming the field."""
    try:
        return composed(text)
    except ValueError as error:
        raise RowError(
            name, gettext_noop("more than {max} combining marks on one letter"), max=MAX_MARKS
        ) from error


def _bounded(text: str, name: str) -> str:
    if len(text) > MAX_SOURCE:
        raise RowError(
            name,
            gettext_noop("{n} characters with its markup, at most {max}"),
            n=len(text),
            max=MAX_SOURCE,
        )
    return text


def _check_characters(name: str, text: str) -> None:
    for character in text:
        if character != "\n" and unicodedata.category(character) in {"Cc", "Cs"}:
            raise RowError(
                name, gettext_noop("control character U+{code:04X}; remove it"), code=ord(character)
            )


def text_reader(name: str, max_length: int, *, required: bool = False) -> Callable[[Any], str]:
    """Return `text_read` for a field."""
    return lambda value: text_read(value, name, max_length, required=required)


def description_read(value: Any, warnings: Warned) -> str:
    """Return a text of several lines without HTML; a longer one is cut."""
    if not isinstance(value, str | None):
        raise RowError("description", gettext_noop("{kind}, expected a text"), kind=type(value).__name__)
    text = text_composed(plain_text(_bounded(value or "", "description")), "description")
    _check_characters("description", text)
    if len(text) > MAX_DESCRIPTION:
        warnings.append(
            RowError(
                "description",
                gettext_noop("{n} characters; the first {max} are kept"),
                n=len(text),
                max=MAX_DESCRIPTION,
            )
        )
    return text[:MAX_DESCRIPTION]


def tags_read(value: Any, warnings: Warned) -> tuple[str, ...]:
    """Return the tags of texts with commas, or of lists, each once."""
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str | None) for text in texts):
        raise RowError("tags", gettext_noop("expected words, separated by commas, or a list of texts"))
    parts = [part for text in texts if text for part in re.split(r"[,|;\n]", text)]
    tags = list(dict.fromkeys(tag for part in parts if (tag := text_read(part, "tags", 10_000))))
    kept = tuple(tag for tag in tags if len(tag) <= MAX_TAG)[:MAX_TAGS]
    if len(kept) < len(tags):
        warnings.append(
            RowError(
                "tags",
                gettext_noop("{n} left out: at most {max} of {characters} characters"),
                n=len(tags) - len(kept),
                max=MAX_TAGS,
                characters=MAX_TAG,
            )
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
            raise RowError("active", gettext_noop("{word!r} is neither true nor false"), word=word[:20])
    return result
