"""Releases in a real browser: the gate's report, promotion and rollback with a reason."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.complaints import Complaints
from tests.e2e.site_process import Site

Ids = dict[str, int]


def test_the_gate_is_read(operator: Page, ids: Ids) -> None:
    operator.goto("/studio/")
    waits = operator.get_by_role("listitem").filter(has_text="ready to promote")
    waits.get_by_role("link").click()
    expect(operator.get_by_role("heading", level=1)).to_contain_text("passed the gate")
    gate = operator.get_by_role("row")
    expect(gate.filter(has_text="acc@10")).to_contain_text("+4.9 points")
    expect(gate.filter(has_text="acc@10")).to_contain_text("better")
    expect(gate.filter(has_text="%corr_random")).to_contain_text("no significant difference")
    expect(operator.locator(".reason").first).to_contain_text("For:")
    example = operator.locator(".canary").first
    expect(example.get_by_role("img", name="The sketch")).to_be_visible()
    expect(example.locator(".hit img")).to_have_count(20)
    expect(example.locator(".hit-only")).to_have_count(4)
    expect(example.locator(".hit small").first).to_have_text("↑ 1")
    expect(operator.locator(".chain li")).to_have_count(3)  # an imported model, index, release


def test_a_release_is_promoted_and_rolled_back_with_reasons(operator: Page, site: Site, ids: Ids) -> None:
    operator.goto("/studio/releases/")
    live = operator.locator(".release-live")
    expect(live).to_contain_text(f"Release {ids['live']} is live")
    operator.get_by_role("button", name=f"Promote release {ids['candidate']}").click()
    dialog = operator.get_by_role("dialog")
    dialog.get_by_role("button", name="Promote", exact=True).click()
    expect(dialog).to_contain_text("required")  # a reason is required
    dialog.get_by_label("Reason").fill("More chairs are found.")
    dialog.get_by_role("button", name="Promote", exact=True).click()
    expect(live).to_contain_text(f"Release {ids['candidate']} is live")
    history = operator.locator(".history li")
    expect(history.first).to_contain_text("More chairs are found.")
    site.wait_answers_of(ids["candidate"])

    live.get_by_role("button", name="Roll back").click()
    dialog.get_by_label("Reason").fill("Tables are worse.")
    dialog.get_by_role("button", name="Roll back").click()
    expect(live).to_contain_text(f"Release {ids['live']} is live")
    expect(history.first).to_contain_text(f"Rolled back to release {ids['live']}")
    expect(history.first).to_contain_text("Tables are worse.")
    expect(history.first).to_contain_text("studio-operator")


def test_a_stale_page_cannot_move_the_pointer(
    operator: Page, site: Site, ids: Ids, complaints: Complaints
) -> None:
    operator.goto(f"/studio/releases/{ids['candidate']}/")
    operator.get_by_role("button", name="Promote").click()
    dialog = operator.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("It is better.")
    for command in (("release_promote", str(ids["candidate"])), ("release_rollback",)):
        site.manage(*command)
    complaints.mean("status of 409")
    dialog.get_by_role("button", name="Promote", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("has changed since")
    operator.goto("/studio/releases/")
    expect(operator.locator(".release-live")).to_contain_text(f"Release {ids['live']} is live")
    site.wait_answers_of(ids["live"])


def test_a_model_shows_its_card_and_lineage(operator: Page, ids: Ids) -> None:
    operator.goto("/studio/models/")
    operator.locator(f"th a[href='/studio/models/{ids['model']}/']").click()
    expect(operator).to_have_url(re.compile(f"/studio/models/{ids['model']}/$"))
    expect(operator.get_by_role("heading", name="Model card")).to_be_visible()
    expect(operator.get_by_role("link", name=re.compile(r"^Release \d"))).to_have_count(2)
    expect(operator.locator(".numbers")).to_contain_text("acc@10")


def test_a_failed_index_can_be_rebuilt_from_the_page(operator: Page, ids: Ids) -> None:
    operator.goto(f"/studio/models/{ids['unindexed']}/")
    again = operator.get_by_role("button", name="Rebuild index")
    expect(operator.locator(".run-why")).to_contain_text("No space left")
    again.click()
    expect(operator.get_by_role("row").nth(1)).to_contain_text("Waiting")
    expect(again).to_have_count(0)
