"""The nouns of WordNet 3.0 that name physical things: senses of words, and what is a kind of what.

Made by `python -m tools.vocabulary`. Its licence is in data/WORDNET-LICENSE.txt.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import cache
from math import log
from pathlib import Path
from typing import NamedTuple

LEXICON = Path(__file__).parent / "data" / "lexicon.txt.gz"

ANIMAL, ARTIFACT, BODY, COMMUNICATION, FOOD, OBJECT, PLANT, SUBSTANCE = 5, 6, 8, 10, 13, 17, 20, 27
# How likely a word in a shop has a sense of a lexicographer file of WordNet, relative to artifacts.
FIELDS = {ARTIFACT: 1.0, FOOD: 0.5, ANIMAL: 0.4, PLANT: 0.3, BODY: 0.15, OBJECT: 0.2, SUBSTANCE: 0.2}
OTHER_FIELD = 0.5  # a sense that a table of ours names


class Sense(NamedTuple):
    """One sense of a word: its synset, its number in WordNet from 1, and its occurrences in tagged texts."""

    synset: int
    number: int
    occurrences: int


class Lexicon:
    """Synsets are numbers from 0. `text` is the content of the file: synsets, then words."""

    def __init__(self, text: str) -> None:
        first, _, rest = text.partition("\n")
        lines = rest.split("\n")
        self.n_synsets = int(first)
        self._synsets = lines[: self.n_synsets]
        self._words = dict(line.split("\t", 1) for line in lines[self.n_synsets :] if line)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def words(self) -> Iterator[str]:
        """All words, in alphabetical order without plurals."""
        return (word for word, entry in self._words.items() if not entry.startswith("="))

    def senses(self, word: str) -> list[Sense]:
        """Return the senses of a word (spelt as by `spelling.spaced`), commonest first; none if it is unknown."""
        entry = self._words.get(word, "")
        if entry.startswith("="):
            return self.senses(entry[1:])
        return [Sense(*map(int, sense.split(":"))) for sense in entry.split()]

    def sense(self, word: str, number: int) -> int | None:
        """Return the synset of a numbered sense."""
        return next((sense.synset for sense in self.senses(word) if sense.number == number), None)

    def hypernyms(self, synset: int) -> list[int]:
        """Return the synsets of which a synset is directly a kind."""
        return [int(parent) for parent in self._synsets[synset].split("\t")[2].split()]

    def n_kinds(self, synset: int) -> int:
        """Return the number of synsets below a synset."""
        return int(self._synsets[synset].split("\t")[1])

    def field(self, synset: int) -> int:
        """Return the number of the lexicographer file, such as ARTIFACT."""
        return int(self._synsets[synset].partition("\t")[0])

    def shares(self, word: str) -> list[tuple[int, float]]:
        """Return the synsets of a word with their probabilities in a shop, from WordNet's counts and the fields."""
        weighted = [
            (
                sense.synset,
                FIELDS.get(self.field(sense.synset), OTHER_FIELD)
                * (log(2 + sense.occurrences) + 1 / sense.number),
            )
            for sense in self.senses(word)
        ]
        total = sum(weight for _, weight in weighted)
        return [(synset, weight / total) for synset, weight in weighted]


@cache
def lexicon() -> Lexicon:
    """Return the shipped lexicon, read on first use (0.1 s)."""
    return Lexicon(gzip.decompress(LEXICON.read_bytes()).decode())
