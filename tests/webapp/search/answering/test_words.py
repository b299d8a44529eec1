"""Words narrow a search; changes of the catalogue take effect without another index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories import PhotoFactory, ProductFactory
from tests.webapp.search.answering.shop import CHAIR, answer, skus
from webapp.accounts.models import User
from webapp.catalog.models import Category, Product
from webapp.catalog.words.services import correction_set
from webapp.registry.models import Release
from webapp.registry.releases import live
from webapp.search import words


@pytest.fixture
def follows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of the catalogue's words is read again with every query."""
    monkeypatch.setattr(live, "_FITS_S", 0.0)
    monkeypatch.setattr(words, "_KEPT_S", 0.0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("chair", {"red-chair", "blue-chair"}),
        ("Stuhl", {"red-chair", "blue-chair"}),
        ("blue", {"blue-chair", "mug"}),
        ("blue chair", {"blue-chair"}),
        ("blue ch", {"blue-chair"}),  # while it is being typed
        ("kivik", {"kivik"}),
    ],
)
def test_words_narrow(api: APIClient, live_shop: dict[str, Product], text: str, found: set[str]) -> None:
    body = answer(api, CHAIR, text=text)
    assert set(skus(body)) == found
    assert body["text_matches"] == len(found)


def test_words_of_brand_and_tags_narrow(api: APIClient, live_shop: dict[str, Product]) -> None:
    Product.objects.filter(pk=live_shop["mug"].pk).update(brand="Runna", tags=["Gift for cooks"])
    words.forget()
    assert skus(answer(api, CHAIR, text="runna")) == ["mug"]
    assert skus(answer(api, CHAIR, text="cooks gif")) == ["mug"]


def test_words_without_a_match_leave_the_results_alone(api: APIClient, live_shop: dict[str, Product]) -> None:
    body, without = answer(api, CHAIR, text="zeppelin"), answer(api, CHAIR)
    assert body["text_matches"] == 0
    assert body["results"] == without["results"]
    assert without["text_matches"] is None
    assert answer(api, CHAIR, text="  ")["text_matches"] is None


def test_words_and_names_narrow_together(api: APIClient, live_shop: dict[str, Product]) -> None:
    assert skus(answer(api, CHAIR, text="blue", name="chair")) == ["blue-chair"]
    assert skus(answer(api, CHAIR, text="blue", category="kitchen")) == ["mug"]


def test_a_product_with_several_photos_matches_once(
    api: APIClient, live_shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    PhotoFactory(product=live_shop["mug"], position=1, seed=71)
    make_release(name_weight=0.3)
    words.forget()
    assert answer(api, CHAIR, text="mug")["text_matches"] == 1


@pytest.mark.parametrize(
    ("field", "value"), [("text", "x" * 101), ("text", ["a"]), ("text", "\x00"), ("by_shape", "perhaps")]
)
def test_what_is_wrong_is_named(
    api: APIClient, live_shop: dict[str, Product], field: str, value: Any
) -> None:
    response = api.post("/api/v1/search", {"sketch": CHAIR, field: value}, format="json")
    assert (response.status_code, response.json()["field"]) == (400, field)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("follows_at_once")
class TestChanges:
    """Changes of the catalogue take effect without another index."""

    def test_an_operators_correction(
        self, api: APIClient, live_shop: dict[str, Product], operator: User
    ) -> None:
        assert skus(answer(api, CHAIR, name="teapot")) == ["teapot"]
        kitchen = Category.objects.get(slug="kitchen")
        correction_set(of=kitchen, name="chair", weight=1.0, by=operator)
        correction_set(of=live_shop["mug"], name="chair", weight=0.0, by=operator)
        assert set(skus(answer(api, CHAIR, name="chair"))) == {"red-chair", "blue-chair", "teapot"}
        assert answer(api, CHAIR)["recognised"]["names"][0]["n_products"] == 3

    def test_a_product_no_longer_on_sale(self, api: APIClient, live_shop: dict[str, Product]) -> None:
        assert answer(api, CHAIR, text="chair")["text_matches"] == 2
        Product.objects.filter(sku="red-chair").update(active=False)
        body = answer(api, CHAIR, text="chair")
        assert (skus(body), body["text_matches"]) == (["blue-chair"], 1)
        assert body["recognised"]["names"][0]["n_products"] == 1
        assert skus(answer(api, CHAIR, name="chair")) == ["blue-chair"]
        assert "red-chair" not in skus(answer(api, CHAIR))

    def test_a_product_that_is_not_in_the_index_yet(
        self, api: APIClient, live_shop: dict[str, Product]
    ) -> None:
        """It would be counted, but could not be shown."""
        ProductFactory(sku="stool", name="Garden gnome", photo__seed=80)
        body = answer(api, CHAIR, text="gnome")
        assert body["text_matches"] == 0
        assert len(skus(body)) == 5

    def test_another_name(self, api: APIClient, live_shop: dict[str, Product]) -> None:
        assert answer(api, CHAIR, text="sofa")["text_matches"] == 0
        live_shop["kivik"].name = "Kivik sofa"
        live_shop["kivik"].save()
        assert skus(answer(api, CHAIR, text="sofa")) == ["kivik"]
        assert skus(answer(api, CHAIR, name="couch")) == ["kivik"]


@pytest.mark.django_db(transaction=True)
def test_constant_changes_do_not_cost_every_query(
    api: APIClient, live_shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import changes the catalogue all the time; words and fits are read once per minute."""
    answer(api, CHAIR, text="chair")
    monkeypatch.setattr(live, "name_fits", lambda *_: pytest.fail("not yet"))
    Product.objects.filter(sku="red-chair").update(name="Red tent")
    assert answer(api, CHAIR, text="chair")["text_matches"] == 2
    assert answer(api, CHAIR)["recognised"]["names"][0]["n_products"] == 2
