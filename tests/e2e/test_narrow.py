"""The narrowest phones, 320 px: labels stay in their buttons, the header in one line, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.every_page import collect
from tests.e2e.looks import NARROW, crowded
from tests.e2e.recognition import recognise
from tests.e2e.site_process import Site
from tests.e2e.sketches import CHAIR

LANGUAGES = ["en-GB", "de-DE"]
NAME, PASSWORD = "narrow-operator", "a short pencil 21"


@pytest.fixture
def narrow(new_context: Callable[..., BrowserContext], language: str) -> Page:
    return new_context(viewport=NARROW, locale=language, has_touch=True, is_mobile=True).new_page()


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_fit_on_every_page(narrow: Page, site: Site) -> None:
    assert collect(narrow, site, lambda: crowded(narrow)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_operators_header_is_one_line(narrow: Page, site: Site) -> None:
    site.manage("create_operator", NAME, "--password", PASSWORD)
    narrow.goto("/studio/")
    narrow.locator("[name=username]").fill(NAME)
    narrow.locator("[name=password]").fill(PASSWORD)
    narrow.keyboard.press("Enter")
    expect(narrow.locator(".studio-nav")).to_be_visible()
    for path in ("/", "/browse/", "/how/", "/annotate/"):
        narrow.goto(path)
        expect(narrow.locator(".site-nav a")).to_have_count(5)
        assert crowded(narrow) == [], path


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sure", [True, False])
def test_names_and_words_fit(narrow: Page, site: Site, sure: bool) -> None:
    recognise(narrow, sure=sure)
    draw = DrawPage(narrow).open()
    draw.sketch(CHAIR)
    narrow.locator(".words input").fill("a wooden clock with a red face and golden hands")
    narrow.locator("button.chip").nth(1).click()
    expect(narrow.locator("button.chip").nth(1)).to_have_attribute("aria-pressed", "true")
    draw.found()
    assert crowded(narrow) == []
