"""Pages of other origins: closed without a key, open to the key's origins for searching and reading products."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.webapp.sites.conftest import SHOP
from webapp.registry.models import Release
from webapp.sites.models import SiteKey

SKETCH = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}
ALLOW = "Access-Control-Allow-Origin"
READS = ["categories/", "products/", "examples/", "embed/"]
OTHERS = ["release/", "shares/x/", "site-keys/", "schema/"]


def from_page(api: APIClient, path: str, key: SiteKey | None, origin: str = SHOP, **options: Any) -> Any:
    method = options.pop("method", "get")
    query = f"?key={key.public_key}" if key else ""
    return getattr(api, method)(f"/api/v1/{path}{query}", headers={"origin": origin}, **options)


@pytest.mark.parametrize("path", READS)
def test_a_page_of_the_key_reads(api: APIClient, site_key: SiteKey, release: Release, path: str) -> None:
    answer = from_page(api, path, site_key)
    assert (answer.status_code, answer[ALLOW]) == (200, SHOP)
    assert "Origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer


def test_it_searches_after_a_preflight(api: APIClient, site_key: SiteKey, release: Release) -> None:
    asked = from_page(api, "search", site_key, method="options", HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST")
    assert (asked.status_code, asked[ALLOW]) == (204, SHOP)
    assert "content-type" in asked["Access-Control-Allow-Headers"]
    answer = from_page(api, "search", site_key, method="post", data={"sketch": SKETCH})
    assert (answer.status_code, answer[ALLOW]) == (200, SHOP)
    assert answer.json()["results"]
    wrong = from_page(api, "search", site_key, method="post", data={"sketch": {}})
    assert (wrong.status_code, wrong[ALLOW]) == (400, SHOP)  # the page can show why


@pytest.mark.parametrize("path", [*READS[:3], "search"])
@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_without_a_key_no_other_origin_reads(api: APIClient, db: None, path: str, method: str) -> None:
    answer = from_page(api, path, None, method=method, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST")
    assert ALLOW not in answer


@pytest.mark.parametrize("path", OTHERS)
def test_a_key_opens_nothing_else(api: APIClient, site_key: SiteKey, path: str) -> None:
    assert ALLOW not in from_page(api, path, site_key)


@pytest.mark.parametrize(
    "origin", ["https://other.example", "http://shop.example", "https://a.shop.example", "null"]
)
def test_pages_of_other_origins_are_refused(
    api: APIClient, site_key: SiteKey, release: Release, origin: str
) -> None:
    for options in ({"method": "options"}, {"method": "post", "data": {"sketch": SKETCH}}):
        answer = from_page(api, "search", site_key, origin, **options)
        assert answer.status_code == 403
        assert answer.json()["field"] == "origin"
        assert origin in answer.json()["detail"]
        assert ALLOW not in answer


def test_a_revoked_key_is_refused_at_once(api: APIClient, site_key: SiteKey, operator_api: APIClient) -> None:
    operator_api.patch(f"/api/v1/site-keys/{site_key.pk}/", {"active": False})
    answer = from_page(api, "categories/", site_key)
    assert (answer.status_code, answer.json()["field"]) == (403, "key")
    assert ALLOW not in answer


@pytest.mark.parametrize("origin", [SHOP, "https://other.example"])
def test_the_first_request_says_why_it_is_refused(api: APIClient, site_key: SiteKey, origin: str) -> None:
    SiteKey.objects.update(active=origin != SHOP)
    answer = from_page(api, "embed/", site_key, origin)
    assert (answer.status_code, answer[ALLOW]) == (403, "*")
    assert answer.json()["detail"]


def test_the_sites_own_page_uses_the_keys_rate(api: APIClient, site_key: SiteKey) -> None:
    SiteKey.objects.update(public_rate=2)
    statuses = [from_page(api, "categories/", site_key, "http://testserver").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_each_visitor_has_the_keys_rate(api: APIClient, site_key: SiteKey) -> None:
    SiteKey.objects.update(public_rate=1)
    statuses = [
        from_page(api, "categories/", site_key, REMOTE_ADDR=address).status_code
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1")
    ]
    assert statuses == [200, 200, 429]
    refused = from_page(api, "categories/", site_key, REMOTE_ADDR="192.0.2.1")
    assert refused[ALLOW] == SHOP
    assert int(refused["Retry-After"]) <= 60


def test_the_greeting_needs_a_key(api: APIClient, db: None) -> None:
    refused = api.get("/api/v1/embed/")
    assert (refused.status_code, refused.json()["field"]) == (400, "key")
