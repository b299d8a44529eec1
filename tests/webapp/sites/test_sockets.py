"""`/ws/search/?key=pk_...` from pages of other origins."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from tests.support.websocket import Socket
from tests.webapp.sites.conftest import SHOP
from tests.webapp.sites.test_cors import SKETCH
from webapp.asgi import application
from webapp.registry.models import Release
from webapp.sites.models import SiteKey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["search.example"]


def socket(query: str, origin: str = SHOP, path: str = "/ws/search/") -> Socket:
    made = Socket(application, path, [(b"host", b"search.example"), (b"origin", origin.encode())])
    made.scope["query_string"] = query.encode()
    return made


async def opens(query: str, origin: str = SHOP, path: str = "/ws/search/") -> bool:
    made = socket(query, origin, path)
    accepted = await made.connect()
    if accepted:
        await made.disconnect()
    return accepted


async def test_pages_of_the_key_open_it(site_key: SiteKey) -> None:
    key = site_key.public_key
    assert await opens(f"key={key}")
    assert await opens(f"key={key}", "http://search.example")  # in an iframe
    assert not await opens(f"key={key}", "https://other.example")
    assert not await opens("key=pk_false")
    assert not await opens("")
    assert not await opens(f"key={key}", path="/ws/campaigns/1/")


async def test_a_revoked_key_ends_the_search_of_an_open_page(site_key: SiteKey, release: Release) -> None:
    page = socket(f"key={site_key.public_key}&lang=de")
    assert await page.connect()
    await page.receive()
    await page.send_text(json.dumps({"type": "query", "seq": 1, "sketch": SKETCH}))
    answer = await page.receive()
    assert {result["product"]["category"]["name"] for result in answer["results"]} >= {"Ah"}  # German
    await sync_to_async(SiteKey.objects.update)(active=False)
    await page.send_text(json.dumps({"type": "query", "seq": 2, "sketch": SKETCH}))
    refused = await page.receive()
    assert refused["problem"]["status"] == 403
    assert "revoked" in refused["problem"]["detail"]
    await page.disconnect()


async def test_the_keys_rate_holds_over_sockets(site_key: SiteKey, release: Release) -> None:
    await sync_to_async(SiteKey.objects.update)(public_rate=1)
    statuses = []
    for _ in range(2):
        page = socket(f"key={site_key.public_key}")
        assert await page.connect()
        await page.receive()
        await page.send_text(json.dumps({"type": "query", "seq": 1, "sketch": SKETCH}))
        statuses.append((await page.receive()).get("problem", {}).get("status", 200))
        await page.disconnect()
    assert statuses == [200, 429]
