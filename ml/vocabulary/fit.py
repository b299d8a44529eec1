"""`fit`: the chance that somebody who draws a name would accept a product, from the product's words alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.vocabulary.concepts import Concepts, Language, Meaning, concepts
from ml.vocabulary.phrases import Noun, language_of, phrases
from ml.vocabulary.relations import Relations, Weights
from ml.vocabulary.spelling import tokens

VERSION = 1  # increases whenever the same words may get another fit
TYPE_ATTRIBUTES = ("type", "product_type", "kind", "subcategory", "typ", "art", "produktart", "warengruppe")
LEAST_FIT = 0.02


@dataclass(frozen=True)
class ProductWords:
    """What a shop says of a product; `category` holds the category's name in each language that has one.

    within: the names of what the category is within, the nearest first. They count if its own say nothing. labels: words
    by which it is found, but which do not say what it is, such as its brand and its tags.
    """

    name: str
    category: Mapping[Language, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    within: Sequence[Mapping[Language, str]] = ()
    labels: Sequence[str] = ()


@dataclass(frozen=True)
class Reason:
    """A fit and where it comes from: the word, and whether that stands in the name, a type or the category."""

    fit: float
    word: str
    source: str  # "name", "type" or "category"


@dataclass(frozen=True)
class _Said:
    """Nouns of a text with the weight of each; `head` is the meaning of what the text is about."""

    nouns: tuple[tuple[Noun, float], ...]
    head: Meaning


class Vocabulary:
    """Computes fits. Remembers words, so that a catalogue of 100,000 products takes seconds."""

    def __init__(self, concepts: Concepts, weights: Weights | None = None) -> None:
        self.concepts = concepts
        self.weights = weights or Weights()
        self.relations = Relations(concepts, self.weights)
        self.names = tuple(name.name for name in concepts.names)
        self._name = lru_cache(maxsize=8)(self._read_name)  # asked for twice
        self._categories: dict[tuple[tuple[Language, str], ...], _Said] = {}

    def fit(self, words: ProductWords) -> NDArray[np.float32]:
        """Return the fit of each name, float32 (n_names,) in [0, 1], in the order of `names`."""
        fits = np.zeros(len(self.names), dtype=np.float32)
        for index, reason in self.reasons(words).items():
            fits[index] = reason.fit
        return fits

    def reasons(self, words: ProductWords) -> dict[int, Reason]:
        """Return the fits that are not 0, by index of the name, each with the word that it comes from."""
        category, hint = self._shelf(words), _only_language(words)
        types = [
            self._name(str(words.attributes[key]), category.head, hint)
            for key in TYPE_ATTRIBUTES
            if isinstance(words.attributes.get(key), str)
        ]
        name = self._name(words.name, category.head, hint)
        weights, found = self.weights, dict[int, Reason]()
        said = name.head or next((each.head for each in types if each.head), ())
        agree = not category.head or self.related(said, category.head)
        own = 1.0 if agree else weights.name_apart
        for source, each in (("name", name), *(("type", each) for each in types)):
            self._collect(found, each, own, source, category.head)
        besides = weights.category_besides if agree else weights.category_apart
        self._collect(found, category, besides if said else weights.category_instead, "category", ())
        return {index: reason for index, reason in found.items() if reason.fit >= LEAST_FIT}

    def heads(self, words: ProductWords) -> list[Meaning]:
        """Return what the product's name and category say that it is, in the senses that go together."""
        category = self._shelf(words)
        name = self._name(words.name, category.head, _only_language(words))
        meant = [self._in_context(name.head, category.head)]
        return [*meant, category.head] if self.telling_categories(words) else meant

    def telling_categories(self, words: ProductWords) -> list[str]:
        """Return the category's names, unless they list several things and the product's name tells which it is."""
        category = self._category(words.category)
        several = any(weight < 1 for _, weight in category.nouns)
        return (
            []
            if several and self._name(words.name, category.head, _only_language(words)).head
            else list(words.category.values())
        )

    def related(self, one: Meaning, other: Meaning) -> bool:
        """Return whether any concepts of two meanings have to do with each other."""
        return any(self.relations.alike(a, b) > 0 for a, _ in one for b, _ in other)

    def _collect(
        self, found: dict[int, Reason], said: _Said, weight: float, source: str, context: Meaning
    ) -> None:
        for noun, share in said.nouns:
            fits: dict[int, float] = {}
            for concept, probability in self._in_context(noun.meaning, context):
                for name, fit in self.relations.names_of(concept).items():
                    fits[name] = fits.get(name, 0.0) + probability * fit
            for name, fit in fits.items():
                total = min(1.0, weight * share * fit)
                if name not in found or total > found[name].fit:
                    found[name] = Reason(total, noun.text, source)

    def _in_context(self, meaning: Meaning, context: Meaning) -> Meaning:
        """Weight the senses of a word by how much they have to do with its category."""
        if not context or len(meaning) == 1:
            return meaning
        weighted = [
            (
                concept,
                share
                * (self.weights.context + max(self.relations.alike(concept, other) for other, _ in context)),
            )
            for concept, share in meaning
        ]
        total = sum(share for _, share in weighted)
        return tuple((concept, share / total) for concept, share in weighted)

    def _read_name(self, text: str, context: Meaning, hint: Language | None) -> _Said:
        """Read a name in its language, or in both if it may be either: then the second counts less."""
        language = language_of(text, self.concepts)
        if language:
            return self._read(text, language, context)
        languages: tuple[Language, Language] = ("de", "en") if hint == "de" else ("en", "de")
        first, second = (self._read(text, each, context) for each in languages)
        less = tuple((noun, weight * self.weights.second_language) for noun, weight in second.nouns)
        return _Said((*first.nouns, *less), first.head or second.head)

    def _read(self, text: str, language: Language, context: Meaning) -> _Said:
        """Read a name: the first clause that has a thing says what it is."""
        nouns: list[tuple[Noun, float]] = []
        head: Meaning = ()
        for clause in phrases(text, language, self.concepts):
            for phrase in clause:
                first = 1.0 if not head else self.weights.complement
                for position, noun in enumerate(self._ordered(phrase.things, context)):
                    nouns.append((noun, first if position == 0 else self.weights.modifier))
                    head = head or noun.meaning
                nouns += [(noun, self.weights.complement) for noun in phrase.described]
        return _Said(tuple(nouns), head)

    def _ordered(self, nouns: Sequence[Noun], context: Meaning) -> Sequence[Noun]:
        """Put first the last noun that has to do with the category, if any has: names of models often follow."""
        if context:
            for noun in nouns:
                if self.related(noun.meaning, context):
                    return [noun, *(each for each in nouns if each is not noun)]
        return nouns

    def _shelf(self, words: ProductWords) -> _Said:
        """Return what the category says, or else the nearest that it is within and that says anything."""
        own = self._category(words.category)
        above = (self._category(names) for names in words.within)
        return own if own.nouns else next((said for said in above if said.nouns), own)

    def _category(self, names: Mapping[Language, str]) -> _Said:
        key = tuple(sorted(names.items()))
        if key not in self._categories:
            self._categories[key] = self._read_category(names)
        return self._categories[key]

    def _read_category(self, names: Mapping[Language, str]) -> _Said:
        """Read a category's names. Each of its k things is what a product may be, so that it weighs 1 / sqrt(k)."""
        nouns: list[tuple[Noun, float]] = []
        for language, text in names.items():
            steps = [step for step in text.replace("/", ">").split(">") if step.strip()]
            for step in reversed(steps):  # the last step of a path says most
                parts = [phrase for clause in phrases(step, language, self.concepts) for phrase in clause]
                said = [p.things[0] for p in parts if p.things and not self._department(p.things[0])]
                nouns += [(noun, len(parts) ** -0.5) for noun in said]
                if said:
                    break
        head: dict[int, float] = {}
        for noun, _ in nouns:
            for concept, share in noun.meaning:
                head[concept] = max(head.get(concept, 0.0), share)
        return _Said(tuple(nouns), tuple(head.items()))

    def _department(self, noun: Noun) -> bool:
        return all(self.concepts.is_department(word) for word in tokens(noun.text))


def _only_language(words: ProductWords) -> Language | None:
    """Return the language of the category if it has a name in one only."""
    return next(iter(words.category)) if len(words.category) == 1 else None


@cache
def vocabulary() -> Vocabulary:
    """Return the shipped vocabulary, read on first use (0.2 s)."""
    return Vocabulary(concepts())
