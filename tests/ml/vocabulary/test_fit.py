"""Products in a shop's own words, English and German, and the names that they answer."""

from __future__ import annotations

import numpy as np
import pytest

from ml.vocabulary.concepts import Language, concepts
from ml.vocabulary.fit import LEAST_FIT, ProductWords, Vocabulary, vocabulary


def fits(name: str, en: str = "", de: str = "", **attributes: object) -> dict[str, float]:
    category = {language: text for language, text in (("en", en), ("de", de)) if text}
    row = vocabulary().fit(ProductWords(name, category, attributes))  # type: ignore[arg-type]
    return dict(zip(vocabulary().names, row.tolist(), strict=True))


def best(name: str, en: str = "", de: str = "", **attributes: object) -> str:
    found = fits(name, en, de, **attributes)
    return max(found, key=lambda each: found[each])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sofas", "couch"),
        ("Hiking boots, size 42", "shoe"),
        ("Smartphone 128 GB", "cell phone"),
        ("Chest of seven drawers", "dresser"),
        ("Set of two wine glasses", "wine glass"),
        ("Chair Oslo", "chair"),
        ("Mug with handle", "mug"),
        ("Gläser, Weinglas", "wine glass"),
        ("Roter Stuhl mit Lehne", "chair"),
        ("Küchenuhr weiß", "clock"),
        ("KUECHENUHR", "clock"),
        ("Bank Eiche massiv", "bench"),
        ("Gartenstuhl Teak klappbar", "chair"),
        ("KIVIK 3er-Sofa", "couch"),
        ("Bürostühle", "chair"),
        ("Schreibtisch-Lampe", "floor lamp"),
        ("Blumenvasen aus Glas", "vase"),
        ("Herrenarmbanduhr", "wristwatch"),
        ("Damenhandschuhe, Wolle", "hand"),
    ],
)
def test_words_find_their_name(text: str, name: str) -> None:
    assert best(text) == name


def test_spelling_does_not_matter() -> None:
    assert fits("Book-case") == fits("book case") == fits("BOOKCASES")
    assert fits("Bookcase")["book"] < 0.2
    assert fits("Küchenstühle") == fits("Kuechenstuehle") == fits("Küchen-Stuhl")


@pytest.mark.parametrize(
    ("text", "head", "modifier"),
    [
        ("Chair cushion", "pillow", "chair"),
        ("Table lamp", "floor lamp", "table"),
        ("Wine bottle opener", "", "wine bottle"),
        ("Schreibtischlampe", "floor lamp", "table"),
        ("Stuhlkissen", "pillow", "chair"),
        ("Lamp for the desk", "floor lamp", "table"),
        ("Kissen für Stuhl", "pillow", "chair"),
    ],
)
def test_the_head_decides_and_other_nouns_count_little(text: str, head: str, modifier: str) -> None:
    found = fits(text)
    assert not head or found[head] >= 0.4
    assert found[modifier] < 0.2


def test_the_closer_the_relation_the_better_the_fit() -> None:
    same, kind = fits("Shoe", "Shoes")["shoe"], fits("Loafer", "Shoes")["shoe"]
    broader, relative, none = fits("Bottle")["wine bottle"], fits("Stool")["chair"], fits("Anvil")["chair"]
    assert same > kind > broader > relative > none == 0.0


def test_nothing_is_related_only_because_it_is_a_thing() -> None:
    found = fits("Furniture")
    assert max(found.values()) < 0.1
    assert {name for name, fit in fits("Hammer").items() if fit > 0.2} == {"hammer"}


@pytest.mark.parametrize("category", ["Nike", "Summer 2024", "Sale", "Garden", "New!", "中文"])
def test_a_category_that_says_nothing_does_not_disturb(category: str) -> None:
    assert fits("Tent", category) == fits("Tent")
    assert fits("XR-200", category) == fits("XR-200")


def test_the_category_speaks_where_the_name_does_not() -> None:
    assert best("Air 90", "Sneakers") == best("Luna", "", "Turnschuhe") == "shoe"
    assert best("Air 90", "Home > Lighting > Floor lamps") == "floor lamp"
    assert best("XR-200", type="Wall clock") == "clock"


def test_the_category_chooses_the_sense() -> None:
    assert fits("Club", "Golf")["golf club"] <= fits("Golf club", "Golf")["golf club"]
    assert fits("Glasses", "Drinking glasses")["wine glass"] > fits("Glasses", "Eyewear")["wine glass"]
    assert best("Beetle in yellow", "Cars") == "car"


def test_each_name_fits_a_product_that_is_called_so() -> None:
    for name in concepts().names:
        for text in (name.name, name.label("de")):
            assert fits(text)[name.name] >= 0.5, (name.name, text)


def test_fits_are_float32_fractions_for_any_text() -> None:
    row = vocabulary().fit(ProductWords("", {"en": "", "de": "x" * 500}, {"type": 3}))
    assert row.dtype == np.float32
    assert row.shape == (345,)
    for text in ("\x00", "with of and", "12 x 7 cm", "ß" * 300, "🪑", "of chairs", "Stuhl " * 100):
        row = vocabulary().fit(ProductWords(text))
        assert ((row == 0) | ((row >= LEAST_FIT) & (row <= 1))).all()


def test_a_fit_names_the_word_that_it_comes_from() -> None:
    v = vocabulary()
    found = v.reasons(ProductWords("Luna Gartenstuhl", {"en": "Garden furniture"}))
    reason = found[v.names.index("chair")]
    assert (reason.word, reason.source) == ("gartenstuhl", "name")


def test_fits_do_not_depend_on_what_was_asked_before() -> None:
    fresh = Vocabulary(concepts())
    words = ProductWords("Clock radio", {"en": "Clocks"})
    assert np.array_equal(vocabulary().fit(words), fresh.fit(words))


def test_what_a_category_is_within_counts_where_its_own_name_says_nothing() -> None:
    v = vocabulary()
    within: tuple[dict[Language, str], ...] = ({"en": "Table lamps"}, {"en": "Chairs"})
    kids = v.reasons(ProductWords("Luna", {"en": "Kids"}, within=within))
    lamp, chair = v.names.index("floor lamp"), v.names.index("chair")
    assert lamp in kids
    assert chair not in kids  # the nearest that says anything
    assert kids[lamp] == v.reasons(ProductWords("Luna", {"en": "Table lamps"}))[lamp]
    beds = ProductWords("Luna", {"en": "Beds"})
    assert v.reasons(ProductWords("Luna", {"en": "Beds"}, within=within)) == v.reasons(beds)
