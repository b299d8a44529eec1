"""Availability, in the words of feeds, as yes or no, and as the number in stock."""

from __future__ import annotations

from typing import Any

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import RowError

IN_STOCK, OUT_OF_STOCK, PREORDER, BACKORDER = "in_stock", "out_of_stock", "preorder", "backorder"
BEST_FIRST = (IN_STOCK, PREORDER, BACKORDER, OUT_OF_STOCK, "")
_WORDS = {
    IN_STOCK: "instock available availablefordelivery limitedavailability yes true auflager lieferbar verfügbar "
    "sofortlieferbar ja wahr onlineonly instoreonly",
    OUT_OF_STOCK: "outofstock soldout unavailable notavailable discontinued no false ausverkauft nichtlieferbar "
    "nichtverfügbar nichtauflager nein falsch",
    PREORDER: "preorder presale vorbestellung vorbestellbar",
    BACKORDER: "backorder onbackorder notify nachbestellung nachlieferung",
}
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}


def availability_read(value: Any, field: str = "availability") -> str:
    """Return one of `BEST_FIRST`; "" if nothing is said."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return IN_STOCK if value else OUT_OF_STOCK
    if isinstance(value, int | float):
        return IN_STOCK if value > 0 else OUT_OF_STOCK
    text = str(value).strip().lower() if isinstance(value, str) else ""
    if not text and value == "":
        return ""
    word = "".join(c for c in text.rpartition("schema.org/")[2] if c.isalpha())
    if word in _MEANING:
        return _MEANING[word]
    try:
        return IN_STOCK if float(text.replace(",", ".")) > 0 else OUT_OF_STOCK
    except ValueError:
        raise RowError(
            field,
            gettext_noop("{text!r} is not known; write in_stock, out_of_stock, preorder or backorder"),
            text=str(value)[:40],
        ) from None
