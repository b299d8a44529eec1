"""A shared search: the link replays the sketch, with what was chosen, and finds the same products."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.sketches import CHAIR, LAMP, LINE


def test_a_shared_sketch_is_replayed_and_ranks_the_same(
    draw: DrawPage, new_context: Callable[..., BrowserContext]
) -> None:
    draw.sketch(CHAIR)
    draw.page.get_by_role("combobox", name="Category").select_option("chair")
    expect(draw.cards).to_have_count(16)
    ranking = draw.found()
    link = _shared(draw)

    friend = DrawPage(new_context().new_page()).open(link)
    expect(friend.page.locator(".replay-bar")).to_be_visible()
    friend.button("Skip").click()
    expect(friend.cards).to_have_count(16)
    assert friend.found() == ranking
    friend.stroke(LINE)
    expect(friend.page).not_to_have_url(link)  # from now on it is the friend's own drawing
    friend.page.reload()
    friend.expect_strokes(len(CHAIR) + 1)


def test_a_link_carries_words_and_the_chosen_name(
    draw: DrawPage, new_context: Callable[..., BrowserContext]
) -> None:
    draw.sketch(LAMP)
    words = draw.page.get_by_role("textbox", name="Words that narrow the results")
    words.fill("lamp")
    words.press("Enter")
    draw.button("floor lamp").click()
    expect(draw.button("floor lamp")).to_have_attribute("aria-pressed", "true")
    ranking = draw.found()
    assert (draw.queries[-1]["name"], draw.queries[-1]["text"]) == ("floor lamp", "lamp")
    link = _shared(draw)

    friend = DrawPage(new_context(reduced_motion="reduce", locale="de").new_page()).open(link)
    assert friend.found() == ranking
    expect(friend.button("Stehlampe")).to_have_attribute("aria-pressed", "true")
    expect(friend.page.locator(".words input")).to_have_value("lamp")
    friend.stroke(LINE)
    friend.expect_strokes(len(LAMP) + 1)
    friend.page.reload()
    friend.found()
    expect(friend.button("Stehlampe")).to_have_attribute("aria-pressed", "true")


def test_a_link_carries_that_names_are_ignored(
    draw: DrawPage, new_context: Callable[..., BrowserContext]
) -> None:
    draw.sketch(LAMP)
    draw.button("None of these").click()
    expect(draw.button("None of these")).to_have_attribute("aria-pressed", "true")
    ranking = draw.found()
    friend = DrawPage(new_context(reduced_motion="reduce").new_page()).open(_shared(draw))
    assert friend.found() == ranking
    expect(friend.button("None of these")).to_have_attribute("aria-pressed", "true")
    friend.stroke(LINE)
    friend.expect_strokes(len(LAMP) + 1)
    friend.found()
    assert friend.queries[-1]["by_shape"] is True


def test_opening_a_shared_sketch_keeps_the_visitors_draft(draw: DrawPage) -> None:
    draw.sketch(LAMP)
    link = _shared(draw)
    draw.button("Close").click()
    draw.button("Clear canvas").click()
    draw.sketch([LINE])
    draw.expect_strokes(1)
    draw.open(link)
    assert draw.found()
    draw.open("/")
    draw.expect_strokes(1)


def test_with_reduced_motion_the_sketch_appears_at_once(
    draw: DrawPage, new_context: Callable[..., BrowserContext]
) -> None:
    ranking = draw.sketch(LAMP)
    link = _shared(draw)
    friend = DrawPage(new_context(reduced_motion="reduce").new_page()).open(link)
    assert friend.found() == ranking
    expect(friend.page.locator(".replay-bar")).to_have_count(0)


def test_the_visitors_drawing_can_be_replayed(draw: DrawPage) -> None:
    drawn = draw.sketch(CHAIR)
    draw.button("Replay").click()
    expect(draw.page.get_by_role("progressbar", name="Replaying sketch")).to_be_visible()
    draw.button("Skip").click()
    assert draw.found() == drawn


def _shared(draw: DrawPage) -> str:
    draw.button("Share").click()
    return draw.page.get_by_label("Link", exact=True).input_value()
