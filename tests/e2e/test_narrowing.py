"""Names and words narrow the results of a drawing."""

from __future__ import annotations

import random
import re

from playwright.sync_api import Page, expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.looks import serious
from tests.e2e.recognition import recognise
from tests.e2e.sketches import CHAIR, CROSS, LAMP, LINE, LOWER_LINE

TOP = "document.querySelector('.grid').getBoundingClientRect().top"


def test_words_are_sent_with_the_drawing_and_survive_a_reload_and_a_new_drawing(draw: DrawPage) -> None:
    words = draw.page.get_by_role("textbox", name="Words that narrow the results")
    words.fill("red")
    expect(draw.page.get_by_role("link", name="Browse for “red”")).to_have_attribute("href", "/browse/?q=red")
    draw.sketch([LINE])
    assert draw.queries[-1]["text"] == "red"
    draw.page.reload()
    draw.found()
    expect(words).to_have_value("red")
    assert draw.queries[-1]["text"] == "red"
    draw.button("Clear canvas").click()
    draw.sketch([LINE])
    assert draw.queries[-1]["text"] == "red"
    draw.button("Clear words").click()
    expect(words).to_be_focused()
    draw.sketch([LOWER_LINE])
    assert "text" not in draw.queries[-1]


def test_words_narrow_and_words_that_match_nothing_say_so(draw: DrawPage) -> None:
    page = draw.page
    draw.sketch(CHAIR)
    page.locator(".words input").fill("lamp")
    expect(draw.cards.filter(has_text=re.compile("chair", re.IGNORECASE))).to_have_count(0)
    assert draw.found()
    page.locator(".words input").fill("zeppelin")
    expect(
        page.get_by_text("No product matches these words; showing results for the drawing alone.").first
    ).to_be_visible()
    assert draw.found()


def test_a_name_is_chosen_with_the_keyboard_and_forgotten_with_the_drawing(draw: DrawPage) -> None:
    page = draw.page
    everything = draw.sketch(LAMP)
    lamp = page.get_by_role("button", name="floor lamp")
    lamp.focus()
    page.keyboard.press("Enter")
    expect(lamp).to_have_attribute("aria-pressed", "true")
    expect(draw.cards).not_to_have_count(len(everything))
    assert 0 < len(draw.found()) < len(everything)
    assert draw.queries[-1]["name"] == "floor lamp"
    expect(page.get_by_role("status").filter(has_text="Only floor lamp.")).to_be_attached()
    page.get_by_role("button", name="None of these").click()
    expect(lamp).to_have_attribute("aria-pressed", "false")
    draw.found()
    assert draw.queries[-1]["by_shape"] is True
    assert "name" not in draw.queries[-1]
    assert serious(page) == []
    draw.expect_strokes(len(LAMP))
    draw.button("Clear canvas").click()
    draw.sketch([LINE])
    assert "by_shape" not in draw.queries[-1]


def test_a_dot_or_a_line_is_not_named_until_it_is_a_drawing(draw: DrawPage) -> None:
    page, chips = draw.page, draw.page.locator(".chip")
    expect(page.get_by_text("What you draw is named here.")).to_be_visible()
    page.mouse.click(*draw.at((0.5, 0.5)))
    draw.found()
    expect(page.get_by_text("Not recognised yet; more lines may help.")).to_be_visible()
    expect(chips).to_have_count(0)
    draw.button("Clear canvas").click()
    expect(page.get_by_text("What you draw is named here.")).to_be_visible()
    first, *others = LAMP[1:] + LAMP[:1]
    draw.sketch([first])  # a lamp's pole
    expect(page.get_by_text("Not recognised yet; more lines may help.")).to_be_visible()
    expect(chips).to_have_count(0)
    draw.sketch(others)
    expect(draw.button("floor lamp")).to_be_visible()


def test_a_name_that_is_not_sold_is_shown_and_cannot_be_chosen(draw: DrawPage) -> None:
    draw.sketch(CROSS)
    expect(draw.page.locator(".chip-unsold").filter(has_text="zebra")).to_be_visible()
    expect(draw.page.get_by_role("button", name="zebra")).to_have_count(0)


def test_pressing_a_name_while_drawing_loses_no_stroke_and_moves_no_result(page: Page) -> None:
    recognise(page)
    draw = DrawPage(page).open()
    draw.sketch([LINE])
    top = page.evaluate(TOP)
    shuffle = random.Random(0)
    for n_strokes, stroke in enumerate(CHAIR, start=2):
        page.locator("button.chip").nth(shuffle.randrange(3)).click()
        draw.stroke(stroke)
        draw.expect_strokes(n_strokes)
        assert page.evaluate(TOP) == top
