"""A campaign's page as a worker uses it."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import Any

from playwright.sync_api import Locator, Page, Request, expect

PATHS = {"attributes": "attributes", "memory": "collect"}
LEAST_LOOK_MS = 350  # an earlier answer counts as the second half of a double click
EVENT_S = 0.016


class WorkPage:
    def __init__(self, page: Page, campaigns: dict[str, int]) -> None:
        self.page = page
        self.campaigns = campaigns
        self.slug = ""
        self.item = page.locator("[data-assignment]")
        self.badge = page.locator(".badge")
        self.count = page.locator(".work-count")

    def open(self, slug: str, query: str = "") -> WorkPage:
        self.slug = slug
        self.page.goto(f"/{PATHS.get(slug, 'annotate')}/{slug}/{query}")
        return self

    def join(self, slug: str, query: str = "") -> WorkPage:
        """Open the page, consent, and wait for the first item."""
        self.open(slug, query)
        self.page.get_by_role("checkbox").check()
        self.button("Start").click()
        expect(self.item).to_be_visible()
        return self

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def photo(self, side: str) -> Locator:
        return self.page.locator(f".judge-pair [data-side={side}]")

    # Judging

    def shown(self) -> str:
        """The assignment on the screen."""
        return self.item.get_attribute("data-assignment") or ""

    def pair(self) -> frozenset[str]:
        """The two photos on the screen."""
        images = self.page.locator(".judge-pair img")
        return frozenset(images.evaluate_all("images => images.map(image => image.src)"))

    def look(self) -> None:
        """Wait for the minimum time of a judgement."""
        self.page.wait_for_timeout(LEAST_LOOK_MS)

    def press(self, key: str) -> None:
        """Answer by a key and wait for another item, or none."""
        before = self.shown()
        self.look()
        self.page.keyboard.press(key)
        expect(self.page.locator(f"[data-assignment='{before}']")).to_have_count(0)

    def saved(self) -> None:
        """Wait until every answer has its receipt."""
        expect(self.badge).to_have_text("Saved")

    def me(self) -> dict[str, Any]:
        """Return the server's view of this worker in this campaign."""
        address = f"/api/v1/campaigns/{self.campaigns[self.slug]}/me"
        answer: dict[str, Any] = self.page.evaluate("path => fetch(path).then(r => r.json())", address)
        return answer

    def swipe(self, *xs: float) -> None:
        """Move a finger over the sketch through these places, as fractions of the window's width."""
        cdp = self.page.context.new_cdp_session(self.page)
        box = self.page.locator(".judge-top").bounding_box()
        assert box
        clock, y = time.time(), box["y"] + box["height"] / 2
        steps = [a + (b - a) * i / 6 for a, b in pairwise(xs) for i in range(6)] + [xs[-1]]
        for n, x in enumerate(steps):
            touch = [{"x": x * 360, "y": y, "id": 0}]
            kind = "touchMove" if n else "touchStart"
            cdp.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": touch, "timestamp": clock + n * EVENT_S},
            )
        end = clock + len(steps) * EVENT_S
        cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": [], "timestamp": end})


def sent(page: Page, ending: str) -> list[dict[str, Any]]:
    """Collect bodies of future requests whose URL ends with `end`."""
    bodies: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.url.endswith(ending):
            bodies.append(json.loads(request.post_data or "{}"))

    page.on("request", note)
    return bodies
