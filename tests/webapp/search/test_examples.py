"""Examples and invitation come from what the live catalogue sells."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from tests.factories import CategoryFactory, ProductFactory
from webapp.catalog.models import Product
from webapp.registry.models import Release
from webapp.search.examples import examples, invitation

MakeRelease = Callable[..., Release]


@pytest.fixture
def sell(db: None, make_release: MakeRelease) -> Callable[[Sequence[tuple[str, str]]], None]:
    """sell([(category, name), ...]): a catalogue of these products, live."""

    def make(rows: Sequence[tuple[str, str]]) -> None:
        for number, (category, name) in enumerate(rows):
            shelf = CategoryFactory(slug=category.lower(), name_en=category, name_de="")
            ProductFactory(sku=f"p{number}", name=name, category=shelf, photo__seed=number)
        make_release()

    return make


Sell = Callable[[Sequence[tuple[str, str]]], None]


def names() -> list[str]:
    return [example["name"] for example in examples()]


def test_a_shop_greets_with_what_it_sells(sell: Sell) -> None:
    rows = ["shoe"] * 5 + ["backpack"] * 3 + ["umbrella"] * 2 + ["wristwatch"]
    sell([("Goods", f"{name} {number}") for number, name in enumerate(rows)])
    assert names() == ["Shoe", "Backpack", "Umbrella", "Wristwatch"]
    assert invitation()["names"] == names()
    assert invitation()["sketch"] == examples()[0]["sketch"]
    with translation.override("de"):
        assert names() == ["Schuh", "Rucksack", "Regenschirm", "Armbanduhr"]


def test_names_of_the_same_products_are_not_repeated(sell: Sell) -> None:
    sell(
        [("Clocks", f"alarm clock {number}") for number in range(3)]
        + [("Goods", "umbrella"), ("Goods", "shoe"), ("Goods", "backpack")]
    )
    assert len({"Alarm clock", "Clock"} & set(names())) == 1


def test_a_catalogue_without_names_shows_its_own_photos(sell: Sell) -> None:
    sell([(category, f"Xq{number}") for number, category in enumerate(["Beta", "Alpha", "Beta"])])
    assert names()[:2] == ["Beta", "Alpha"]
    assert "Xq0" in names() or "Xq2" in names()
    assert all(example["sketch"]["strokes"] for example in examples())


def test_a_photo_no_longer_on_sale_is_not_shown(sell: Sell) -> None:
    sell([("Alpha", "Xq"), ("Beta", "Yq")])
    Product.objects.filter(name="Xq").update(active=False)
    assert names() == ["Beta"]


def test_words_in_the_text_box_are_those_that_products_match(sell: Sell) -> None:
    sell([("Goods", f"{colour} shoe") for colour in ("Green", "Green", "Black")])
    assert invitation()["words"] == ["green", "black"]
    with translation.override("de"):
        assert invitation()["words"] == ["grün", "schwarz"]


def test_before_the_first_release_there_are_examples_too(api: APIClient, client: Client, db: None) -> None:
    assert "Chair" in {example["name"] for example in api.get("/api/v1/examples/").json()}
    assert client.get("/").context["invitation"]["words"] == []
