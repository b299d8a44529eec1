"""Detect texts and numbers that cannot be stored."""

from __future__ import annotations

from ml.errors import SketchfindError, gettext_noop

BIGGEST_INTEGER = 2**63 - 1  # of both databases


class InputError(SketchfindError):
    """Input is invalid, whatever it is meant for."""


def text_fault(text: str) -> str:
    """Return why a text can be neither stored nor sent; empty if it can.

    PostgreSQL cannot store NUL, and no encoding represents a lone surrogate.
    """
    if "\0" in text:
        return gettext_noop("the character U+0000 is not allowed")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return gettext_noop("a lone surrogate is not a character")
    return ""
