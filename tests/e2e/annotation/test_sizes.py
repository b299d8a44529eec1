"""The three pictures on small and zoomed screens: photos are not smaller than the sketch, and nothing overlaps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.annotation.work_page import WorkPage

PHONES = {"tall phone": (390, 844), "phone with browser bars": (390, 664)}
ZOOMED = {"200 % of 1280 x 860": (640, 430), "200 % of 640 x 430": (320, 215)}
BOXES = """() => {
  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y: y + scrollY, width, height };
  };
  const named = (selector) => [...document.querySelectorAll(selector)].map(box);
  const range = document.createRange();
  range.selectNodeContents(document.querySelector(".judge-question"));
  const question = range.getBoundingClientRect();
  return {
    sketch: named(".judge-top .plate")[0],
    photos: named(".judge-pair .plate"),
    question: { x: question.x, y: question.y + scrollY, width: question.width, height: question.height },
    buttons: named(".judge-actions button"),
    bar: named(".work-bar")[0],
    page: document.documentElement.scrollHeight,
    wide: document.documentElement.scrollWidth,
  };
}"""


@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
@pytest.mark.parametrize(("width", "height"), [*PHONES.values(), *ZOOMED.values()], ids=[*PHONES, *ZOOMED])
def test_pictures_question_and_buttons_keep_apart(
    new_context: Callable[..., BrowserContext],
    campaigns: dict[str, int],
    width: int,
    height: int,
    language: str,
) -> None:
    context = new_context(viewport={"width": width, "height": height}, locale=language)
    worker = WorkPage(context.new_page(), campaigns).open("sizes")
    page = worker.page
    page.get_by_role("checkbox").check()
    page.locator(".welcome-begin").click()
    expect(worker.item).to_be_visible()
    found: dict[str, Any] = page.evaluate(BOXES)
    parts = [found["sketch"], *found["photos"], found["question"], *found["buttons"], found["bar"]]
    assert not [pair for pair in combinations(parts, 2) if _overlap(*pair)]
    assert found["wide"] <= width
    assert max(part["y"] + part["height"] for part in parts) <= found["page"]  # all can be scrolled to
    assert min(part["width"] for part in [found["sketch"], *found["photos"]]) >= min(100, height / 3)
    if width == 390:
        assert min(photo["width"] for photo in found["photos"]) >= found["sketch"]["width"] - 1
        assert min(photo["width"] for photo in found["photos"]) >= 180
        assert max(part["y"] + part["height"] for part in parts) <= height  # without scrolling


def _overlap(a: dict[str, float], b: dict[str, float]) -> bool:
    """Return whether two boxes share more than half a pixel in both directions."""
    apart_x = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"]) <= 0.5
    apart_y = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"]) <= 0.5
    return not apart_x and not apart_y
