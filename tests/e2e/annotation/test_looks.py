"""Requirements for every page of a campaign: it fits a phone, is accessible, and is available in German."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.annotation.test_studio import operator_account
from tests.e2e.annotation.work_page import WorkPage
from tests.e2e.looks import PHONE, misfits, serious, words

__all__ = ["operator_account"]

# The same in both languages, or written by operators.
SAME = {
    "Look at the shape.",
    "It has the same back.",
    "Sketchfind",
    "API",
    "Release",
    "Releases",
    "Studio",
    "live",
    "URL",
}
SAME |= {"Dawid-Skene", "Bradley-Terry", "Baby", "Camping", "Code", "Sofa", "Sofas", "Sport"}
SAME |= {"Aggregation", "Bonus", "Prolific", "Snapshot", "Snapshots", "Status"}


def states(page: Page, campaigns: dict[str, int]) -> Iterator[str]:
    """Take `page` through every state of the workers' pages; yield the name of each."""
    worker = WorkPage(page, campaigns)
    page.goto("/annotate/")
    yield "campaigns"
    worker.open("looks")
    expect(page.locator(".welcome")).to_be_visible()
    yield "welcome"
    page.get_by_role("checkbox").check()
    page.locator(".welcome-begin").click()
    expect(worker.item).to_be_visible()
    yield "practice"
    worker.look()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".feedback")).to_be_visible()
    yield "feedback"
    page.keyboard.press("Enter")
    expect(page.locator(".feedback")).to_have_count(0)
    expect(worker.item).to_be_visible()
    yield "judge"
    worker.look()
    page.keyboard.press("z")
    expect(page.locator(".enlarged")).to_be_visible()
    yield "enlarged"
    page.keyboard.press("z")
    page.locator(".work-bar .tool").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "help"
    page.keyboard.press("Escape")
    worker.look()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".work-blank .action-main")).to_be_visible()
    yield "break"
    page.locator(".work-blank .action").last.click()
    expect(page.locator(".work-bar")).to_have_count(0)
    yield "thanks"
    for slug in ("attributes", "memory"):
        worker.open(slug)
        page.get_by_role("checkbox").check()
        page.locator(".welcome-begin").click()
        expect(worker.item).to_be_visible()
        yield slug
    page.locator(".collect .action-main").click()
    expect(page.locator(".look")).to_be_visible()
    yield "look"
    expect(page.locator(".surface")).to_be_visible()
    yield "draw"


def studio(page: Page, campaigns: dict[str, int], account: tuple[str, str]) -> Iterator[str]:
    """Do the same for the operators' pages."""
    page.goto("/studio/campaigns/")
    page.locator("[name=username]").fill(account[0])
    page.locator("[name=password]").fill(account[1])
    page.keyboard.press("Enter")
    expect(page.locator(".studio-table")).to_be_visible()
    yield "list"
    page.goto(f"/studio/campaigns/{campaigns['looks']}/")
    expect(page.locator(".live-figures")).to_be_visible()
    expect(page.locator(".lines")).to_have_count(0)
    page.locator(".tasks summary").first.click()
    yield "detail"
    page.goto("/studio/campaigns/new/")
    expect(page.locator(".campaign-form")).to_be_visible()
    yield "form"
    page.goto(f"/studio/campaigns/{campaigns['looks']}/settle/")
    expect(page.locator(".settle-table tbody tr").first).to_be_visible()
    yield "settle"
    page.goto(f"/studio/campaigns/{campaigns['looks']}/disputes/")
    expect(page.locator("h2")).to_be_visible()
    expect(page.locator(".lines")).to_have_count(0)
    yield "disputes"
    page.goto("/studio/campaigns/audit/")
    expect(page.locator(".audit-table")).to_be_visible()
    yield "audit"


def everything(page: Page, campaigns: dict[str, int], account: tuple[str, str]) -> Iterator[str]:
    yield from states(page, campaigns)
    yield from studio(page, campaigns, account)


def test_every_state_fits_a_phone(
    new_context: Callable[..., BrowserContext],
    campaigns: dict[str, int],
    operator_account: tuple[str, str],
) -> None:
    page = new_context(viewport=PHONE).new_page()
    found = [
        f"{name}: {one}" for name in everything(page, campaigns, operator_account) for one in misfits(page)
    ]
    assert found == []


@pytest.mark.parametrize(("theme", "language"), [("light", "en-GB"), ("dark", "de-DE")])
def test_axe_finds_nothing_serious(
    new_context: Callable[..., BrowserContext],
    campaigns: dict[str, int],
    operator_account: tuple[str, str],
    theme: str,
    language: str,
) -> None:
    page = new_context(color_scheme=theme, reduced_motion="reduce", locale=language).new_page()
    found = [
        f"{name}: {one}" for name in everything(page, campaigns, operator_account) for one in serious(page)
    ]
    assert found == []


def test_german_pages_are_german(
    new_context: Callable[..., BrowserContext],
    campaigns: dict[str, int],
    operator_account: tuple[str, str],
) -> None:
    said = {
        language: {name: set(words(page)) for name in everything(page, campaigns, operator_account)}
        for language in ("en-GB", "de-DE")
        if (page := new_context(locale=language).new_page())
    }
    names = {word for found in said.values() for page in found.values() for word in page if "hair" in word}
    left = {
        name: sorted((english & said["de-DE"][name]) - SAME - names)
        for name, english in said["en-GB"].items()
    }
    assert {name: found for name, found in left.items() if found} == {}
