"""Searches by what a sketch is recognised as, by a chosen name, and by shape alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from ml.sketch.strokes import parse_sketch
from tests.factories import PhotoFactory, picture
from tests.support.example_recogniser import example_recogniser
from tests.support.live_release import live_now
from tests.webapp.search.answering.shop import CHAIR, EXAMPLES, MUG, ZEBRA, answer, skus
from webapp.catalog.models import Product
from webapp.registry.indexes import recogniser as loading
from webapp.registry.models import Release


def test_products_of_the_recognised_name_come_first(api: APIClient, live_shop: dict[str, Product]) -> None:
    for sketch, meant in ((CHAIR, {"red-chair", "blue-chair"}), (MUG, {"mug"})):
        body = answer(api, sketch)
        assert set(skus(body)[: len(meant)]) == meant
        assert len(body["results"]) == 5, "others follow"
        scores = [result["score"] for result in body["results"]]
        assert scores == sorted(scores, reverse=True)


def test_names_are_offered_in_the_visitors_language(api: APIClient, live_shop: dict[str, Product]) -> None:
    offered = answer(api, MUG)["recognised"]
    assert offered["sure"] is True
    assert offered["names"][0] == {
        "name": "mug",
        "label": "mug",
        "probability": pytest.approx(1, abs=0.05),
        "n_products": 1,
    }
    german = answer(api, MUG, language="de")["recognised"]["names"][0]
    assert (german["name"], german["label"]) == ("mug", "Becher")


def test_products_of_a_name_are_counted_not_photos(
    api: APIClient, live_shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    PhotoFactory(product=live_shop["red-chair"], position=1, seed=70)
    make_release(name_weight=0.3)
    assert answer(api, CHAIR)["recognised"]["names"][0]["n_products"] == 2
    assert answer(api, ZEBRA)["recognised"]["names"][0]["n_products"] == 0


def test_a_drawing_that_shows_nothing_known_offers_no_name(
    api: APIClient,
    shop: dict[str, Product],
    settings: Settings,
    tmp_path: Path,
    make_release: Callable[..., Release],
) -> None:
    examples = {name: parse_sketch(sketch) for name, sketch in EXAMPLES.items()}
    changes = {"temperature": 100.0, "nothing_below": 0.5}
    settings.RECOGNISER_DIR = example_recogniser(tmp_path / "unsure", examples, **changes)
    loading.forget()
    make_release()
    assert answer(api, MUG)["recognised"] == {"sure": False, "names": []}


def test_a_chosen_name_narrows(api: APIClient, live_shop: dict[str, Product]) -> None:
    for sketch in (MUG, CHAIR):
        body = answer(api, sketch, name="chair")
        assert set(skus(body)) == {"red-chair", "blue-chair"}
        assert body["debug"]["n_gallery"] == 2
    assert skus(answer(api, MUG, name="chair", category="kitchen")) == []
    assert skus(answer(api, MUG, name="zebra")) == []
    for nothing in (None, ""):
        assert len(skus(answer(api, MUG, name=nothing))) == 5


def test_a_chosen_name_ranks_by_shape(api: APIClient, live_shop: dict[str, Product]) -> None:
    """What is recognised may be what the visitor has just corrected."""
    chosen = {
        result["product"]["sku"]: result["score"] for result in answer(api, MUG, name="chair")["results"]
    }
    by_shape = {
        result["product"]["sku"]: result["score"] for result in answer(api, MUG, by_shape=True)["results"]
    }
    assert chosen.items() <= by_shape.items()


def test_by_shape_is_the_order_without_a_recogniser(
    api: APIClient, live_shop: dict[str, Product], settings: Settings
) -> None:
    by_shape = answer(api, CHAIR, by_shape=True)
    assert by_shape["recognised"]["names"][0]["name"] == "chair", "it is still offered"
    by_names = answer(api, CHAIR)
    settings.RECOGNISER_DIR = None
    without = answer(api, CHAIR)
    assert without["results"] == by_shape["results"]
    assert without["results"] != by_names["results"]
    assert without["recognised"] is None


@pytest.mark.parametrize("name", ["unicorn", "CHAIR", "chair\x00", "x" * 81, ["chair"]])
def test_an_unknown_name_is_refused_naming_the_field(
    api: APIClient, live_shop: dict[str, Product], name: Any
) -> None:
    response = api.post("/api/v1/search", {"sketch": CHAIR, "name": name}, format="json")
    assert response.status_code == 400
    assert response.json()["field"] == "name"


def test_a_drawing_that_was_uploaded_is_recognised(api: APIClient, live_shop: dict[str, Product]) -> None:
    photo = SimpleUploadedFile("photo.png", picture(2), content_type="image/png")
    body = api.post("/api/v1/search/image", {"image": photo, "mode": "photo"}, format="multipart").json()
    assert body["recognised"] is None
    drawing = SimpleUploadedFile("drawing.png", picture(2), content_type="image/png")
    body = api.post("/api/v1/search/image", {"image": drawing, "mode": "sketch"}, format="multipart").json()
    assert {name["name"] for name in body["recognised"]["names"]} <= set(EXAMPLES)


def test_similar_products_need_no_recogniser(api: APIClient, live_shop: dict[str, Product]) -> None:
    body = api.get(f"/api/v1/products/{live_shop['mug'].pk}/similar").json()
    assert body["recognised"] is None
    assert len(body["results"]) == 4


def test_the_weight_of_names_is_the_models(
    api: APIClient, live_shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    make_release(name_weight=0.0)
    assert live_now().encoder.manifest.name_weight == 0

    def ranked(body: dict[str, Any]) -> list[str]:
        return [found["product"]["sku"] for found in body["results"]]

    assert ranked(answer(api, MUG)) == ranked(answer(api, MUG, by_shape=True))


def test_without_a_calibration_match_words_follow_the_cosine_whatever_is_recognised(
    api: APIClient, live_shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    make_release(name_weight=1.0, score_words={"strong": 0.2, "fair": 0.1})
    assert live_now().index.calibration is None

    def words(body: dict[str, Any]) -> dict[str, str]:
        return {found["product"]["sku"]: found["match"] for found in body["results"]}

    by_shape = words(answer(api, MUG, by_shape=True))
    assert "strong" in by_shape.values()
    assert words(answer(api, MUG)) == by_shape
