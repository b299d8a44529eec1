"""Figures of what visitors draw and open."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.webapp.clicks.conftest import SKETCH
from webapp.catalog.models import Product
from webapp.clicks.models import Answer
from webapp.registry.models import Release

Answers = Callable[..., Answer]


@pytest.fixture
def an_answer(release: Release, products: list[Product]) -> Answers:
    """Store an answer with clicks at the given ranks."""

    def store(*ranks: int, at: datetime | None = None, **fields: Any) -> Answer:
        values = {"kind": "sketch", "good": True, "category": "a", **fields}
        answer = Answer.objects.create(
            key=uuid4().hex[:12], release=release, at=at or timezone.now(), **values
        )
        for rank in ranks:
            answer.clicks.create(product=products[rank], rank=rank)
        return answer

    return store


def insights(api: APIClient, **params: Any) -> Any:
    response = api.get("/api/v1/insights/", params)
    assert response.status_code == 200, response.content
    return response.json()


def test_days_count_searches_not_clicks(operator_api: APIClient, an_answer: Answers) -> None:
    an_answer(1, 4)  # two clicks, one search
    an_answer()
    an_answer(2, at=timezone.now() - timedelta(days=2))
    an_answer(9, at=timezone.now() - timedelta(days=400))
    body = insights(operator_api, days=7)
    assert (body["searches"], body["with_click"]) == (3, 2)
    assert body["mean_rank"] == pytest.approx(7 / 3)
    assert len(body["days"]) == 7
    assert body["days"][-1] | {"day": ""} == {"day": "", "searches": 2, "with_click": 1, "mean_rank": 2.5}
    assert body["days"][-2]["searches"] == 0
    assert body["days"][-3]["mean_rank"] == 2.0


def test_names_that_are_drawn_but_find_nothing_come_with_their_sketches(
    operator_api: APIClient, an_answer: Answers
) -> None:
    for _ in range(2):
        an_answer(name="airplane", good=False)
    an_answer(name="airplane", good=False, sketch=SKETCH)
    an_answer(name="chair", good=True)
    an_answer(name="", good=False)
    names = {row["name"]: row for row in insights(operator_api)["names"]}
    assert (names["airplane"]["searches"], names["airplane"]["poor"]) == (3, 3)
    assert names["airplane"]["sketches"] == [SKETCH]
    assert names["airplane"]["n_products"] == 0
    assert "" not in names


def test_categories_that_are_opened_least_come_first(operator_api: APIClient, an_answer: Answers) -> None:
    for number in range(6):
        an_answer(*([1] if number < 4 else []), category="a")
        an_answer(*([1] if number < 1 else []), category="b", good=False)
    an_answer(category="rare")
    rows = insights(operator_api)["categories"]
    assert [(row["slug"], row["with_click"], row["poor"]) for row in rows] == [("b", 1, 6), ("a", 4, 0)]


@pytest.mark.parametrize("table", ["days", "names", "categories"])
def test_each_table_as_csv(operator_api: APIClient, an_answer: Answers, table: str) -> None:
    for _ in range(5):
        an_answer(1, name="airplane", good=False)
    response = operator_api.get(f"/api/v1/insights/csv?table={table}&days=1")
    assert response["Content-Type"].startswith("text/csv")
    [row] = csv.DictReader(io.StringIO(response.content.decode()))
    assert (row["searches"], row["with_click"]) == ("5", "5")


def test_an_empty_site_says_how_it_is_set(operator_api: APIClient, db: None, settings: Settings) -> None:
    settings.RECORD_CLICKS, settings.CLICK_DAYS = "off", 30
    body = insights(operator_api)
    assert (body["mode"], body["kept_days"], body["searches"], body["mean_rank"]) == ("off", 30, 0, None)


def test_visitors_see_nothing(api: APIClient, stranger_api: APIClient) -> None:
    for client in (api, stranger_api):
        assert client.get("/api/v1/insights/").status_code in (401, 403)
        assert client.get("/api/v1/insights/csv").status_code in (401, 403)
