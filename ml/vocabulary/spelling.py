"""Tokens, and the singular forms that a plural may come from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_PLAIN = str.maketrans({"ä": "a", "ö": "o", "ü": "u"})
_UMLAUTS = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"))
_ENGLISH = (
    ("ies", "y"),
    ("ves", "f"),
    ("ves", "fe"),
    ("men", "man"),
    ("ses", "s"),
    ("xes", "x"),
    ("zes", "z"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("s", ""),
    ("es", ""),
)
_GERMAN = ("", "en", "er", "n", "e", "s", "ern", "nen", "se")
_SHORTEST = 3


def tokens(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation; hyphens separate."""
    return [token.replace("’", "'") for token in _TOKEN.findall(unicodedata.normalize("NFC", text).lower())]


def spaced(word: str) -> str:
    """Return the key of a dictionary's word: lower case, one space for hyphens and underscores, no accents."""
    return plain(" ".join(re.split(r"[\s_-]+", word.strip().lower())))


def plain(word: str) -> str:
    """Return a word without accents: `café` -> `cafe`."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def folded(word: str) -> str:
    """Return a German word as typed without umlauts: `Küche` -> `kueche`."""
    return plain(" ".join(re.split(r"[\s_-]+", word.strip().lower())).translate(_FOLDED))


def english_forms(word: str) -> Iterator[str]:
    """Yield a word and what it may be the plural of, likeliest first."""
    word = plain(word)
    yield word
    if word.endswith(("'s", "s'")):
        yield word[:-2]
    for ending, singular in _ENGLISH:
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) + len(singular) >= 2:
            yield word[: len(word) - len(ending)] + singular


def german_forms(word: str) -> Iterator[str]:
    """Yield, folded, a word and what it may be the plural or another case of, likeliest first."""
    spellings = [word]
    for typed, umlaut in _UMLAUTS:
        if typed in word:
            spellings.append(word.replace(typed, umlaut))
    stems = [
        spelling[: len(spelling) - len(ending)]
        for spelling in spellings
        for ending in _GERMAN
        if spelling.endswith(ending) and len(spelling) - len(ending) >= _SHORTEST
    ]
    yield from map(folded, stems)
    for stem in stems:
        if (bare := stem.translate(_PLAIN)) != stem:
            yield folded(bare)
    if word.endswith("innen"):
        yield folded(word[:-3])
