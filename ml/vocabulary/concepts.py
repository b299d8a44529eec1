"""From a word to what it may mean: a concept is a synset of WordNet, or a name that WordNet lacks."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, cached_property, lru_cache
from typing import Literal

from ml.vocabulary.lexicon import Lexicon, lexicon
from ml.vocabulary.spelling import english_forms, folded, german_forms, spaced
from ml.vocabulary.tables import Name, Words, names_table, parse_sense, words_table

Language = Literal["en", "de"]
Meaning = tuple[tuple[int, float], ...]  # concepts with their probabilities, which add up to 1

OWN_WORD = 0.8  # probability that a word of the tables has the meaning of the table, not one of WordNet
LONGEST_WORD = 5  # in tokens
MIN_LAST_PART = 4  # letters of a compound's last part, or 3 after a word that is known
MIN_FIRST_PART = 2
_LINKS = ("", "s", "n", "en", "es", "er", "e")


class Concepts:
    """The meanings of words in both languages.

    Concepts below `lexicon.n_synsets` are synsets; the others are names in the order of the table.
    """

    def __init__(self, lexicon: Lexicon, names: tuple[Name, ...], words: Words) -> None:
        self.lexicon = lexicon
        self.names = names
        self._own_parents: dict[int, list[int]] = {}
        english: dict[str, dict[int, float]] = defaultdict(dict)
        german: dict[str, dict[int, float]] = defaultdict(dict)
        self.targets = [self._name(index, name, english, german) for index, name in enumerate(names)]
        self._drawn = {concept for targets in self.targets for concept in targets}
        for word, meant in words.en.items():
            english[spaced(word)].update(self._meant(meant))
        for word, meant in words.de.items():
            german[folded(word)].update(self._meant(meant))
        self._english = {word: _normalised(found) for word, found in english.items()}
        self._german = {word: _normalised(found) for word, found in german.items()}
        self._departments = {form for word in words.departments for form in (spaced(word), folded(word))}
        self._portions = {form for word in words.portions for form in (spaced(word), folded(word))}
        self._descriptions = {form for word in words.descriptions for form in (spaced(word), folded(word))}
        self._numbers = {form for word in words.numbers for form in (word, folded(word))}
        self.meaning = lru_cache(maxsize=50_000)(self._meaning)
        self.compound = lru_cache(maxsize=50_000)(self._compound)
        self.ancestors = lru_cache(maxsize=50_000)(self._ancestors)

    def similar(self, text: str) -> Meaning:
        """Return what a similar word of the table of names means."""
        word, number = parse_sense(text)
        return self._english_meaning(spaced(word)) if not number else tuple(self._meant(text).items())

    def parents(self, concept: int) -> list[int]:
        """Return the concepts of which a concept is directly a kind."""
        own = self._own_parents.get(concept)
        return own if own is not None else self.lexicon.hypernyms(concept)

    def _ancestors(self, concept: int) -> dict[int, int]:
        """Return a concept and all that it is a kind of, each with the number of steps to it."""
        steps, level = {concept: 0}, [concept]
        while level:
            above = {parent for each in level for parent in self.parents(each)} - steps.keys()
            steps |= dict.fromkeys(above, steps[level[0]] + 1)
            level = list(above)
        return steps

    def n_kinds(self, concept: int) -> int:
        return 0 if concept >= self.lexicon.n_synsets else self.lexicon.n_kinds(concept)

    def is_material(self, meaning: Meaning) -> bool:
        """Return whether a word only means what things are made of, such as leather."""
        return len(self.materials(meaning)) == len(meaning)

    def materials(self, meaning: Meaning) -> Meaning:
        """Return what a word means as a material, unless that can be drawn: oak is a wood and a tree."""
        return tuple(
            (concept, share)
            for concept, share in meaning
            if self._materials & self.ancestors(concept).keys() and concept not in self._drawn
        )

    @cached_property
    def _materials(self) -> set[int]:
        named = (("material", 1), ("fabric", 1), ("wood", 1), ("metallic element", 1), ("plant material", 1))
        return {synset for word, number in named if (synset := self.lexicon.sense(word, number)) is not None}

    def is_department(self, word: str) -> bool:
        """Return whether a category's word says nothing about its products, such as garden."""
        return any(form in self._departments for form in (*english_forms(word), *german_forms(word)))

    def is_portion(self, word: str) -> bool:
        """Return whether the next words tell what a word is of, such as set."""
        return any(form in self._portions for form in english_forms(word)) or folded(word) in self._portions

    def is_description(self, word: str) -> bool:
        """Return whether a word only describes, such as green."""
        return spaced(word) in self._descriptions or folded(word) in self._descriptions

    def is_number(self, word: str) -> bool:
        return word.isdigit() or word in self._numbers

    def _meaning(self, word: str, language: Language) -> Meaning:
        """Return what a word (lower case, tokens separated by spaces) means, singular or plural; empty if unknown."""
        return self._english_meaning(word) if language == "en" else self._german_meaning(word)

    def _compound(self, token: str, language: Language) -> tuple[str, Meaning, str] | None:
        """Return the last part of a compound, its meaning and the first part: `Küchenuhr` -> (uhr, clock, küchen).

        English compounds are split only if both parts are known.
        """
        for start in range(MIN_FIRST_PART, len(token) - 2):
            first, last = token[:start], token[start:]
            meaning = self.meaning(last, language)
            if not meaning:
                continue
            known = any(
                self.meaning(first[: len(first) - len(link)], language)
                for link in (_LINKS if language == "de" else ("",))
                if first.endswith(link) and len(first) - len(link) >= MIN_FIRST_PART
            )
            if known or (language == "de" and len(last) >= MIN_LAST_PART and start > MIN_FIRST_PART):
                return last, meaning, first
        return None

    def _english_meaning(self, word: str) -> Meaning:
        for form in english_forms(word):
            own, shares = self._english.get(form), self.lexicon.shares(form)
            if own and shares:
                both = [(c, OWN_WORD * p) for c, p in own] + [(c, (1 - OWN_WORD) * p) for c, p in shares]
                return _normalised(_summed(both))
            if own or shares:
                return own or _normalised(dict(shares))
        return ()

    def _german_meaning(self, word: str) -> Meaning:
        return next((found for form in german_forms(word) if (found := self._german.get(form))), ())

    def _meant(self, text: str) -> dict[int, float]:
        """Return the meaning that a table gives: a sense, or all senses of a word, with a word of a table first."""
        word, number = parse_sense(text)
        if number:
            synset = self.lexicon.sense(spaced(word), number)
            if synset is None:
                raise ValueError(f"{text!r} is not a sense of the lexicon")
            return {synset: 1.0}
        shares = dict(self.lexicon.shares(spaced(word)))
        if not shares:
            raise ValueError(f"{text!r} is not a word of the lexicon")
        return shares

    def _name(
        self,
        index: int,
        name: Name,
        english: dict[str, dict[int, float]],
        german: dict[str, dict[int, float]],
    ) -> list[int]:
        """Enter a name's words and return the concepts that it means."""
        own = [synset for sense in name.synsets for synset in self._meant(sense)]
        if not own or name.kind_of:
            concept = self.lexicon.n_synsets + index
            self._own_parents[concept] = [synset for sense in name.kind_of for synset in self._meant(sense)]
            own = [*own, concept]
        # The name's own concept comes first: a word of the table means what the name means.
        for word in name.en if name.synsets else (name.name, *name.en):
            english[spaced(word)][own[0]] = 1.0
        if name.synsets:
            english[spaced(name.name)].update(dict.fromkeys(own, 1.0))
        for word in name.de:
            german[folded(word)][own[0]] = 1.0
        return own


def _normalised(found: dict[int, float]) -> Meaning:
    total = sum(found.values())
    return tuple((concept, share / total) for concept, share in found.items())


def _summed(pairs: list[tuple[int, float]]) -> dict[int, float]:
    summed: dict[int, float] = defaultdict(float)
    for concept, share in pairs:
        summed[concept] += share
    return summed


@cache
def concepts() -> Concepts:
    """Return the concepts of the shipped lexicon and tables, read on first use."""
    return Concepts(lexicon(), names_table(), words_table())
