"""A studio with content, and a signed-in operator."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.site_process import Site

NAME, PASSWORD = "studio-operator", "a long pencil 43"
Ids = dict[str, int]


@pytest.fixture(scope="session")
def ids(site: Site) -> Ids:
    """The ids of what `seeds.make` created, by name."""
    site.manage("create_operator", NAME, "--password", PASSWORD)
    code = "from tests.e2e.studio.seeds import make; make()"
    printed = site.manage("shell", "--no-imports", "--command", code)
    found: Ids = json.loads(printed.strip().split("\n")[-1])
    return found


def signed_in(page: Page, address: str) -> Page:
    """Open a page of the studio as its operator, in any language."""
    page.goto(address)
    page.locator("[name=username]").fill(NAME)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".studio-nav")).to_be_visible()
    return page


@pytest.fixture
def sign_in(ids: Ids) -> Callable[[Page], Page]:
    """Sign an operator in."""
    return lambda page: signed_in(page, "/studio/queue/")


@pytest.fixture
def operator(new_context: Callable[..., BrowserContext], sign_in: Callable[[Page], Page]) -> Page:
    return sign_in(new_context().new_page())
