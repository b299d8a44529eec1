"""The page "Words": see what products are recognised as, correct it, and return to what was computed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.complaints import LOST, Complaints


def test_correct_a_category_and_reset_it(operator: Page) -> None:
    operator.goto("/studio/words/")
    row = operator.locator(".words-item").first
    expect(row).to_be_visible()
    row.get_by_role("button", name="Add a name").click()
    dialog = operator.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill("zebr")
    dialog.get_by_role("button", name="zebra").click()
    dialog.get_by_role("button", name="Save").click()
    expect(row.locator(".word-corrected")).to_contain_text("zebra")

    row.locator(".words-what .link").click()
    product = row.locator(".words-products .words-item").first
    expect(product.locator(".chip", has_text="zebra")).to_be_visible()
    product.locator(".chip", has_text="zebra").click()
    dialog.get_by_role("button", name="This is wrong: remove").click()
    expect(product.locator(".word-not")).to_contain_text("not zebra")

    operator.reload()
    expect(row.locator(".word-corrected")).to_contain_text("zebra")
    row.get_by_role("button", name="Reset").click()
    expect(row.locator(".chip", has_text="zebra")).to_have_count(0)


def test_a_lost_connection_is_reported_and_can_be_repeated(operator: Page, complaints: Complaints) -> None:
    complaints.mean(*LOST)
    operator.route("**/api/v1/catalog/words/**", lambda route: route.abort())
    operator.goto("/studio/words/")
    expect(operator.get_by_role("alert")).to_contain_text("No connection.")
    operator.unroute("**/api/v1/catalog/words/**")
    operator.get_by_role("button", name="Try again").click()
    expect(operator.locator(".words-item").first).to_be_visible()


def test_a_category_that_does_not_exist(operator: Page) -> None:
    operator.goto("/studio/words/")
    operator.get_by_role("searchbox").fill("zeppelin")
    operator.get_by_role("button", name="Search").click()
    expect(operator.get_by_text("No category is called “zeppelin”.")).to_be_visible()
