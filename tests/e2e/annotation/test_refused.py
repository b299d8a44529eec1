"""Answers that the server refuses are never called saved, are kept, and can be sent again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.annotation.work_page import WorkPage
from tests.e2e.complaints import Complaints
from tests.e2e.draw_page import DrawPage

REFUSED = {"title": "Conflict", "status": 409, "detail": "The lease has ended."}


def refuse(page: Page, pattern: str, n: int) -> None:
    """Let the server refuse the next `n` requests of that kind."""
    left = iter(range(n))

    def answer(route: Route) -> None:
        if next(left, None) is None:
            route.continue_()
        else:
            route.fulfill(status=409, content_type="application/problem+json", body=json.dumps(REFUSED))

    page.route(pattern, answer)


def test_a_refused_answer_is_shown_kept_over_a_reload_and_sent_again(
    worker: WorkPage, complaints: Complaints
) -> None:
    page = worker.join("refused").page
    complaints.mean("409")
    refuse(page, "**/vote", 2)
    worker.press("1")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("1 answer is not saved. The lease has ended.")
    expect(worker.badge).to_have_text("1 not saved")
    page.reload()  # is sent again, and refused again
    expect(notice).to_contain_text("1 answer is not saved.")
    worker.button("Send again").click()
    expect(notice).to_have_count(0)
    worker.saved()
    assert worker.me()["n_answers"] == 1


def test_a_refused_drawing_is_kept_too(worker: WorkPage, complaints: Complaints) -> None:
    page = worker.join("memory").page
    worker.button("Show photo").click()
    expect(page.locator(".surface")).to_be_visible()
    DrawPage(page).stroke([(0.2, 0.2), (0.8, 0.8)])
    complaints.mean("409")
    refuse(page, "**/sketch", 1)
    worker.button("Submit drawing").click()
    expect(page.get_by_role("alert")).to_contain_text("1 answer is not saved.")
    worker.button("Send again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    worker.saved()
    assert worker.me()["n_answers"] == 1


def test_who_deletes_the_cookies_goes_on_as_the_same_worker(worker: WorkPage, complaints: Complaints) -> None:
    page = worker.join("signed-out").page
    worker.press("1")
    worker.saved()
    before = worker.me()["id"]
    page.wait_for_load_state("networkidle")
    complaints.mean("401")
    page.context.clear_cookies()
    worker.press("2")
    expect(page.get_by_role("alert")).to_contain_text("You are signed out here")
    worker.button("Start again").click()
    page.get_by_role("checkbox").check()
    worker.button("Start").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    worker.press("1")
    worker.saved()
    assert (worker.me()["id"], worker.me()["n_answers"]) == (before, 3)


def test_who_finds_nothing_free_waits_and_gets_what_becomes_free(
    worker: WorkPage, new_context: Callable[..., BrowserContext], campaigns: dict[str, int]
) -> None:
    other = WorkPage(new_context().new_page(), campaigns).join("crowded")
    page = worker.open("crowded").page
    page.get_by_role("checkbox").check()
    worker.button("Start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is free right now")
    expect(page.locator(".code-value")).to_have_count(0)
    other.button("Finish").click()  # gives its task back
    expect(worker.item).to_be_visible(timeout=40_000)
    expect(other.page.get_by_role("heading", level=1)).to_have_text(re.compile("Thank you"))
