"""The benchmark of fits: its split is fixed, and the shipped constants and tables keep what they reach."""

from __future__ import annotations

from ml.benchmarks.vocabulary import DEMO, TEXTS, Demo, variations
from ml.vocabulary.concepts import concepts
from ml.vocabulary.fit import Vocabulary
from ml.vocabulary.relations import Weights


def test_halves_are_disjoint_and_complete() -> None:
    demo = Demo(DEMO)
    chosen, other = demo.halves()
    assert not set(chosen) & set(other)
    assert set(chosen) | set(other) == demo.right.keys()


def test_words_find_the_products_of_the_demo() -> None:
    demo = Demo(DEMO)
    figures = demo.figures(demo.fits(Vocabulary(concepts()), TEXTS[0]), sorted(demo.right))
    assert figures["mAP"] > 0.93
    assert figures["recall@0.5"] > 0.88


def test_every_constant_is_varied() -> None:
    names = [name for name, _, _ in variations(Weights())]
    assert {name: names.count(name) for name in names} == dict.fromkeys(vars(Weights()), 2)
