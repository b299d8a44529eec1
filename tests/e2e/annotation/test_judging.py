"""Judging triplets in a real browser: by keyboard, by finger, two at once."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Route, expect

from tests.e2e.annotation.work_page import WorkPage, sent
from tests.e2e.complaints import Complaints


def test_a_whole_campaign_by_keyboard(worker: WorkPage) -> None:
    page = worker.open("keyboard").page
    page.keyboard.press("Tab")  # skip link
    while not page.evaluate("document.activeElement.matches('.consent input')"):
        page.keyboard.press("Tab")
    page.keyboard.press(" ")
    page.keyboard.press("Enter")
    expect(worker.count).to_have_text("Practice")
    for key in ("1", "ArrowRight"):
        expect(worker.item).to_be_visible()
        worker.look()
        page.keyboard.press(key)
        expect(page.locator(".feedback")).to_contain_text("It has the same back.")
        expect(worker.button("Continue")).to_be_focused()
        page.keyboard.press("Enter")
    expect(worker.count).to_have_text("0 done")  # the practice is none

    worker.press("1")
    worker.look()
    page.keyboard.press("2")  # the fourth: a break
    expect(worker.button("Keep going")).to_be_focused()
    page.keyboard.press("Enter")
    expect(worker.item).to_be_visible()
    taken_back = worker.pair()
    worker.press("s")
    expect(worker.count).to_have_text("2 done")  # skipping is not an answer
    worker.saved()  # else its receipt may be announced after the undo
    page.keyboard.press("u")
    expect(worker.page.locator("p[role=status][aria-live=polite]")).to_have_text("Undone. Choose again.")
    assert worker.pair() == taken_back
    page.keyboard.press("z")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_role("dialog")).to_be_hidden()
    for key in ("c", "ArrowLeft", "ArrowRight"):
        worker.press(key)
    worker.look()
    page.keyboard.press("1")  # the eighth: a break, after which nothing is left
    expect(worker.button("Keep going")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("thank you")
    expect(page.locator(".code-value")).to_have_text("SF-KEYS")
    me = worker.me()
    assert (me["ended"]["completion_code"], me["n_answers"]) == ("SF-KEYS", 8)


def test_a_double_click_counts_once(worker: WorkPage) -> None:
    worker.join("double").look()
    worker.photo("left").dblclick()
    expect(worker.count).to_have_text("1 done")
    worker.look()
    worker.photo("right").click()
    expect(worker.count).to_have_text("2 done")
    worker.saved()
    assert worker.me()["n_answers"] == 2


def test_a_finger_swipes_taps_and_undoes(phone_worker: WorkPage) -> None:
    page = phone_worker.join("swipe").page
    answers = sent(page, "/vote")
    first = phone_worker.shown()
    phone_worker.look()
    phone_worker.swipe(0.5, 0.4)
    phone_worker.swipe(0.7, 0.2, 0.55)
    phone_worker.swipe(0.7, 0.2, 0.9)
    assert phone_worker.shown() == first
    phone_worker.swipe(0.7, 0.3)
    expect(phone_worker.count).to_have_text("1 done")
    phone_worker.look()
    phone_worker.swipe(0.3, 0.7)
    expect(phone_worker.count).to_have_text("2 done")
    page.wait_for_timeout(1_000)  # a tap soon after a swipe is swallowed by Chromium, to stop a fling
    phone_worker.button("Undo").tap()
    expect(phone_worker.count).to_have_text("1 done")
    phone_worker.look()
    phone_worker.photo("left").tap()
    expect(phone_worker.count).to_have_text("2 done")
    phone_worker.saved()
    assert [answer["choice"] for answer in answers] == ["left", "right", "left"]
    assert phone_worker.me()["n_answers"] == 2


def test_two_at_once_never_get_the_same(
    worker: WorkPage, new_context: Callable[..., BrowserContext], campaigns: dict[str, int]
) -> None:
    other = WorkPage(new_context().new_page(), campaigns)
    seen: dict[WorkPage, list[frozenset[str]]] = {worker: [], other: []}
    for someone in (worker, other):
        someone.join("together")
    while any(someone.item.count() for someone in seen):
        for someone, pairs in seen.items():
            if someone.item.count():
                pairs.append(someone.pair())
                someone.press("1")
                someone.page.wait_for_selector("[data-assignment], .blank:not([aria-busy=true])")
    assert min(len(pairs) for pairs in seen.values()) >= 3
    shown = seen[worker] + seen[other]
    assert len(shown) == len(set(shown)) == 10


def test_single_keys_can_be_switched_off(worker: WorkPage) -> None:
    page = worker.join("singles").page
    worker.button("Instructions and shortcuts").click()
    page.get_by_role("switch", name="Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    worker.look()
    before = worker.shown()
    for key in ("1", "2", "c", "s", "z"):
        page.keyboard.press(key)
    assert worker.shown() == before
    expect(page.get_by_role("dialog")).to_be_hidden()
    worker.press("ArrowLeft")
    page.reload()
    expect(worker.item).to_be_visible()
    worker.look()
    before = worker.shown()
    page.keyboard.press("1")
    assert worker.shown() == before


def test_a_panels_worker_gets_code_and_way_back(worker: WorkPage, complaints: Complaints) -> None:
    worker.join("panel", "?PROLIFIC_PID=p7&STUDY_ID=s1&SESSION_ID=x1")
    failures = iter([503, 503])

    def fail_first(route: Route) -> None:
        status = next(failures, None)
        route.fulfill(status=status, body="{}") if status else route.continue_()

    worker.page.route("**/complete", fail_first)
    complaints.mean("503")
    worker.press("1")
    worker.press("2")
    expect(worker.page.get_by_role("alert")).to_contain_text("It is not lost.")
    expect(worker.page.locator(".code-value")).to_have_text("SF-PANEL")
    expect(worker.page.get_by_role("link", name="Return to the panel")).to_have_attribute(
        "href", "https://panel.example/done"
    )
    worker.page.reload()
    expect(worker.page.locator(".code-value")).to_have_text("SF-PANEL")


def test_who_ends_early_gets_partial_pay_and_may_still_finish(worker: WorkPage) -> None:
    page = worker.open("early").page
    expect(page.locator(".welcome")).to_contain_text("The completion code takes 3 answers.")
    expect(page.locator(".welcome")).to_contain_text("Ending early pays €1.00")
    page.get_by_role("checkbox").check()
    worker.button("Start").click()
    worker.press("1")
    worker.button("Finish").click()
    expect(page.locator(".work-blank")).to_contain_text("1 of 3 answers required")
    worker.button("End the study here").click()
    back = page.get_by_role("link", name="Return to the panel")
    expect(page.locator(".code")).to_contain_text("Pay: €1.00")
    expect(back).to_have_attribute("href", "https://panel.example/done?cc=SF-EARLY")
    worker.button("Keep going").click()
    worker.press("1")
    worker.press("2")
    worker.button("Finish").click()
    expect(page.locator(".code-value")).to_have_text("SF-FULL")
    expect(back).to_have_attribute("href", "https://panel.example/done?cc=SF-FULL")


def test_workers_who_fail_the_practice_are_thanked(worker: WorkPage) -> None:
    worker.join("selective")
    left = worker.photo("left").get_attribute("aria-label")
    worker.look()
    worker.page.keyboard.press("c")
    expect(worker.page.locator(".feedback")).to_contain_text("Not quite.")
    assert left
    worker.button("Continue").click()
    expect(worker.page.get_by_role("heading", level=1)).to_have_text("Thank you for trying")


def test_leaving_gives_back_what_was_claimed(worker: WorkPage) -> None:
    worker.join("double")
    worker.press("1")
    worker.button("Finish").click()
    expect(worker.page.get_by_role("heading", level=1)).to_have_text("Thank you")
    worker.button("Keep going").click()
    expect(worker.count).to_have_text("1 done")


def test_what_happens_is_announced(worker: WorkPage) -> None:
    worker.join("singles")
    news = worker.page.locator("p[role=status][aria-live=polite]")
    worker.press("ArrowLeft")
    expect(news).to_have_text("Answer 1 saved.")
    worker.page.keyboard.press("Control+z")
    expect(news).to_have_text("Undone. Choose again.")
