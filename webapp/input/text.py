"""Texts and numbers that no store can hold."""

from __future__ import annotations

from ml.errors import SketchfindError

BIGGEST_INTEGER = 2**63 - 1  # of both databases


class InputError(SketchfindError):
    """Input that is refused whatever it was meant for."""


def text_fault(text: str) -> str:
    """Why a text can be neither stored nor sent; empty where it can.

    PostgreSQL stores no NUL, and nothing encodes half of a surrogate pair.
    """
    if "\0" in text:
        return "the character U+0000 is not allowed"
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return "half of a surrogate pair is not a character"
    return ""
