"""Search results, and the actions on them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.site_process import Site
from tests.e2e.sketches import CHAIR, LAMP

SEATS = {"chair", "armchair", "stool", "office-chair"}


def test_a_drawn_chair_finds_seats(draw: DrawPage, site: Site) -> None:
    categories = site.categories()
    found = [categories[id_] for id_ in draw.sketch(CHAIR)]
    assert SEATS & set(found[:3])
    assert sum(category in SEATS for category in found[:10]) >= 6, found[:10]


def test_an_example_sketch_searches_too(draw: DrawPage) -> None:
    examples = draw.page.locator(".example")
    examples.first.click()
    assert draw.found()
    draw.button("Undo").click()
    draw.expect_empty()


def test_a_category_narrows_the_results_and_leaves_again(draw: DrawPage, site: Site) -> None:
    categories = site.categories()
    everything = draw.sketch(CHAIR)
    filter_ = draw.page.get_by_role("combobox", name="Category")
    filter_.select_option("sofa")
    expect(draw.cards).to_have_count(sum(category == "sofa" for category in categories.values()))
    assert {categories[id_] for id_ in draw.found()} == {"sofa"}
    filter_.select_option("")
    expect(draw.cards).to_have_count(len(everything))
    assert draw.found() == everything


def test_more_like_this_and_back(draw: DrawPage) -> None:
    drawn = draw.sketch(CHAIR)
    card = draw.cards.first
    name = card.locator(".card-name").inner_text()
    card.get_by_role("button", name="More like this").click()
    expect(draw.results).to_contain_text(f"Similar to {name}")
    assert drawn[0] not in draw.found()
    draw.button("Back to the results for the drawing").click()
    assert draw.found() == drawn


def test_why_this_match_lays_the_sketch_over_photo_and_edges(draw: DrawPage) -> None:
    draw.sketch(CHAIR)
    draw.cards.first.get_by_role("button", name="Why this match").click()
    dialog = draw.page.get_by_role("dialog")
    layers = {
        "Photo": dialog.locator(".stage-photo"),
        "Photo edges": dialog.locator("img.stage-layer"),
        "Your sketch": dialog.locator(".stage-sketch path"),
    }
    for name, layer in layers.items():
        expect(layer).to_be_visible()
        dialog.get_by_role("checkbox", name=name, exact=True).uncheck()
        expect(layer).to_be_hidden()
    draw.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_details_show_both_stages_and_their_times(draw: DrawPage) -> None:
    draw.sketch(LAMP)
    details = draw.page.locator("details.timings")
    details.locator("summary").click()
    for name in ("Rasterise", "Encode", "Stage 1: hash codes", "Stage 2: re-ranking", "Total"):
        row = details.locator("dl div").filter(has=draw.page.get_by_text(name, exact=True))
        expect(row.locator("dd")).to_have_text(re.compile(r"^\d+\.\d ms$"))


def test_a_result_leads_to_its_product(draw: DrawPage) -> None:
    draw.sketch(CHAIR)
    name = draw.cards.first.locator(".card-name").inner_text()
    draw.cards.first.get_by_role("link").click()
    expect(draw.page.get_by_role("heading", level=1)).to_have_text(name)
    draw.page.go_back()
    assert draw.found()


def test_the_page_reports_that_nothing_is_close(draw: DrawPage) -> None:
    draw.sketch(CHAIR)
    filter_ = draw.page.get_by_role("combobox", name="Category")
    filter_.select_option("car")
    expect(draw.results).to_contain_text("No close match.")
    filter_.select_option("chair")
    expect(draw.results).not_to_contain_text("No close match.")
