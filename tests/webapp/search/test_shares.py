"""Shared searches: links to a sketch and to what its results were narrowed to."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from django.test import Client
from rest_framework.test import APIClient

from webapp.catalog.models import Product
from webapp.registry.models import Release
from webapp.search.models import Share

SKETCH: dict[str, Any] = {
    "width": 100,
    "height": 100,
    "strokes": [[[20.125, 20, 0, 0.25], [80, 20, 7.5, 0.5]], [[40, 40, 9, 1]]],
}
NOTHING_CHOSEN = {"category": None, "name": None, "label": None, "by_shape": False, "text": ""}


def share(api: APIClient, **body: Any) -> Any:
    return api.post("/api/v1/shares/", {"sketch": SKETCH, **body}, format="json")


def test_a_shared_sketch_comes_back_number_for_number(api: APIClient, products: list[Product]) -> None:
    made = share(api, category="a").json()
    assert made["url"].endswith(f"/s/{made['id']}/")
    shared = api.get(f"/api/v1/shares/{made['id']}/").json()
    assert shared == {**made, "sketch": SKETCH, **NOTHING_CHOSEN, "category": "a"}


def test_the_same_sketch_has_the_same_link(api: APIClient, products: list[Product]) -> None:
    first, again = share(api).json(), share(api).json()
    assert first == again
    assert share(api, category="a").json()["id"] != first["id"]
    assert Share.objects.count() == 2


def test_a_link_cannot_be_guessed(api: APIClient, db: None) -> None:
    made = share(api).json()["id"]
    assert len(made) == 12
    assert api.get("/api/v1/shares/aaaaaaaaaaaa/").status_code == 404
    assert api.get("/api/v1/shares/%00/").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sketch": None}, "sketch"),
        ({"sketch": {"width": 1}}, "sketch.height"),
        ({"sketch": {**SKETCH, "strokes": [[["<script>", 2]]]}}, "sketch.strokes[0][0].x"),
        ({"category": "unknown"}, "category"),
        ({"name": "unicorns in love"}, "name"),
        ({"by_shape": "perhaps"}, "by_shape"),
        ({"text": "x" * 101}, "text"),
    ],
)
def test_invalid_sketches_are_not_shared(api: APIClient, db: None, body: Any, field: str) -> None:
    response = share(api, **body)
    assert response.status_code == 400
    assert response.json()["field"] == field
    assert not Share.objects.exists()


def test_nothing_but_the_sketch_is_kept(api: APIClient, db: None) -> None:
    made = share(api, sketch={**SKETCH, "note": "<script>"}).json()
    assert api.get(f"/api/v1/shares/{made['id']}/").json()["sketch"] == SKETCH


def test_a_shared_sketch_is_bounded(api: APIClient, db: None) -> None:
    points = np.linspace(0, 99, 30_000).tolist()
    strokes = [[[x, x] for x in points[start : start + 10_000]] for start in range(0, 30_000, 10_000)]
    response = share(api, sketch={**SKETCH, "strokes": strokes})
    assert response.status_code == 400
    assert "at most" in response.json()["detail"]


def test_a_link_carries_what_the_searcher_chose(api: APIClient, client: Client, release: Release) -> None:
    made = share(api, category="a", name="chair", text=" blue ").json()
    expected = {
        "id": made["id"],
        "sketch": SKETCH,
        "category": "a",
        "name": "chair",
        "label": "chair",
        "by_shape": False,
        "text": "blue",
    }
    assert api.get(f"/api/v1/shares/{made['id']}/").json() == {**expected, "url": made["url"]}
    assert client.get(f"/s/{made['id']}/").context["share"] == expected
    german = client.get(f"/s/{made['id']}/", headers={"accept-language": "de"})
    assert german.context["share"]["label"] == "Stuhl"
    by_shape = share(api, by_shape=True).json()["id"]
    assert api.get(f"/api/v1/shares/{by_shape}/").json()["by_shape"] is True


def test_another_choice_has_another_link_and_the_same_choice_the_same(
    api: APIClient, products: list[Product]
) -> None:
    choices: list[dict[str, Any]] = [
        {},
        {"name": "chair"},
        {"name": "table"},
        {"by_shape": True},
        {"text": "blue"},
        {"name": "chair", "text": "blue"},
        {"category": "a", "text": "blue"},
    ]
    links = [share(api, **choice).json()["id"] for choice in choices]
    assert len(set(links)) == len(choices)
    assert [share(api, **choice).json()["id"] for choice in choices] == links
    assert share(api, name=None, text="  ").json()["id"] == links[0]


def test_a_link_of_an_earlier_version_is_found_again(api: APIClient, db: None) -> None:
    """Its identity was the sketch and the category."""
    stored = json.dumps(SKETCH, separators=(",", ":"))
    sha256 = hashlib.sha256(f"{stored}\n".encode()).hexdigest()
    earlier = Share.objects.create(sha256=sha256, sketch=SKETCH, n_bytes=len(stored))
    assert share(api).json()["id"] == earlier.pk


def test_a_name_that_is_no_longer_recognised_is_left_out(
    api: APIClient, client: Client, release: Release
) -> None:
    """Otherwise the link would show an error instead of results."""
    made = share(api, name="chair").json()["id"]
    Share.objects.update(name="sedan chair of old")
    assert api.get(f"/api/v1/shares/{made}/").json()["name"] is None
    assert client.get(f"/s/{made}/").context["share"] | {"id": ""} == {
        "id": "",
        "sketch": SKETCH,
        **NOTHING_CHOSEN,
    }


def test_the_draw_page_replays_a_share(client: Client, api: APIClient, release: Release) -> None:
    made = share(api, category="b").json()
    page = client.get(f"/s/{made['id']}/")
    assert page.status_code == 200
    assert page.context["share"] == {"id": made["id"], "sketch": SKETCH, **NOTHING_CHOSEN, "category": "b"}
    assert json.dumps(SKETCH["strokes"][0][0]) in page.content.decode()
    assert client.get("/").context["share"] is None
    assert client.get("/").context["categories"] == [
        {"slug": "a", "name": "A", "count": 6, "depth": 0, "parent": None},
        {"slug": "b", "name": "B", "count": 6, "depth": 0, "parent": None},
    ]
    assert client.get("/s/unknown/").status_code == 404
