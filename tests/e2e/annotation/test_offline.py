"""Judging continues without a connection, and nothing is lost."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.annotation.work_page import WorkPage
from tests.e2e.complaints import LOST, Complaints


def test_answers_wait_for_the_connection(worker: WorkPage, complaints: Complaints) -> None:
    page = worker.join("offline").page
    worker.press("1")
    worker.saved()
    page.wait_for_load_state("networkidle")  # the next ones are loaded, including pictures
    complaints.mean(*LOST)
    page.context.set_offline(True)
    for _ in range(3):
        worker.press("2")
    expect(worker.badge).to_have_text(re.compile(r"Offline, \d pending"))
    for _ in range(2):
        worker.press("2")
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
    page.context.set_offline(False)
    expect(worker.item).to_be_visible()
    worker.saved()
    assert worker.me()["n_answers"] == 6


def test_a_closed_page_sends_its_answers_when_it_is_opened_again(
    worker: WorkPage, complaints: Complaints
) -> None:
    page = worker.join("closed-page").page
    page.wait_for_load_state("networkidle")
    complaints.mean(*LOST)
    page.context.set_offline(True)
    worker.press("1")
    worker.press("2")
    page.close()
    page.context.set_offline(False)
    again = WorkPage(page.context.new_page(), worker.campaigns).open("closed-page")
    expect(again.item).to_be_visible()
    again.saved()
    assert again.me()["n_answers"] == 2
