"""`Authorization: Bearer sk_...`: a site's server searches and reads products at its own rate, and nothing else."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests.webapp.sites.test_cors import SKETCH
from webapp.http.limits.budget import work
from webapp.registry.models import Release
from webapp.sites.models import SiteKey


@pytest.fixture
def server(api: APIClient, secret: str) -> APIClient:
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return api


def test_it_searches_and_reads(server: APIClient, release: Release) -> None:
    found = server.post("/api/v1/search", {"sketch": SKETCH, "k": 3}).json()["results"]
    assert len(found) == 3
    assert server.get(f"/api/v1/products/{found[0]['product']['id']}/").status_code == 200


@pytest.mark.parametrize(
    "path", ["tokens/", "site-keys/", "catalog/imports/", "account/export/", "campaigns/"]
)
def test_it_opens_nothing_else(server: APIClient, path: str) -> None:
    refused = server.get(f"/api/v1/{path}")
    assert refused.status_code == 401
    assert "secret key" in refused.json()["detail"]


def test_a_revoked_or_false_one_is_refused(server: APIClient, db: None) -> None:
    SiteKey.objects.update(active=False)
    assert server.get("/api/v1/categories/").status_code == 401
    server.credentials(HTTP_AUTHORIZATION="Bearer sk_false")
    assert server.get("/api/v1/categories/").json()["detail"] == "The secret key is unknown or revoked."


def test_it_has_its_own_rate(server: APIClient, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.http.api.throttles.ApiThrottle.rate", "1/min", raising=False)
    SiteKey.objects.update(secret_rate=3)
    assert [server.get("/api/v1/categories/").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_large_requests_do_not_use_up_its_addresss_budget(
    server: APIClient, release: Release, secret: str
) -> None:
    points = [[n % 100, n % 97] for n in range(9_000)]
    large = {"width": 100, "height": 100, "strokes": [points]}
    for _ in range(3):
        assert server.post("/api/v1/search", {"sketch": large}).status_code in (200, 400)
    assert work._left_now("127.0.0.1") == work._burst_ms
    server.credentials()
    server.post("/api/v1/search", {"sketch": large})
    assert work._left_now("127.0.0.1") < work._burst_ms
