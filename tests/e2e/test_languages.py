"""Complete German: every English text of a page has a German one."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.every_page import every_page
from tests.e2e.looks import words
from tests.e2e.site_process import Site

# The same in both languages.
SAME = {
    "API",
    "Baby",
    "Camping",
    "Code",
    "Encoder",
    "Index",
    "Link",
    "Release",
    "Sketchfind",
    "Sofa",
    "Sofas",
}
SAME |= {"Snapshot", "Sport", "Training"}


def _words(page: Page, site: Site) -> dict[str, set[str]]:
    return {name: set(words(page)) for name in every_page(page, site)}


def test_german_pages_are_german(new_context: Callable[..., BrowserContext], site: Site) -> None:
    names = set(_names(site))
    english = _words(new_context(locale="en-GB").new_page(), site)
    german = _words(new_context(locale="de-DE").new_page(), site)
    left = {
        page: sorted(word for word in said & german[page] if word not in SAME | names)
        for page, said in english.items()
    }
    assert {page: said for page, said in left.items() if said} == {}


def test_the_language_is_switched_on_the_page_and_stays(draw: DrawPage) -> None:
    draw.page.get_by_role("combobox", name="Language").select_option("de")
    expect(draw.page.locator("html")).to_have_attribute("lang", "de")
    expect(draw.page.get_by_role("button", name="Rückgängig")).to_be_visible()
    draw.page.goto("/browse/")
    expect(draw.page.locator("html")).to_have_attribute("lang", "de")
    expect(draw.page.locator("a.shelf[href*='category=armchair']")).to_contain_text("Sessel")


def _names(site: Site) -> list[str]:
    page = site.get("products/?category=chair")
    return [product["name"] for product in page["results"]]
