"""Global trade item numbers: EAN-8, UPC-A, EAN-13 and ISBN-13, GTIN-14, with their check digit."""

from __future__ import annotations

import re

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import RowError

LENGTHS = {8, 12, 13, 14}


def gtin_read(text: str, field: str = "gtin") -> str:
    """Return the digits; "" for an empty text. Raises RowError if they are no GTIN."""
    digits = re.sub(r"[\s'-]", "", text)
    if not digits:
        return ""
    if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+?\d+", digits):
        raise RowError(
            field,
            gettext_noop("{text} was shortened by a spreadsheet; format the column as text"),
            text=text[:20],
        )
    if not digits.isascii() or not digits.isdigit() or len(digits) not in LENGTHS:
        raise RowError(field, gettext_noop("{text!r} has not 8, 12, 13 or 14 digits"), text=text[:20])
    if check_digit(digits[:-1]) != int(digits[-1]):
        right = f"{digits[:-1]}{check_digit(digits[:-1])}"
        raise RowError(
            field,
            gettext_noop("{digits} has a wrong check digit; {right} would be right"),
            digits=digits,
            right=right,
        )
    return digits


def check_digit(digits: str) -> int:
    """Return the check digit that follows: weights 3, 1, 3, ... from the right, up to a multiple of ten."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10
