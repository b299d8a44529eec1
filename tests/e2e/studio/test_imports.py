"""The page "Imports": upload a shop's export, confirm its columns, check it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.complaints import LOST, Complaints

FEEDS = Path(__file__).parents[2] / "webapp" / "catalog" / "importer" / "fixtures"


def _upload(operator: Page, name: str) -> None:
    operator.goto("/studio/imports/")
    operator.get_by_label("Feed (CSV").set_input_files(FEEDS / name)
    operator.get_by_role("button", name="Upload").click()
    expect(operator.get_by_role("heading", name=name)).to_be_visible()


def test_confirm_the_columns_of_an_export_and_check_it(operator: Page) -> None:
    _upload(operator, "shopify-new.csv")
    expect(operator.get_by_text("Shopify product CSV")).to_be_visible()
    vendor = operator.get_by_role("combobox", name="Vendor")
    expect(vendor).to_have_value("brand")
    expect(operator.get_by_role("button", name="Check without writing")).to_be_disabled()
    operator.get_by_role("button", name="Confirm columns").click()
    expect(operator.get_by_role("alert")).to_contain_text("has no currency")
    operator.get_by_label("Currency of prices").fill("EUR")
    vendor.select_option("Not imported")
    operator.get_by_role("button", name="Confirm columns").click()
    expect(operator.get_by_text("Confirmed, also for the next feed")).to_be_visible()
    expect(operator.get_by_role("button", name="Check without writing")).to_be_enabled()

    _upload(operator, "shopify-new.csv")  # the next feed with these columns
    expect(operator.get_by_role("combobox", name="Vendor")).to_have_value("")
    expect(operator.get_by_label("Currency of prices")).to_have_value("EUR")
    expect(operator.get_by_role("button", name="Check without writing")).to_be_enabled()


def test_unusable_feed_is_named_on_its_page(operator: Page, complaints: Complaints) -> None:
    complaints.mean("400")
    _upload(operator, "google-doctype.xml")
    expect(operator.get_by_role("alert")).to_contain_text("DOCTYPE")


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_fit_and_report_a_lost_connection(
    operator: Page, complaints: Complaints, width: int
) -> None:
    operator.set_viewport_size({"width": width, "height": 800})
    _upload(operator, "google.tsv")
    assert operator.evaluate("document.documentElement.scrollWidth") <= width
    complaints.mean(*LOST)
    operator.route("**/api/v1/catalog/imports/**", lambda route: route.abort())
    operator.goto("/studio/imports/")
    expect(operator.get_by_role("alert")).to_contain_text("No connection.")
    assert operator.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 1280])
def test_a_feed_by_address_is_entered_paused_and_deleted(operator: Page, width: int) -> None:
    operator.set_viewport_size({"width": width, "height": 800})
    operator.goto("/studio/imports/")
    operator.get_by_role("button", name="New feed").click()
    form = operator.get_by_role("dialog")
    form.get_by_label("Name", exact=True).fill("Shop")
    form.get_by_label("Address").fill("https://shop.example/export/products.csv")
    form.get_by_label("Schedule").select_option("Every 6 hours")
    form.get_by_role("button", name="Save").click()
    card = operator.get_by_role("listitem").filter(has=operator.get_by_role("heading", name="Shop"))
    expect(card).to_contain_text("Every 6 hours")
    expect(card).to_contain_text("Not yet")
    assert operator.evaluate("document.documentElement.scrollWidth") <= width
    card.get_by_role("button", name="Pause").click()
    expect(card).to_contain_text("Paused")
    card.get_by_role("button", name="Delete").click()
    operator.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(operator.get_by_text("There is none yet.")).to_be_visible()
