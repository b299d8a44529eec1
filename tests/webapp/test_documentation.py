"""The built documentation, as served by the site."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "site"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>Sketchfind</h1>")
    (folder / "assets" / "search.js").write_text("1")
    (tmp_path / "secret_key").write_text("secret")
    settings.DOCUMENTATION_DIR = folder
    return folder


def test_a_built_site_is_served_and_linked(client: Client, built: Path) -> None:
    answer = client.get("/docs/")
    assert answer.content == b"<h1>Sketchfind</h1>"
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'self';" in answer["Content-Security-Policy"]
    assert client.get("/docs/assets/search.js")["Content-Type"] == "text/javascript; charset=utf-8"
    assert 'href="/docs/"' in client.get("/offline/").content.decode()


def test_the_link_is_german_for_germans(client: Client, built: Path) -> None:
    page = client.get("/offline/", headers={"accept-language": "de"}).content.decode()
    assert ">Dokumentation</a>" in page


@pytest.mark.parametrize("name", ["none.html", "../secret_key", "%2e%2e/secret_key", "/etc/passwd", "assets"])
def test_nothing_else_is_served(client: Client, built: Path, name: str) -> None:
    assert client.get(f"/docs/{name}").status_code == 404


def test_before_the_first_build_there_is_no_link(client: Client, built: Path) -> None:
    (built / "index.html").unlink()
    assert client.get("/docs/").status_code == 404
    assert 'href="/docs/"' not in client.get("/offline/").content.decode()
