"""The tables maintained by hand agree with each other, with the lexicon and with the names that people draw."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ml.benchmarks.vocabulary import DEMO
from ml.vocabulary.lexicon import lexicon
from ml.vocabulary.spelling import spaced
from ml.vocabulary.tables import all_senses, names_table, words_table

ROOT = Path(__file__).parents[3]


def test_every_name_has_a_meaning_and_a_german_word() -> None:
    assert len({name.name for name in names_table()}) == len(names_table()) == 345
    for name in names_table():
        assert name.de, name.name
        assert name.synsets or name.kind_of or name.en or name.name in {"animal migration", "smiley face"}


def test_the_demo_maps_only_these_names() -> None:
    mapped = json.loads((DEMO / "quickdraw-products.json").read_text())
    assert mapped.keys() <= {name.name for name in names_table()}


@pytest.mark.parametrize("word", sorted({word for word, number in all_senses() if number}))
def test_every_sense_is_in_the_lexicon(word: str) -> None:
    known = {sense.number for sense in lexicon().senses(spaced(word))}
    assert {number for each, number in all_senses() if each == word and number} <= known


def test_words_are_written_once() -> None:
    words = words_table()
    for group in (words.departments, words.portions, words.numbers):
        assert len(set(group)) == len(group)


def test_the_vocabulary_loads_quickly_and_without_torch_or_django() -> None:
    script = (
        "import sys, time, numpy; start = time.perf_counter(); from ml.vocabulary.lexicon import lexicon; lexicon();"
        "print(time.perf_counter() - start);"
        "from ml.vocabulary.fit import vocabulary; vocabulary();"
        "print({'torch', 'django'} & sys.modules.keys() or 'neither')"
    )
    lines = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, loaded = lines.stdout.split()
    assert float(seconds) < 1  # 0.1 s on a free processor
    assert loaded == "neither"
