"""Prices: `12.00 EUR`, `€ 1.299,00`, `1,299.00`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision, list_currencies

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import RowError

MAX_AMOUNT = Decimal(10) ** 10
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₺": "TRY",
    "₽": "RUB",
    "₩": "KRW",
    "zł": "PLN",
    "US$": "USD",
}
_KNOWN = frozenset(list_currencies())
_AMOUNT = re.compile(r"\d[\d.,'’\s]*\d|\d")


def currency_read(text: str, field: str = "currency") -> str:
    """Return an ISO 4217 code, or "" for an empty text."""
    code = _SIGNS.get(text.strip(), text.strip().upper())
    if code and code not in _KNOWN:
        raise RowError(
            field,
            gettext_noop("{text!r} is no currency; write its ISO 4217 code, such as EUR"),
            text=text[:20],
        )
    return code


def price_read(value: Any, currency: str = "", field: str = "price") -> tuple[Decimal, str] | None:
    """Return the amount and its currency, which may stand in the text or beside it; None if the text is empty."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise RowError(
            field, gettext_noop("{kind}, expected a price such as 12.50 EUR"), kind=type(value).__name__
        )
    text = str(value).strip()
    if not text:
        return None
    found = _AMOUNT.search(text)
    if found is None:
        raise RowError(field, gettext_noop("{text!r} is no price; write it as 12.50 EUR"), text=text[:40])
    before, after = text[: found.start()].strip(), text[found.end() :].strip(" .,-–—")
    if before.endswith(("-", "−")):
        raise RowError(field, gettext_noop("{text!r} is negative"), text=text[:40])
    sign = before or after
    if sign == "$" and not currency:
        raise RowError(
            field,
            gettext_noop("the $ of {text} may be of several countries; write {found} USD"),
            text=text[:40],
            found=found.group(),
        )
    written = currency_read(sign, field) if sign not in {"", "$"} else ""
    if before and after:
        raise RowError(field, gettext_noop("{text!r} is no price; write it as 12.50 EUR"), text=text[:40])
    code = written or currency
    if not code:
        raise RowError(
            field,
            gettext_noop("{text} has no currency; write {text_2} EUR, or give the feed's currency"),
            text=text[:40],
            text_2=text[:20],
        )
    amount = Decimal(str(value)) if isinstance(value, int | float) else _amount(found.group(), code, field)
    if amount >= MAX_AMOUNT:
        raise RowError(field, gettext_noop("{text} is above {max}"), text=text[:40], max=MAX_AMOUNT)
    return amount.quantize(Decimal("0.0001")), code


def _amount(text: str, code: str, field: str) -> Decimal:
    """Return a number with either mark for its decimals and either, a space or ' between its thousands."""
    digits = re.sub(r"['’\s]", "", text)
    marks = [mark for mark in ".," if mark in digits]
    if len(marks) == 2:
        decimal = max(marks, key=digits.rindex)
        digits = digits.replace(min(marks, key=digits.rindex), "").replace(decimal, ".")
    elif marks and (digits.count(marks[0]) > 1):
        digits = digits.replace(marks[0], "")
    elif marks:
        n_decimals = len(digits) - digits.index(marks[0]) - 1
        if n_decimals == 3 and get_currency_precision(code) < 3 and not digits.startswith("0"):
            plain = digits.replace(marks[0], "")
            raise RowError(
                field,
                gettext_noop("{text!r} may be {plain} or {found}; write the decimals: {plain}.00"),
                text=text,
                plain=plain,
                found=digits.replace(",", "."),
            )
        digits = digits.replace(marks[0], ".")
    if digits.count(".") > 1:
        raise RowError(field, gettext_noop("{text!r} is no number; write it as 1299.00"), text=text)
    return Decimal(digits)
