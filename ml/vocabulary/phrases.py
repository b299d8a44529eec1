"""What a product's text is about: the head of a phrase names the thing, other words only describe it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ml.vocabulary.concepts import LONGEST_WORD, Concepts, Language, Meaning
from ml.vocabulary.spelling import tokens

_CLAUSES = re.compile(r"[,;:|/()\[\]<>›»→]|\s[-–—]\s")
_AND = {"and", "und", "or", "oder", "sowie"}
_OF = {"of"}
_PREPOSITIONS = {
    *(
        "with",
        "in",
        "for",
        "on",
        "from",
        "by",
        "without",
        "made",
        "to",
        "at",
        "under",
        "over",
        "made",
        "featuring",
    ),
    *(
        "mit",
        "aus",
        "für",
        "auf",
        "von",
        "vom",
        "ohne",
        "im",
        "zum",
        "zur",
        "an",
        "am",
        "fuer",
        "zu",
        "bei",
        "nach",
    ),
}
_GERMAN_WORDS = {
    "der",
    "die",
    "das",
    "ein",
    "eine",
    "mit",
    "aus",
    "für",
    "und",
    "im",
    "zum",
    "zur",
    "von",
    "ohne",
}
_ENGLISH_WORDS = {"the", "a", "with", "of", "and", "for", "from", "on", "by"}
MAX_TEXT = 300  # characters of a text that are read


@dataclass(frozen=True)
class Noun:
    """A noun of a text: as written, without plural, and what it may mean."""

    text: str
    meaning: Meaning


@dataclass(frozen=True)
class Phrase:
    """`things` from the last to the first: the first of them is the head. The other words only describe it.

    `described` are materials, and what follows a preposition.
    """

    things: tuple[Noun, ...] = ()
    described: tuple[Noun, ...] = ()


def language_of(text: str, vocabulary: Concepts) -> Language | None:
    """Return the language that more of a text's words belong to; None if neither has more."""
    if re.search("[äöüßÄÖÜ]", text):
        return "de"
    german = english = 0
    for token in (each for each in tokens(text[:MAX_TEXT]) if len(each) > 1 and not each.isdigit()):
        in_german, in_english = (bool(vocabulary.meaning(token, language)) for language in ("de", "en"))
        if not in_german and not in_english:
            in_german = vocabulary.compound(token, "de") is not None
            in_english = not in_german and vocabulary.compound(token, "en") is not None
        german += 2 * (token in _GERMAN_WORDS) + in_german
        english += 2 * (token in _ENGLISH_WORDS) + in_english
    return "de" if german > english else "en" if english > german else None


def phrases(text: str, language: Language, vocabulary: Concepts) -> list[list[Phrase]]:
    """Return the clauses of a text, each as its coordinate phrases: `Watches, bags and hats` has two clauses.

    A phrase without a known noun has none; what it stood for is unknown.
    """
    clauses = []
    for clause in _CLAUSES.split(text[:MAX_TEXT]):
        if words := [token for token in tokens(clause) if not vocabulary.is_number(token)]:
            clauses.append([_phrase(part, language, vocabulary) for part in _coordinates(words)])
    return clauses


def _coordinates(words: list[str]) -> Iterable[list[str]]:
    """Split at `and`; after a preposition everything belongs to the last part."""
    part: list[str] = []
    for index, word in enumerate(words):
        if word in _PREPOSITIONS and part:
            yield part + words[index:]
            return
        if word in _AND:
            if part:
                yield part
            part = []
        else:
            part.append(word)
    if part:
        yield part


def _phrase(words: list[str], language: Language, vocabulary: Concepts) -> Phrase:
    cut = next((i for i, word in enumerate(words) if i and word in _PREPOSITIONS | _OF), len(words))
    cut = _word_across(words, cut, language, vocabulary)
    head, rest = words[:cut], words[cut + 1 :]
    if cut < len(words) and words[cut] in _OF and vocabulary.is_portion(head[-1]):
        return _phrase(rest, language, vocabulary) if rest else Phrase()
    # A single word such as square may be what the product is, besides how it looks.
    told = _nouns if len(words) == 1 else _nouns_that_name
    nouns, other = told(head, language, vocabulary), _nouns_that_name(rest, language, vocabulary)
    return Phrase(nouns.things, (*nouns.described, *other.things, *other.described))


def _word_across(words: list[str], cut: int, language: Language, vocabulary: Concepts) -> int:
    """Return the end of a word of the dictionary that contains the preposition at `cut`; `cut` if there is none."""
    for start in range(max(0, cut - LONGEST_WORD), cut):
        for end in range(min(len(words), start + LONGEST_WORD), cut + 1, -1):
            if vocabulary.meaning(" ".join(words[start:end]), language):
                return end
    return cut


def _nouns_that_name(words: list[str], language: Language, vocabulary: Concepts) -> Phrase:
    """Return `_nouns` without those that only describe, such as burgundy."""
    nouns = _nouns(words, language, vocabulary)
    return Phrase(
        tuple(noun for noun in nouns.things if not vocabulary.is_description(noun.text)),
        tuple(noun for noun in nouns.described if not vocabulary.is_description(noun.text)),
    )


def _nouns(words: list[str], language: Language, vocabulary: Concepts) -> Phrase:
    """Return the known nouns from the last to the first; materials describe."""
    things, materials = [], []
    end = len(words)
    while end:
        found, size = _noun_before(words, end, language, vocabulary)
        for noun in found:
            if vocabulary.is_material(noun.meaning):
                materials.append(noun)
            else:
                things.append(noun)
        end -= size
    return Phrase(tuple(things), tuple(materials))


def _noun_before(
    words: list[str], end: int, language: Language, vocabulary: Concepts
) -> tuple[list[Noun], int]:
    """Return the longest noun that ends before `end`, with the parts of a compound, and its tokens."""
    for size in range(min(LONGEST_WORD, end), 0, -1):
        part = words[end - size : end]
        for text in (" ".join(part), "".join(part)) if size > 1 else part:
            if len(text) < 2:
                continue
            if meaning := vocabulary.meaning(text, language):
                return [Noun(" ".join(part), meaning)], size
    last = vocabulary.compound(words[end - 1], language)
    if last is None:
        return [], 1
    text, meaning, first = last
    before, _ = _noun_before([first], 1, language, vocabulary) if language == "en" else ([], 1)
    return [Noun(words[end - 1], meaning), *before], 1
