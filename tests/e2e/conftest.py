"""A real server and a real Chromium. Any console error, script error or policy violation fails a test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.e2e.complaints import Complaints
from tests.e2e.draw_page import DrawPage
from tests.e2e.site_process import ROOT, Site, fresh_stores, running
from tools.bootstrap.distribution import CHROMIUM

QUIET = ["background-networking", "component-update", "gpu", "sync", "dev-shm-usage"]
VISITOR = {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 1280, "height": 800}}
MISSING = "/nowhere/"  # the browser logs the answer 404
PATIENCE_MS = 20_000  # for busy machines
NewContext = Callable[..., BrowserContext]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def front_end() -> None:
    """The scripts that the pages load, built if necessary."""
    if not (ROOT / "frontend" / "dist" / ".vite" / "manifest.json").exists():
        for command in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
            subprocess.run(command, cwd=ROOT / "frontend", check=True)


@pytest.fixture(scope="session")
def site_at_rest(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site before its start; one per test process."""
    return Site(tmp_path_factory.mktemp("site"), *fresh_stores("browser"))


@pytest.fixture(scope="session")
def site(site_at_rest: Site, front_end: None) -> Iterator[Site]:
    """The running site. A module that needs another overrides this fixture."""
    with running(site_at_rest) as site:
        yield site


@pytest.fixture(scope="session")
def base_url(site_at_rest: Site) -> str:
    return site_at_rest.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The distribution's Chromium: Playwright downloads none. The tests fail without one."""
    given = os.environ.get("SKETCHFIND_CHROMIUM")
    chromium = given or CHROMIUM.find(os.environ)
    assert chromium, "no Chromium: apt-get install chromium, or name one in SKETCHFIND_CHROMIUM"
    args = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
    return {**browser_type_launch_args, "executable_path": str(chromium), "args": args}


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert complaints.unmeant() == []


@pytest.fixture
def context(new_context: NewContext) -> BrowserContext:
    return new_context()


@pytest.fixture
def new_context(new_context: NewContext, site: Site, complaints: Complaints) -> NewContext:
    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.location["url"].endswith(MISSING):
            complaints.heard.append(f"{message.text} ({message.location['url']})")

    def listening(**options: Any) -> BrowserContext:
        context = new_context(**{**VISITOR, **options})
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: complaints.heard.append(str(error.error)))
        context.on("console", hear)
        return context

    return listening


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def draw(page: Page) -> DrawPage:
    """The draw page, open and empty."""
    return DrawPage(page).open()


@pytest.fixture
def touch_draw(new_context: NewContext) -> DrawPage:
    """The draw page on a tablet."""
    return DrawPage(new_context(has_touch=True).new_page()).open()
