"""Read the noun files of WordNet 3.0, as in Debian's package `wordnet-base` (formats: wndb(5), cntlist(5))."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

NOUN = "1"  # the type of a synset in sense keys
HYPERNYM = "@"


@dataclass(frozen=True)
class Synset:
    """A set of synonyms: its lexicographer file, its words, their sense keys, what it is a kind of."""

    lexicographer_file: int
    words: tuple[str, ...]
    sense_keys: tuple[str, ...]
    hypernyms: tuple[str, ...]


@dataclass(frozen=True)
class WordNet:
    """The nouns. A synset is identified by its offset in data.noun; `senses` lists a lemma's synsets, commonest first."""

    synsets: dict[str, Synset]
    senses: dict[str, tuple[str, ...]]
    counts: dict[str, int]  # sense key -> occurrences in WordNet's tagged texts
    plurals: dict[str, str]  # irregular ones


def read_wordnet(folder: Path) -> WordNet:
    """Read data.noun, index.noun, cntlist.rev and noun.exc of `folder`. Raises OSError if one is missing."""
    synsets = dict(_synset(line) for line in _lines(folder / "data.noun"))
    senses = {}
    for line in _lines(folder / "index.noun"):
        fields = line.split()
        senses[fields[0]] = tuple(fields[-int(fields[2]) :])
    counts = {}
    for line in _lines(folder / "cntlist.rev"):
        key, _, count = line.split()
        counts[key] = int(count)
    plurals = dict(line.split()[:2] for line in _lines(folder / "noun.exc"))
    return WordNet(synsets, senses, counts, plurals)


def kinds(synsets: dict[str, Synset]) -> dict[str, int]:
    """Return how many synsets each synset has below itself."""
    children = defaultdict(set)
    for offset, synset in synsets.items():
        for parent in synset.hypernyms:
            children[parent].add(offset)
    counts = {}
    for offset in synsets:
        found: set[str] = set()
        waiting = [offset]
        while waiting:
            new = children[waiting.pop()] - found
            found |= new
            waiting += new
        counts[offset] = len(found)
    return counts


def _lines(path: Path) -> list[str]:
    """Return a file's lines without the licence, whose lines start with a space."""
    return [line for line in path.read_text("latin1").splitlines() if not line.startswith(" ")]


def _synset(line: str) -> tuple[str, Synset]:
    fields = line.partition(" | ")[0].split()
    file, n_words = int(fields[1]), int(fields[3], 16)
    words = tuple(fields[4 + 2 * i].lower() for i in range(n_words))
    keys = tuple(f"{word}%{NOUN}:{file:02}:{int(fields[5 + 2 * i], 16):02}::" for i, word in enumerate(words))
    start = 4 + 2 * n_words + 1
    pointers = [fields[start + 4 * i : start + 4 * i + 3] for i in range(int(fields[start - 1]))]
    hypernyms = tuple(offset for symbol, offset, pos in pointers if symbol == HYPERNYM and pos == "n")
    return fields[0], Synset(file, words, keys, hypernyms)
