"""Fits computed from a product's words, as they are stored: sparse and rounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from ml.vocabulary.concepts import Language
from ml.vocabulary.fit import ProductWords, Reason, vocabulary
from ml.vocabulary.tables import names_table

DECIMALS = 2  # equal fits share a row in memory


def product_words(
    *,
    name: str,
    category_en: str,
    category_de: str,
    attributes: Mapping[str, Any],
    within: Iterable[tuple[str, str]] = (),
    labels: Sequence[str] = (),
) -> ProductWords:
    """Return a product's words; a category has a name in a language if it is not empty.

    within: the names, in English and German, of what the category is within, the nearest first. labels: brand and tags.
    """
    above = tuple(_names(en, de) for en, de in within)
    return ProductWords(name, _names(category_en, category_de), attributes, above, labels)


def _names(en: str, de: str) -> dict[Language, str]:
    given: tuple[tuple[Language, str], ...] = (("en", en), ("de", de))
    return {language: text for language, text in given if text}


def computed_fits(words: ProductWords) -> dict[str, float]:
    """Return the fits of the names that a product answers: {"clock": 0.9}."""
    return {name: reason.fit for name, reason in computed_reasons(words).items()}


def computed_reasons(words: ProductWords) -> dict[str, Reason]:
    """Return the fits with the words that they come from, rounded as they are stored."""
    names = vocabulary().names
    return {
        names[index]: Reason(round(reason.fit, DECIMALS), reason.word, reason.source)
        for index, reason in sorted(vocabulary().reasons(words).items())
    }


def name_label(name: str, language: str) -> str:
    """Return a name in the language of a page."""
    return _labels("de" if language.startswith("de") else "en").get(name, name)


@cache
def _labels(language: Language) -> dict[str, str]:
    return {name.name: name.label(language) for name in names_table()}
