"""Text queries over a small catalogue in both languages."""

from __future__ import annotations

import pytest

from ml.vocabulary.fit import ProductWords, vocabulary
from ml.vocabulary.matching import WordIndex, matches

CATALOGUE = [
    ProductWords("Dining chair in red", {"en": "Chairs", "de": "Stühle"}),
    ProductWords("Roter Gartenstuhl", {"de": "Gartenmöbel"}),
    ProductWords("Wall clock in oak", {"en": "Clocks and decoration", "de": "Uhren und Dekoration"}),
    ProductWords("Steel alarm clock", {"en": "Clocks and decoration", "de": "Uhren und Dekoration"}),
    ProductWords("Snowman", {"en": "Clocks and decoration", "de": "Uhren und Dekoration"}),
    ProductWords("Chair cushion", {"en": "Cushions"}, {"colour": "green"}),
    ProductWords("KIVIK", {"en": "Sofas"}, labels=["Nordwerk", "outdoor furniture", "Weihnachten", ""]),
]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("red", {0, 1}),
        ("rot", {0, 1}),
        ("roter Stuhl", {0, 1}),
        ("red chairs", {0, 1}),
        ("seat", {0, 1, 6}),
        ("Sitzmöbel", {0, 1, 6}),
        ("wooden clock", {2}),
        ("Uhr", {2, 3}),
        ("clock", {2, 3}),
        ("clo", {2, 3}),
        ("clo ", set()),
        ("cushion", {5}),
        ("chair", {0, 1, 5}),
        ("green", {5}),
        ("couch", {6}),
        ("kiv", {6}),
        ("nordwerk", {6}),
        ("nordwerk sofa", {6}),
        ("outdoor", {6}),
        ("weihnachten", {6}),
        ("furniture nordw", {6}),
        ("chair clock", set()),
        ("qwertz", set()),
        ("", {0, 1, 2, 3, 4, 5, 6}),
        ("a chair with the", {0, 1, 5}),
        ("Uhr aus Holz", {2}),
        ("Holzuhr", {2}),
        ("Küchenuhr", {2, 3}),
        ("Holzqwertz", set()),
    ],
)
def test_all_words_must_match(query: str, rows: set[int]) -> None:
    found = WordIndex(CATALOGUE, vocabulary()).matches(query)
    assert set(found.nonzero()[0].tolist()) == rows


def test_a_word_that_is_still_typed_never_loses_what_the_whole_word_finds() -> None:
    index = WordIndex(CATALOGUE, vocabulary())
    whole = index.matches("cushion")
    for length in range(2, len("cushion")):
        assert (index.matches("cushion"[:length]) | ~whole).all()


def test_no_products() -> None:
    assert matches("chair", []).shape == (0,)
