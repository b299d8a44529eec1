"""Detect texts and numbers that cannot be stored."""

from __future__ import annotations

import unicodedata

from ml.errors import SketchfindError, gettext_noop

BIGGEST_INTEGER = 2**63 - 1  # of both databases
MAX_MARKS = 30  # on one letter, as in Unicode's stream-safe texts


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


def composed(text: str) -> str:
    """Return a text in Unicode's composed form, NFC.

    Raises ValueError for a letter with more than `MAX_MARKS` combining marks: to sort many takes very long.
    """
    n_marks = 0
    for character in "" if text.isascii() else text:
        n_marks = n_marks + 1 if unicodedata.combining(character) else 0
        if n_marks > MAX_MARKS:
            raise ValueError(f"more than {MAX_MARKS} combining marks on one letter")
    return unicodedata.normalize("NFC", text)
