"""Everything without a pointer: drawing, and navigating to a product."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.draw_page import DrawPage


def test_keys_alone_draw_and_reach_a_product(page: Page) -> None:
    draw = DrawPage(page).open()
    _tab_to(page, ".surface")
    for key in [
        "Shift+ArrowLeft",
        "Shift+ArrowUp",
        " ",
        *["Shift+ArrowRight"] * 4,
        *["Shift+ArrowDown"] * 4,
        " ",
    ]:
        page.keyboard.press(key)
    assert draw.found()
    draw.expect_strokes(1)
    _tab_to(page, ".card-link")
    page.keyboard.press("Enter")
    expect(page.locator(".product h1")).to_be_visible()


def test_escape_drops_the_stroke(page: Page) -> None:
    draw = DrawPage(page).open()
    draw.surface.focus()
    for key in (" ", "ArrowRight", "Escape", "Shift+ArrowDown", " ", "ArrowRight", " "):
        page.keyboard.press(key)
    draw.expect_strokes(1)


def test_what_happens_is_announced(page: Page) -> None:
    draw = DrawPage(page).open()
    news = page.locator("p[role=status][aria-live=polite]")
    draw.surface.focus()
    page.keyboard.press(" ")
    expect(news).to_contain_text("Pen down")
    for key in ("Shift+ArrowRight", "Shift+ArrowDown", " "):
        page.keyboard.press(key)
    expect(news).to_contain_text("Closest:")


def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    page.goto("/browse/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def _tab_to(page: Page, target: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("target => document.activeElement.matches(target)", target):
            return
    raise AssertionError(f"60 times Tab do not lead to {target}")
