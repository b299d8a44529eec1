"""Every page, and every state that looks different, for tests that apply to all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.site_process import Site
from tests.e2e.sketches import CHAIR

DIALOGS = {
    "why": ".card-tools .mini >> nth=0",
    "share": ".actions .action >> nth=1",
    "settings": ".action-end",
}


def paths(site: Site) -> dict[str, str]:
    """Return paths by name."""
    return {
        "browse": "/browse/",
        "shelf": "/browse/?category=sofa",
        "no product": "/browse/?q=zeppelin",
        "product": site.get("products/?category=chair")["results"][0]["url"],
        "how": "/how/",
        "offline": "/offline/",
        "nowhere": "/nowhere/",
    }


def every_page(page: Page, site: Site) -> Iterator[str]:
    """Take `page` through all of them; yield the name of the one it shows."""
    for name, path in paths(site).items():
        page.goto(path)
        yield name
    draw = DrawPage(page).open()
    expect(page.locator(".example").first).to_be_visible()
    yield "draw, empty"
    draw.sketch(CHAIR)
    yield "draw, results"
    for name, opener in DIALOGS.items():
        page.locator(opener).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        if name == "share":
            expect(page.locator(".share-row input")).to_be_visible()
        yield f"draw, {name}"
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()


def collect(page: Page, site: Site, look: Callable[[], list[str]]) -> list[str]:
    """Return what `look` finds on each page, with the page's name."""
    return [f"{name}: {finding}" for name in every_page(page, site) for finding in look()]
