"""Dots and lines are named nothing, whatever a recogniser takes them for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from ml.sketch.strokes import parse_sketch
from tests.support.example_recogniser import example_recogniser
from tests.webapp.search.answering.shop import ZEBRA, answer, payload, skus
from webapp.catalog.models import Product
from webapp.registry.indexes import recogniser as loading
from webapp.registry.models import Release

DOT, SPECK = payload([[50, 50]]), payload([[50, 50], [52, 51], [50, 52]])
SHORT_LINE, LONG_LINE = payload([[40, 50], [52, 53]]), payload([[5, 50], [50, 51], [95, 50]])
MARKS = {"dot": DOT, "speck": SPECK, "short line": SHORT_LINE, "line": LONG_LINE}


@pytest.fixture
def eager_shop(
    shop: dict[str, Product], settings: Settings, tmp_path: Path, make_release: Callable[..., Release]
) -> dict[str, Product]:
    """A shop with a recogniser for which a dot is a mug and a line is a chair."""
    examples = {"mug": parse_sketch(DOT), "chair": parse_sketch(LONG_LINE), "zebra": parse_sketch(ZEBRA)}
    settings.RECOGNISER_DIR = example_recogniser(tmp_path / "eager", examples)
    loading.forget()
    make_release(name_weight=0.3)
    known = loading.recogniser()
    assert known is not None
    for mark in MARKS.values():
        assert known.offered(known.recognise(parse_sketch(mark))), "it would be named"
    return shop


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_a_mark_is_named_nothing_and_ranked_by_shape(
    api: APIClient, eager_shop: dict[str, Product], mark: Any
) -> None:
    body = answer(api, mark)
    assert body["recognised"] == {"sure": False, "names": []}
    assert body["results"] == answer(api, mark, by_shape=True)["results"]
    assert len(body["results"]) == 5
    assert set(skus(answer(api, mark, name="chair"))) == {"red-chair", "blue-chair"}
    assert answer(api, ZEBRA)["recognised"]["names"][0]["name"] == "zebra"


def test_without_a_recogniser_a_mark_has_no_names_either(
    api: APIClient, shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    make_release()
    assert answer(api, DOT)["recognised"] is None


def test_a_blank_page_is_refused(api: APIClient, eager_shop: dict[str, Product]) -> None:
    blanks: tuple[list[list[float]], ...] = ([], [[]])
    for strokes in blanks:
        blank = {"width": 100, "height": 100, "strokes": strokes}
        response = api.post("/api/v1/search", {"sketch": blank}, format="json")
        assert response.status_code == 400
        assert response.json()["field"].startswith("sketch.strokes")


def test_an_uploaded_line_is_named_nothing(api: APIClient, eager_shop: dict[str, Product]) -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path stroke="black" d="M1 5L8 5"/></svg>'
    )
    file = SimpleUploadedFile("line.svg", svg)
    body = api.post("/api/v1/search/image", {"image": file}, format="multipart").json()
    assert body["mode"] == "sketch"
    assert body["recognised"] == {"sure": False, "names": []}
