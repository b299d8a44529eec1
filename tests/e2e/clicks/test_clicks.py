"""A visitor is asked, agrees, opens a product and erases it again; the operator sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.site_process import Site, fresh_stores, running
from tests.e2e.sketches import CHAIR
from tests.e2e.studio.conftest import NAME, PASSWORD, signed_in

pytestmark = pytest.mark.own_stores


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("clicks"), *fresh_stores("clicks"))
    site.environ |= {"SKETCHFIND_RECORD_CLICKS": "ask", "SKETCHFIND_LEARN_FROM_CLICKS": "true"}
    return site


@pytest.fixture(scope="module")
def site(asking: Site, front_end: None) -> Iterator[Site]:
    with running(asking) as started:
        started.manage("create_operator", NAME, "--password", PASSWORD)
        yield started


def insights(operator: Page, site: Site) -> list[str]:
    """Return the figures at the top of the page."""
    operator.goto(f"{site.url}/studio/insights/")
    expect(operator.locator(".numbers strong, .blank").first).to_be_visible()
    return operator.locator(".numbers strong").all_inner_texts()


def test_a_visitor_decides_and_the_operator_sees_what_was_given(
    new_context: Callable[..., BrowserContext], page: Page, site: Site
) -> None:
    operator = signed_in(new_context().new_page(), f"{site.url}/studio/insights/")
    assert insights(operator, site) == []

    draw = DrawPage(page).open(site.url)
    draw.sketch(CHAIR)
    asked = draw.page.get_by_role("region", name="May this site learn from your search?")
    expect(asked).to_contain_text("It is deleted after 90 days.")
    draw.page.wait_for_timeout(2_500)  # looked at, but nobody agreed
    assert insights(operator, site) == []
    with draw.page.expect_request("**/api/v1/answers/"):
        draw.button("Yes, with my drawings").click()
        expect(asked).to_be_hidden()
    assert {cookie["name"] for cookie in draw.page.context.cookies()} <= {"csrftoken"}

    with draw.page.expect_request("**/api/v1/clicks/"):
        draw.page.locator(".card-link").nth(2).click()
    draw.page.wait_for_url("**/p/**")
    assert insights(operator, site) == ["1", "100%", "3.0"]
    expect(operator.get_by_text("1 search with a click and its drawing.")).to_be_visible()

    draw.page.go_back()
    draw.button("Settings and shortcuts").click()
    draw.button("Delete what was recorded of this visit").click()
    expect(draw.page.get_by_text("1 search was deleted.")).to_be_visible()
    assert insights(operator, site) == []


def test_a_refusal_is_final(page: Page, site: Site) -> None:
    draw = DrawPage(page).open(site.url)
    draw.sketch(CHAIR)
    draw.button("No").click()
    reports: list[str] = []
    page.on("request", lambda request: reports.append(request.url) if request.method == "POST" else None)
    page.wait_for_timeout(2_500)
    page.locator(".card-link").first.click()
    page.wait_for_url("**/p/**")
    assert reports == []
    page.goto(site.url)
    expect(page.get_by_role("region", name="May this site learn from your search?")).to_be_hidden()
