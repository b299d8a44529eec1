"""A panel is settled: one finishes, one ends early, both are decided, and neither may take part in the next study."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.annotation.test_studio import operator, operator_account
from tests.e2e.annotation.work_page import WorkPage
from tests.e2e.complaints import Complaints

__all__ = ["operator", "operator_account"]


def test_a_panel_is_settled_and_its_participants_are_excluded_later(
    operator: Page,
    new_context: Callable[..., BrowserContext],
    campaigns: dict[str, int],
    complaints: Complaints,
) -> None:
    done = WorkPage(new_context().new_page(), campaigns).join(
        "early", "?PROLIFIC_PID=done&STUDY_ID=s&SESSION_ID=x"
    )
    for _ in range(3):
        done.press("1")
    done.button("Finish").click()
    expect(done.page.locator(".code-value")).to_have_text("SF-FULL")
    early = WorkPage(new_context().new_page(), campaigns).join("early", "?PROLIFIC_PID=early")
    early.press("1")
    early.saved()
    early.page.locator(".work-bar .tool").click()
    expect(early.page.get_by_role("dialog").get_by_text("Your data")).to_be_visible()
    early.page.keyboard.press("Escape")

    operator.goto(f"/studio/campaigns/{campaigns['early']}/")
    operator.get_by_role("link", name="Settle the panel").click()
    rows = operator.locator(".settle-table tbody tr")
    expect(rows.filter(has_text="done")).to_contain_text("finished")
    expect(rows.filter(has_text="early").last).to_contain_text("working")
    operator.get_by_role("button", name="Select who finished").click()
    operator.get_by_role("button", name="Approve", exact=True).click()
    dialog = operator.get_by_role("dialog")
    expect(dialog).to_contain_text("Pay €4.00, bonuses €0.00.")
    dialog.get_by_role("button", name="Approve").click()
    expect(rows.filter(has_text="done")).to_contain_text("approved")
    expect(operator.locator(".settle-totals")).to_contain_text("€4.00")
    with operator.expect_download() as download:
        operator.get_by_role("link", name="Prolific: approve").click()
    assert Path(download.value.path()).read_text() == "done\n"

    operator.goto(f"/studio/campaigns/audit/?campaign={campaigns['early']}")
    decided = operator.locator(".audit-table tr").filter(has_text="Pay decided")
    expect(decided).to_contain_text("approve")

    operator.goto(f"/studio/campaigns/{campaigns['later']}/edit/")
    operator.get_by_text("Exclude participants of earlier campaigns").click()
    operator.get_by_role("checkbox", name="Chairs: early").check()
    operator.get_by_role("button", name="Save").click()
    expect(operator.get_by_role("heading", level=1)).to_contain_text("Chairs: later")
    complaints.mean("status of 403")
    complaints.mean("status of 401")  # the page asks whether the refused are known, and they are not
    refused = WorkPage(new_context().new_page(), campaigns).open("later", "?PROLIFIC_PID=done")
    refused.page.get_by_role("checkbox").check()
    refused.button("Start").click()
    expect(refused.page.get_by_role("alert")).to_contain_text("already taken part in an earlier study")
    back = refused.page.get_by_role("link", name="Return to the panel")
    expect(back).to_have_attribute("href", "https://app.prolific.com/submissions")


def test_a_worker_erases_their_data_after_a_second_question(
    worker: WorkPage, campaigns: dict[str, int], complaints: Complaints
) -> None:
    worker.join("erased")
    worker.press("1")
    worker.saved()
    worker.page.locator(".work-bar .tool").click()
    worker.page.get_by_text("Your data").click()
    worker.button("Erase my data").click()
    expect(worker.page.get_by_role("dialog")).to_contain_text("for good")
    worker.button("Erase for good").click()
    expect(worker.page).to_have_url(re.compile("/annotate/$"))
    worker.open("erased")
    expect(worker.page.locator(".welcome")).to_be_visible()  # nobody is known here
