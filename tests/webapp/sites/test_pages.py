"""`/embed.js` and `/embed/`."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from webapp.sites.models import SiteKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path: Path, settings: Settings) -> Path:
    settings.FRONTEND_DIST = tmp_path
    (tmp_path / "embed.js").write_text("1;")
    return tmp_path / "embed.js"


def test_the_script_is_for_every_page_and_checked_for_changes(client: Client, built: Path) -> None:
    answer = client.get("/embed.js")
    assert (answer.status_code, answer.content) == (200, b"1;")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    known = {"if-none-match": answer["ETag"]}
    assert client.get("/embed.js", headers=known).status_code == 304
    built.write_text("2;")
    assert client.get("/embed.js", headers=known).content == b"2;"
    built.unlink()
    assert client.get("/embed.js").status_code == 404


def test_only_pages_of_the_key_may_frame_the_search(client: Client, site_key: SiteKey) -> None:
    page = client.get(f"/embed/?key={site_key.public_key}&theme=dark")
    assert page.status_code == 200
    assert "frame-ancestors https://shop.example" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page
    assert f'<sketch-search key="{site_key.public_key}"' in page.content.decode()
    assert client.get("/")["X-Frame-Options"] == "DENY"


def test_a_key_without_origins_is_framed_nowhere(client: Client, site_key: SiteKey) -> None:
    SiteKey.objects.update(origins=[])
    page = client.get(f"/embed/?key={site_key.public_key}")
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


@pytest.mark.parametrize("key", ["", "pk_false", '"><script>'])
def test_without_an_active_key_there_is_a_sentence(client: Client, key: str) -> None:
    page = client.get("/embed/", {"key": key}, headers={"accept-language": "de"})
    assert page.status_code == 403
    assert "<script" not in page.content.decode()
    assert "Schlüssel" in page.content.decode()
