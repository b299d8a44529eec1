"""German, whole: what a page says in English it says in German, too."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.every_page import every_page
from tests.e2e.site_process import Site

# Words a page shows or tells screen readers, without the names of products and what comes from the model's card.
WORDS = """() => {
    const leave = "script, style, noscript, code, kbd, [lang]:not(html), .card-name, .tile-name, .product h1, .facts dd,"
        + " .model-card, .timings dd, .why h2";
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const words = [document.title.replace(" – Sketchfind", "")];
    for (let node; (node = walker.nextNode()); ) {
        if (!node.parentElement.closest(leave)) words.push(node.textContent);
    }
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
        for (const name of ["aria-label", "title", "placeholder"]) words.push(element.getAttribute(name) ?? "");
    }
    return words.map((text) => text.replace(/[\\s\\d()]+/g, " ").trim()).filter((text) => /\\p{L}{3}/u.test(text));
}"""
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
SAME |= {"Sport", "Training"}


def _words(page: Page, site: Site) -> dict[str, set[str]]:
    return {name: set(page.evaluate(WORDS)) for name in every_page(page, site)}


def test_german_pages_are_german(new_context: Callable[..., BrowserContext], site: Site) -> None:
    names = set(_names(site))
    english = _words(new_context(locale="en-GB").new_page(), site)
    german = _words(new_context(locale="de-DE").new_page(), site)
    left = {
        page: sorted(word for word in words & german[page] if word not in SAME | names)
        for page, words in english.items()
    }
    assert {page: words for page, words in left.items() if words} == {}


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
