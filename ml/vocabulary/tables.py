"""The two tables that we maintain by hand: the names that a sketch may have, and words of shops."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Name:
    """A name that a sketch may have, and its words; see the head of data/names.toml."""

    name: str
    synsets: tuple[str, ...] = ()
    kind_of: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    de: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        """Return the name in a language, "en" or "de"."""
        return self.de[0] if language == "de" else self.name


@dataclass(frozen=True)
class Words:
    """Words of shops beyond WordNet; see data/words.toml. `en` and `de` map words to words or senses of WordNet."""

    en: Mapping[str, str]
    de: Mapping[str, str]
    departments: tuple[str, ...]
    portions: tuple[str, ...]
    descriptions: tuple[str, ...]
    numbers: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]


@cache
def names_table() -> tuple[Name, ...]:
    """Return the 345 names in the order of the table, which is that of every vector over names."""
    with (DATA / "names.toml").open("rb") as file:
        rows = tomllib.load(file)
    return tuple(
        Name(name, **{key: tuple(value) for key, value in row.items()}) for name, row in rows.items()
    )


@cache
def words_table() -> Words:
    with (DATA / "words.toml").open("rb") as file:
        rows = tomllib.load(file)
    return Words(
        rows["en"],
        rows["de"],
        departments=tuple(rows["departments"]),
        portions=tuple(rows["portions"]),
        descriptions=tuple(rows["descriptions"]),
        numbers=tuple(rows["numbers"]),
        same=tuple(map(tuple, rows["same"])),
    )


def parse_sense(text: str) -> tuple[str, int]:
    """Return word and sense number of `chair.1`; 0 where the text names no sense."""
    word, dot, number = text.rpartition(".")
    return (word, int(number)) if dot and number.isdigit() else (text, 0)


def all_senses() -> Iterator[tuple[str, int]]:
    """Yield every word and sense number that the tables name."""
    for name in names_table():
        yield from map(parse_sense, (*name.synsets, *name.kind_of, *name.similar))
    words = words_table()
    yield from map(parse_sense, (*words.en.values(), *words.de.values()))
