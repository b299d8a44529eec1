"""An operator's campaign from its draft to its archive, watched live."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.annotation.work_page import WorkPage
from tests.e2e.complaints import Complaints
from tests.e2e.site_process import Site

NAME, PASSWORD = "browser-operator", "a long pencil 42"


@pytest.fixture(scope="session")
def operator_account(site: Site) -> tuple[str, str]:
    site.manage("create_operator", NAME, "--password", PASSWORD)
    return NAME, PASSWORD


@pytest.fixture
def operator(new_context: Callable[..., BrowserContext], operator_account: tuple[str, str]) -> Page:
    page = new_context().new_page()
    page.goto("/studio/campaigns/")
    page.get_by_label("Username").fill(operator_account[0])
    page.get_by_label("Password").fill(operator_account[1])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Campaigns")
    return page


def test_anonymous_users_are_redirected_to_sign_in(page: Page, campaigns: dict[str, int]) -> None:
    for path in ("", "new/", f"{campaigns['swipe']}/", f"{campaigns['swipe']}/edit/"):
        page.goto(f"/studio/campaigns/{path}")
        expect(page).to_have_url(re.compile("/admin/login/"))


def test_a_campaign_from_draft_to_archive(
    operator: Page,
    new_context: Callable[..., BrowserContext],
    campaigns: dict[str, int],
    complaints: Complaints,
) -> None:
    operator.get_by_role("link", name="New campaign").first.click()
    operator.get_by_role("radio", name="Sketches").check()
    operator.get_by_label("Title", exact=True).fill("Chairs from memory")
    operator.get_by_label("Instructions", exact=True).fill("Look, then draw.")
    operator.get_by_label("Viewing time (s)").fill("1")
    operator.get_by_role("button", name="Create draft").click()
    head = operator.get_by_role("heading", level=1)
    expect(head).to_contain_text("Chairs from memory")
    expect(head).to_contain_text("Draft")

    complaints.mean("status of 400")
    operator.get_by_role("button", name="Open to workers").click()
    expect(operator.get_by_role("alert")).to_contain_text("tasks")  # none yet
    operator.get_by_label("Category").select_option("chair")
    operator.get_by_role("button", name="Add", exact=True).click()
    expect(operator.get_by_text("16 tasks added")).to_be_visible()
    operator.get_by_role("link", name="Preview as worker").click()
    expect(operator.get_by_role("button", name="Show photo")).to_be_visible()
    operator.go_back()
    operator.get_by_role("button", name="Open to workers").click()
    expect(head).to_contain_text("Open")

    worker = WorkPage(new_context().new_page(), campaigns)
    worker.page.goto("/collect/chairs-from-memory/")
    for step, shown in (
        ("Pause", "Paused"),
        ("Resume", "Open"),
        ("Close", "Closed"),
        ("Archive", "Archived"),
    ):
        operator.get_by_role("button", name=step, exact=True).click()
        if step in ("Close", "Archive"):
            operator.get_by_role("dialog").get_by_role("button", name=step, exact=True).last.click()
        expect(head).to_contain_text(shown)
        if step in ("Pause", "Close"):
            worker.page.reload()
            words = "is paused" if step == "Pause" else "has ended"
            expect(worker.page.get_by_role("heading", level=1)).to_contain_text(words)


def test_progress_is_live_and_a_worker_can_be_stopped(
    operator: Page, worker: WorkPage, campaigns: dict[str, int], complaints: Complaints
) -> None:
    operator.goto(f"/studio/campaigns/{campaigns['live']}/")
    expect(operator.locator(".live-state")).to_have_text("live")
    decided = operator.locator(".live-decided")
    expect(decided).to_contain_text("0 of 40")
    worker.join("live")
    for key in ("1", "2", "1"):
        worker.press(key)
    expect(decided).to_contain_text("3 of 40")
    operator.reload()
    row = operator.get_by_role("row").filter(has_text=re.compile(r"W\d+"))
    row.get_by_role("button", name=re.compile("Block")).click()
    operator.get_by_label("Reason").fill("Too fast.")
    complaints.mean("status of 403")
    operator.get_by_role("dialog").get_by_role("button", name="Block", exact=True).click()
    expect(row).to_contain_text("blocked")
    worker.page.reload()
    expect(worker.page.get_by_role("heading", level=1)).to_have_text("You cannot continue in this campaign")
    row.get_by_role("button", name=re.compile("Let work again")).click()
    operator.get_by_role("dialog").get_by_role("button", name="Let work again", exact=True).click()
    expect(row).to_contain_text("too few answers to tell")
    worker.page.reload()
    expect(worker.item).to_be_visible()


def test_disputed_triplets_show_every_vote(
    operator: Page, new_context: Callable[..., BrowserContext], campaigns: dict[str, int]
) -> None:
    for favourite in (0, 1):
        someone = WorkPage(new_context().new_page(), campaigns).join("disputes")
        photos = someone.page.locator(".judge-pair img").evaluate_all(
            "images => images.map(image => image.src)"
        )
        chosen = sorted(photos)[favourite]
        someone.press("1" if photos[0] == chosen else "2")
    operator.goto(f"/studio/campaigns/{campaigns['disputes']}/")
    dispute = operator.locator(".dispute")
    expect(dispute).to_have_count(1)
    expect(dispute.locator(".ticks li")).to_have_count(2)

    operator.get_by_role("link", name="Settle disputes").click()
    dispute.get_by_role("button", name="Second is closer").click()
    operator.get_by_label("Reason").fill("the legs")
    operator.get_by_role("dialog").get_by_role("button", name="Settle").click()
    expect(dispute).to_contain_text("Settled by an expert")
    expect(dispute).to_contain_text("the legs")
    expect(dispute.locator(".plate-answer")).to_have_count(1)
    expect(dispute.locator(".ticks li")).to_have_count(2)  # no vote was added


def test_a_participant_changes_browsers_by_a_personal_link(
    operator: Page,
    new_context: Callable[..., BrowserContext],
    campaigns: dict[str, int],
    complaints: Complaints,
) -> None:
    first = WorkPage(new_context().new_page(), campaigns).join("speed", "?PROLIFIC_PID=mover")
    first.press("1")
    first.saved()

    complaints.mean("status of 409")
    other = WorkPage(new_context().new_page(), campaigns).open("speed", "?PROLIFIC_PID=mover")
    other.page.get_by_role("checkbox").check()
    other.button("Start").click()
    expect(other.page.get_by_role("alert")).to_contain_text("already in use in another browser")

    operator.goto(f"/studio/campaigns/{campaigns['speed']}/")
    operator.get_by_role("button", name="Personal link").click()
    operator.get_by_label("Participant ID on the panel").fill("mover")
    operator.get_by_role("button", name="Create link").click()
    other.page.goto(operator.locator(".personal-link").inner_text())
    other.page.get_by_role("checkbox").check()
    other.button("Start").click()
    expect(other.item).to_be_visible()
    assert "participant" not in other.page.url
    assert other.me()["n_answers"] == 1
