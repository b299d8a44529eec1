"""The site's own name and look; a colour that cannot be read stops the start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from webapp.config.brand import Accent, accent, contrast
from webapp.config.environment import SettingError, config_read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0)],
)
def test_contrasts_are_those_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("#ffcc00", "on light pages"),
        ("#0b5f63,#0b5f63", "on dark pages"),
        ("#fff", "#rrggbb"),
        ("red", "#rrggbb"),
        ("#000000,#ffffff,#000000", "#rrggbb"),
    ],
)
def test_an_unreadable_colour_stops_the_start(text: str, named: str) -> None:
    with pytest.raises(SettingError, match=named) as error:
        config_read({"SKETCHFIND_BRAND_ACCENT": text})
    assert str(error.value).startswith("SKETCHFIND_BRAND_ACCENT: ")
    if "pages" in named:
        better = str(error.value).rpartition("; ")[2].split("'")[1]
        assert accent(better if named == "on light pages" else f"#0b5f63,{better}")


def test_one_colour_is_enough() -> None:
    found = accent("#0B5F63")
    assert found is not None
    assert found.light == "#0b5f63"
    assert contrast(found.dark, "#17191e") >= 4.5


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [("a.svg", None, "exist"), ("a.gif", b"", "svg"), ("a.png", b"x" * 200_001, "bytes")],
)
def test_a_logo_is_checked_at_the_start(tmp_path: Path, name: str, content: bytes | None, named: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingError, match=named):
        config_read({"SKETCHFIND_BRAND_LOGO": str(tmp_path / name)})


def test_pages_have_the_sites_name_and_look(client: Client, settings: Settings, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    settings.CONFIG = replace(
        settings.CONFIG,
        brand_name="Schuhhaus & Co",
        brand_tagline="find your shoe",
        brand_tagline_de="Ihr Schuh",
        brand_logo=logo,
        brand_accent=Accent("#0b5f63", "#7fd6d9"),
    )
    page = client.get("/").content.decode()
    assert "<title>Schuhhaus &amp; Co – find your shoe</title>" in page
    assert '<img src="/brand/logo" alt="Schuhhaus &amp; Co"' in page
    assert '<link rel="stylesheet" href="/brand/style.css">' in page
    assert "Sketchfind" not in page
    german = client.get("/", headers={"accept-language": "de"}).content.decode()
    assert "<title>Schuhhaus &amp; Co – Ihr Schuh</title>" in german
    assert "– Schuhhaus &amp; Co</title>" in client.get("/nowhere/").content.decode()
    assert client.get("/brand/logo")["Content-Type"] == "image/svg+xml"
    assert b"light-dark(#0b5f63, #7fd6d9)" in client.get("/brand/style.css").content


def test_the_default_look_is_ours(client: Client, settings: Settings) -> None:
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    page = client.get("/").content.decode()
    assert "<title>Sketchfind – draw a product, find it</title>" in page
    assert "/brand/" not in page
    assert client.get("/brand/logo").status_code == client.get("/brand/style.css").status_code == 404
