"""Re-ranking by category prior: its effect on results, and that it follows the catalogue."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from ml.sketch.strokes import parse_sketch
from tests.factories import CategoryFactory
from webapp.catalog.models import Category, Product
from webapp.registry.gates.compared import ComparedRelease
from webapp.registry.models import Release
from webapp.registry.releases import live

SKETCH = {
    "width": 100,
    "height": 100,
    "strokes": [[[20, 20], [80, 20], [80, 80], [20, 20]], [[40, 40], [60, 60]]],
}


def results(api: APIClient) -> list[tuple[int, float]]:
    body = api.post("/api/v1/search", {"sketch": SKETCH, "k": 12}, format="json").json()
    return [(one["product"]["id"], one["score"]) for one in body["results"]]


def test_scores_fall_and_none_exceeds_its_cosine(
    api: APIClient, products: list[Product], make_release: Callable[..., Release]
) -> None:
    make_release()
    cosine = dict(results(api))
    make_release(shelf_temperature=0.2)
    voted = results(api)
    assert dict(voted).keys() == cosine.keys()
    assert [score for _, score in voted] == sorted((score for _, score in voted), reverse=True)
    assert all(score < cosine[product] for product, score in voted)  # two categories, so neither is certain


@pytest.mark.django_db(transaction=True)
def test_the_prior_follows_a_product_to_its_new_category(
    api: APIClient,
    products: list[Product],
    make_release: Callable[..., Release],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_release(shelf_temperature=0.2)
    before = dict(results(api))
    monkeypatch.setattr(live._follower, "_prior_due", 0.0)  # a minute later
    alone = Product.objects.get(sku="p0")
    alone.category = CategoryFactory(slug="alone")
    alone.save()
    after = dict(results(api))
    assert after[alone.pk] < before[alone.pk]
    Product.objects.update(category=Category.objects.get(slug="a"))
    monkeypatch.setattr(live._follower, "_prior_due", 0.0)
    assert all(score > before[product] for product, score in results(api))  # one category: unchanged cosines


def test_a_gate_searches_like_a_visitor(
    api: APIClient, products: list[Product], make_release: Callable[..., Release]
) -> None:
    release = make_release(shelf_temperature=0.2)
    found = ComparedRelease(release).find(parse_sketch(SKETCH), 12)
    assert list(zip(found.products, found.scores, strict=True)) == results(api)
