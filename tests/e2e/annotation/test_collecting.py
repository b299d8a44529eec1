"""Drawing from memory, and attributes, in a real browser."""

from __future__ import annotations

import time
from itertools import pairwise

from playwright.sync_api import expect

from tests.e2e.annotation.work_page import WorkPage, sent
from tests.e2e.draw_page import DrawPage
from tests.e2e.sketches import Stroke

EXPOSURE_S = 1.5
LINE: Stroke = [(0.2, 0.2), (0.4, 0.3), (0.6, 0.6), (0.8, 0.8)]


def test_a_product_is_seen_for_its_time_and_drawn_from_memory(worker: WorkPage) -> None:
    page = worker.join("memory").page
    sketches = sent(page, "/sketch")
    ends = sent(page, "/exposure/end")
    expect(page.locator(".look img")).to_have_count(0)
    worker.button("Show photo").click()
    photo = page.locator(".look img")
    expect(photo).to_be_visible()
    seen_at = time.monotonic()
    expect(page.get_by_role("timer")).to_contain_text("s left")
    expect(page.locator(".surface")).to_be_visible()
    assert time.monotonic() - seen_at > EXPOSURE_S / 2  # the clock started a little before the test saw it
    expect(photo).to_have_count(0)
    draw = DrawPage(page)
    draw.stroke([(0.2, 0.8), (0.5, 0.8), (0.8, 0.7)])
    draw.touch().pen(LINE, [0.2, 0.4, 0.7, 0.9])
    with page.expect_response(lambda response: response.url.endswith("/sketch")) as answer:
        worker.button("Submit drawing").click()
    assert answer.value.json()["receipt"]
    assert len(ends) == 1
    strokes = sketches[0]["sketch"]["strokes"]
    assert len(strokes) == 2
    times = [point[2] for stroke in strokes for point in stroke]
    assert all(a <= b for a, b in pairwise(times))
    assert times[-1] > 0
    assert [stroke[0][3] == stroke[-1][3] for stroke in strokes] == [
        True,
        False,
    ]  # the pen was pressed harder
    expect(worker.button("Show photo")).to_be_visible()
    expect(worker.count).to_have_text("1 done")


def test_workers_may_look_again_or_say_that_they_cannot(worker: WorkPage) -> None:
    page = worker.join("memory").page
    starts, sketches, ends = sent(page, "/exposure/start"), sent(page, "/sketch"), sent(page, "/exposure/end")
    worker.button("Show photo").click()
    expect(page.locator(".surface")).to_be_visible()
    DrawPage(page).stroke([(0.2, 0.2), (0.8, 0.8)])
    worker.button("Look again").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")  # a slip must not count as a look
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(starts) == 1
    worker.button("Look again").click()
    worker.button("Show photo again").click()
    expect(page.locator(".look img")).to_be_visible()
    expect(page.locator(".surface")).to_be_visible()
    expect(page.locator(".collect-hint")).to_have_count(0)  # the drawing is still there
    assert len(starts) == 2
    shown = [end["shown"]["ms"] for end in ends]
    assert all(0.8 * EXPOSURE_S < ms / 1000 < EXPOSURE_S + 1 for ms in shown)
    worker.button("I can’t draw this").click()
    worker.button("Skip").click()
    expect(worker.button("Show photo")).to_be_visible()
    worker.saved()
    assert sketches[0]["cant"] is True


def test_a_drawing_survives_a_reload_and_another_language(worker: WorkPage) -> None:
    page = worker.join("memory").page
    sketches = sent(page, "/sketch")
    worker.button("Show photo").click()
    expect(page.locator(".surface")).to_be_visible()
    before = worker.shown()
    DrawPage(page).stroke([(0.2, 0.2), (0.8, 0.8)])
    page.reload()
    expect(page.locator(".surface")).to_be_visible()
    assert worker.shown() == before
    DrawPage(page).stroke([(0.2, 0.8), (0.8, 0.2)])
    page.locator("#language").select_option("de")
    expect(page.locator(".surface")).to_be_visible()
    with page.expect_response(lambda response: response.url.endswith("/sketch")) as answer:
        worker.button("Zeichnung abschicken").click()
    assert answer.value.json()["receipt"]
    assert len(sketches[0]["sketch"]["strokes"]) == 2
    expect(worker.button("Foto zeigen")).to_be_visible()


def test_attributes_by_keyboard(worker: WorkPage) -> None:
    page = worker.join("attributes").page
    answers = sent(page, "/attributes")
    before = worker.shown()
    for key in ("1", "2", "3"):
        page.keyboard.press(key)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("y")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-assignment='{before}']")).to_have_count(0)
    worker.saved()
    assert answers[0]["values"] == {"armrests": True, "wheels": True, "high-back": None}


def test_undo_and_reload_bring_attributes_back_as_they_were(worker: WorkPage) -> None:
    page = worker.join("attributes").page
    answers = sent(page, "/attributes")
    before = worker.shown()
    for key in ("1", "2", "3", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(f"[data-assignment='{before}']")).to_have_count(0)
    worker.saved()
    worker.button("Undo").click()
    expect(page.locator(f"[data-assignment='{before}']")).to_be_visible()
    expect(page.locator(".rows input:checked")).to_have_count(3)
    worker.saved()
    page.reload()
    expect(page.locator(f"[data-assignment='{before}']")).to_be_visible()
    expect(page.locator(".rows input:checked")).to_have_count(3)
    page.keyboard.press("2")  # only the first row changes
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-assignment='{before}']")).to_have_count(0)
    worker.saved()
    assert answers[-1]["values"] == {"armrests": False, "wheels": False, "high-back": None}


def test_attributes_by_touch(phone_worker: WorkPage) -> None:
    page = phone_worker.join("attributes").page
    answers = sent(page, "/attributes")
    done = phone_worker.button("Save and continue")
    expect(done).to_have_attribute("aria-disabled", "true")
    for name in ("Armrests", "Wheels", "High back"):
        page.get_by_role("group", name=name).get_by_text("No", exact=True).tap()
    done.tap()
    expect(phone_worker.count).to_have_text("1 done")
    phone_worker.saved()
    assert set(answers[0]["values"].values()) == {False}
