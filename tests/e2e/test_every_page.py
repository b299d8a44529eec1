"""Requirements for every page: it fits a phone, is accessible, and breaks no policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.every_page import collect, every_page
from tests.e2e.looks import PHONE, misfits, serious
from tests.e2e.site_process import Site
from tests.e2e.sketches import CHAIR


def test_every_page_fits_a_phone(new_context: Callable[..., BrowserContext], site: Site) -> None:
    page = new_context(viewport=PHONE).new_page()
    findings = collect(page, site, lambda: misfits(page))
    assert findings == []


@pytest.mark.parametrize(("theme", "language"), [("light", "en-GB"), ("dark", "de-DE")])
def test_axe_finds_nothing_serious(
    new_context: Callable[..., BrowserContext], site: Site, theme: str, language: str
) -> None:
    options = {"color_scheme": theme, "reduced_motion": "reduce", "locale": language}
    page = new_context(**options).new_page()

    assert collect(page, site, lambda: serious(page)) == []


def test_dark_and_light_follow_the_system_and_the_switch(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(color_scheme="dark").new_page()
    page.goto("/how/")
    dark = _ground(page)
    switch = page.locator("[data-theme-switch]")
    switch.click()
    expect(switch).to_have_accessible_name("Theme: light")
    assert _ground(page) > dark + 300
    page.goto("/browse/")
    assert _ground(page) > dark + 300
    page.emulate_media(color_scheme="light")
    page.locator("[data-theme-switch]").click()
    assert _ground(page) == dark


def test_ink_follows_the_theme(draw: DrawPage) -> None:
    draw.sketch(CHAIR)
    ink = "getComputedStyle(document.querySelector('.surface')).color"
    light = draw.page.evaluate(ink)
    draw.page.emulate_media(color_scheme="dark")
    assert draw.page.evaluate(ink) != light


def test_with_reduced_motion_nothing_slides(new_context: Callable[..., BrowserContext]) -> None:
    draw = DrawPage(new_context(reduced_motion="reduce").new_page()).open()
    for stroke in CHAIR:
        draw.stroke(stroke)
        moving = draw.page.evaluate(
            "document.getAnimations().filter(a => a.effect.getTiming().duration > 1).length"
        )
        assert moving == 0
    assert draw.found()


def test_every_page_in_a_row_without_a_complaint(page: Page, site: Site) -> None:
    assert "draw, why" in list(every_page(page, site))
    page.goto("/api/v1/docs/")
    expect(page.locator(".opblock").first).to_be_visible()
    page.goto("/admin/")
    expect(page.get_by_label("Username")).to_be_visible()


def _ground(page: Page) -> int:
    """Return the sum of red, green and blue of the page's background."""
    colour: str = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3])
