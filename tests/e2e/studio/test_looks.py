"""Requirements for every page of the studio: it fits a phone, is accessible, and is available in German."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.looks import PHONE, misfits, serious, words
from tests.e2e.site_process import Site

Ids = dict[str, int]
SignIn = Callable[[Page], Page]
# The same in both languages, or written by trainings, gates and operators.
SAME = {
    *("API", "Release", "Releases", "Sketchfind", "Studio", "live", "Index", "System", "Name", "min s"),
    *("Build", "Details", "Live", "live:", "RAM", "Snapshot", "Status", "Training"),
    *("CPU", "SHA-", "cpu", "gpu", "gdh", "int", "train", "index, default"),
    *("Baby", "Camping"),  # categories
    *("loss", "val/acc@", "val acc@", "val score", "%corr", "%corr_random"),
}
DATA: tuple[str, ...] = (
    "sketchfind",
    "fine-tune",
    "triplets",
    "desk",
    "operator",
    "release_",
    "snapshot",
    "stage",
    "-ranking",
    "-projection",
    "precision@",
    "any@",
    "acc@",
    "seats@",
    "median_rank",
    "from the last",
    "processor",
    "line",
    "reported",
    "Chairs: ",
    "Tables are",
    "More chairs",
    "It is better",
    "Is enough",
    "triplet-san",
    "dssa",
    "sketchmate",
)
HASH = re.compile("[a-f ]+")


def pages(page: Page, ids: Ids) -> Iterator[str]:
    """Take `page` through the studio; yield the name of each page."""
    there = {
        "overview": ("/studio/", ".numbers"),
        "runs": ("/studio/runs/", ".studio-table"),
        "new": ("/studio/runs/new/", ".settings-grid"),
        "running": (f"/studio/runs/{ids['running']}/", ".chart canvas"),
        "failed": (f"/studio/runs/{ids['failed']}/", ".failure"),
        "compare": (f"/studio/runs/compare/?ids={ids['done']},{ids['other']}", ".chart canvas"),
        "models": ("/studio/models/", ".studio-table"),
        "model": (f"/studio/models/{ids['model']}/", ".numbers"),
        "unindexed": (f"/studio/models/{ids['unindexed']}/", ".run-why"),
        "releases": ("/studio/releases/", ".release-live"),
        "gate": (f"/studio/releases/{ids['candidate']}/", ".canary"),
        "words": ("/studio/words/", ".words-item"),
        "queue": ("/studio/queue/", ".studio-table"),
    }
    for name, (path, selector) in there.items():
        page.goto(path)
        expect(page.locator(selector).first).to_be_visible()
        yield name
    page.goto("/studio/runs/rules/")
    page.locator(".form-row .action-main").click()
    expect(page.locator(".settings-grid")).to_be_visible()
    yield "rule"
    page.goto("/studio/releases/")
    page.locator(".row-actions .action").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "promote"
    page.goto("/studio/words/")
    page.locator(".words-what .link").first.click()
    expect(page.locator(".words-product").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Add a name|Namen hinzufügen")).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "words, products and dialog"


def test_every_page_fits_a_phone(
    new_context: Callable[..., BrowserContext], sign_in: SignIn, ids: Ids
) -> None:
    page = sign_in(new_context(viewport=PHONE).new_page())
    assert [f"{name}: {one}" for name in pages(page, ids) for one in misfits(page)] == []


@pytest.mark.parametrize(("theme", "language"), [("light", "en-GB"), ("dark", "de-DE")])
def test_axe_finds_nothing_serious(
    new_context: Callable[..., BrowserContext], sign_in: SignIn, ids: Ids, theme: str, language: str
) -> None:
    context = new_context(color_scheme=theme, reduced_motion="reduce", locale=language)
    page = sign_in(context.new_page())
    assert [f"{name}: {one}" for name in pages(page, ids) for one in serious(page)] == []


def test_german_pages_are_german(
    new_context: Callable[..., BrowserContext], sign_in: SignIn, site: Site, ids: Ids
) -> None:
    products = {
        product["name"]
        for category in ("chair", "accessory")  # the first on the page "Words"
        for product in site.get(f"products/?category={category}")["results"]
    }
    products |= {"A paid study", "My shoes"}  # campaigns of other tests
    said = {
        language: {name: set(words(page)) for name in pages(page, ids)}
        for language in ("en-GB", "de-DE")
        if (page := sign_in(new_context(locale=language).new_page()))
    }
    left = {
        name: sorted(word for word in (english & said["de-DE"][name]) - SAME - products if not _is_data(word))
        for name, english in said["en-GB"].items()
    }
    assert {name: found for name, found in left.items() if found} == {}


def _is_data(words: str) -> bool:
    return HASH.fullmatch(words) is not None or any(part in words for part in DATA)
