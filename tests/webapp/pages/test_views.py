"""Browse, product, how it works, and the headers of every page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from tests.factories import CategoryFactory, ProductFactory
from webapp.catalog import views
from webapp.catalog.models import Attribute
from webapp.pages.figures import figures, large_figures
from webapp.registry.releases import live

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _front_end(settings: Settings) -> Iterator[None]:
    """Pages without a built front end."""
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    from django_vite.core.asset_loader import DjangoViteAssetLoader

    DjangoViteAssetLoader._instance = None
    yield
    DjangoViteAssetLoader._instance = None


def _page(client: Client, url: Any, **headers: Any) -> Any:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer


def test_browse_all_and_a_category(client: Client) -> None:
    chairs = CategoryFactory(slug="chair", name_en="Chairs", name_de="Stühle")
    ProductFactory(name="Oak chair", category=chairs)
    ProductFactory(name="Lamp")
    everything = _page(client, "/browse/")
    assert everything.context["result_count"] == 2
    shelf = _page(client, "/browse/?category=chair")
    assert [product.name for product in shelf.context["page_obj"]] == ["Oak chair"]
    assert shelf.context["category"] == chairs
    assert "Stühle" in _page(client, "/browse/", **{"accept-language": "de"}).content.decode()


def test_browse_by_words(client: Client) -> None:
    ProductFactory(name="Oak chair")
    ProductFactory(name="Lamp")
    assert [product.name for product in _page(client, "/browse/?q=oak").context["page_obj"]] == ["Oak chair"]
    nothing = _page(client, "/browse/?q=zebra<script>")
    assert nothing.context["result_count"] == 0
    assert "<script>zebra" not in nothing.content.decode()
    assert "zebra&lt;script&gt;" in nothing.content.decode()
    assert client.get("/browse/?q=%00zebra").status_code == 400


def test_browse_pages(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    ProductFactory.create_batch(3)
    assert len(_page(client, "/browse/?page=2").context["page_obj"]) == 1
    for wrong in ("99", "-1", "x", "9" * 30):
        assert len(_page(client, f"/browse/?page={wrong}").context["page_obj"]) >= 1


def test_browse_costs_the_same_however_long(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in (1, 20):
        ProductFactory.create_batch(n)
        with django_assert_max_num_queries(6):
            _page(client, "/browse/")


def test_unknown_category(client: Client) -> None:
    assert client.get("/browse/?category=sofa").status_code == 404


def test_product(client: Client) -> None:
    Attribute.objects.create(key="width_cm", name_en="Width", unit="cm")
    product = ProductFactory(name="Oak chair", licence="CC0", author="A. Person", attributes={"width_cm": 40})
    page = _page(client, product.url)
    assert page.context["product"] == product
    assert page.context["similar"] == []  # no release yet
    assert page.context["edges_url"] == product.edges_url
    assert [(str(attribute), value) for attribute, value in page.context["attributes"]] == [("Width", 40)]
    for text in ("Oak chair", "CC0", "A. Person", product.photo_url):
        assert text in page.content.decode()


def test_old_name_leads_to_the_products_address(client: Client) -> None:
    product = ProductFactory(name="Oak chair")
    moved = client.get(f"/p/{product.pk}-ash-chair/")
    assert (moved.status_code, moved["Location"]) == (301, product.url)


def test_product_that_is_not_there(client: Client) -> None:
    off_sale = ProductFactory(active=False)
    for url in (off_sale.url, "/p/999-x/", f"/p/{10**30}-x/"):
        assert client.get(url).status_code == 404


def test_how_it_works_before_and_after_the_first_release(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _page(client, "/how/").context["card"] is None

    class Release:
        id, card = 3, "# Card\n\n| a | b |\n|---|---|\n| 1 | <script> |\n\n[x](javascript:alert(1))"
        metrics = {"acc@1": {"value": 0.55, "ci95": [0.5, 0.6]}}
        model, precision = "sketchfind 1", "int8"

    monkeypatch.setattr(live, "current", Release)
    page = _page(client, "/how/")
    html = page.context["card"]["html"]
    assert "<table>" in html
    assert "<script>" not in html
    assert "href" not in html
    assert "55.0" in page.content.decode()


def test_figures_are_those_measured_in_our_order() -> None:
    metrics = {
        "acc@10": 0.92,
        "precision@10": {"value": 0.8234, "ci95": [0.8, 0.85]},
        "n_queries": 12,
        "acc@1": None,
    }
    precise, accurate = figures(metrics)
    assert (precise.value, precise.unit) == ("82.3", "%")
    assert "95% confidence interval 80.0 to 85.0" in str(precise.note)
    assert accurate.value == "92.0"
    assert [figure.value for figure in large_figures(metrics)] == ["82.3", "92.0"]
    assert figures({}) == []


@pytest.mark.parametrize("name", ["draw", "browse", "how", "offline", "admin:login"])
def test_every_page_has_a_content_security_policy(client: Client, name: str) -> None:
    answer = _page(client, reverse(name))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "object-src 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_service_worker(client: Client) -> None:
    answer = _page(client, "/service-worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "/offline/" in answer.content.decode()


def test_language_switch_is_kept(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "de", "next": "/browse/"})
    assert 'lang="de"' in _page(client, "/browse/").content.decode()


def test_unknown_address(client: Client) -> None:
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "text/html" in page["Content-Type"]
