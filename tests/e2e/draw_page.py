"""The draw page as a visitor uses it."""

from __future__ import annotations

import json
import time
from typing import Any

from playwright.sync_api import CDPSession, Locator, Page, WebSocket, expect

from tests.e2e.sketches import Point, Stroke

DRAFT = "JSON.parse(sessionStorage.getItem('sketchfind.draft.1') ?? '[]')"
EVENT_S = 0.016


class DrawPage:
    """Coordinates are fractions of the square canvas."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.surface = page.locator(".surface")
        self.cards = page.locator(".grid .card[data-flip]")
        self.results = page.locator("section.results")
        self.queries: list[dict[str, Any]] = []  # sent over the socket
        page.on("websocket", self._listen)

    def open(self, path: str = "/") -> DrawPage:
        self.page.goto(path)
        expect(self.surface).to_be_visible()
        return self

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    # Drawing

    def at(self, point: Point) -> Point:
        """Return the position of a point in the window, in CSS px."""
        box = self.surface.bounding_box()
        assert box
        side = min(box["width"], box["height"])
        left, top = box["x"] + (box["width"] - side) / 2, box["y"] + (box["height"] - side) / 2
        return left + point[0] * side, top + point[1] * side

    def stroke(self, stroke: Stroke) -> None:
        """Draw a stroke with the mouse."""
        mouse = self.page.mouse
        mouse.move(*self.at(stroke[0]))
        mouse.down()
        for point in stroke[1:]:
            mouse.move(*self.at(point), steps=2)
        mouse.up()

    def sketch(self, strokes: list[Stroke]) -> list[str]:
        """Draw a sketch and return the ids of the products found."""
        for stroke in strokes:
            self.stroke(stroke)
        return self.found()

    def touch(self) -> Touch:
        return Touch(self)

    # What the page shows

    def ids(self) -> list[str]:
        """Return the product ids in the grid, best first."""
        return [str(id_) for id_ in self.cards.evaluate_all("cards => cards.map(card => card.dataset.flip)")]

    def found(self) -> list[str]:
        """Return the ids once the search has caught up with the drawing."""
        expect(self.cards.first).to_be_visible()
        expect(self.results).to_have_attribute("aria-busy", "false")
        return self.ids()

    def expect_strokes(self, count: int) -> None:
        """Expect the saved draft to have that many strokes."""
        self.page.wait_for_function(f"count => {DRAFT}?.length === count", arg=count)

    def expect_empty(self) -> None:
        expect(self.page.locator(".invite")).to_be_visible()
        expect(self.cards).to_have_count(0)

    def draft(self) -> list[dict[str, Any]]:
        strokes: list[dict[str, Any]] = self.page.evaluate(DRAFT)
        return strokes

    def connection(self) -> Locator:
        """Return how the shown results were fetched; opens the details."""
        if self.page.locator("details.timings:not([open])").count():
            self.page.locator("details.timings summary").click()
        return self.page.locator("details.timings dl div").last.locator("dd")

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda text: self.queries.append(json.loads(text)))


class Touch:
    """Fingers and pens, which Playwright does not support: raw events of the devtools protocol."""

    def __init__(self, draw: DrawPage) -> None:
        self._draw = draw
        self._cdp: CDPSession = draw.page.context.new_cdp_session(draw.page)
        self._clock = 0.0  # events carry their time, so that a tap is short on a busy machine too

    def fingers(self, *paths: Stroke) -> None:
        """One finger per path: put down one after the other, moved together, lifted together."""
        self._clock = max(self._clock, time.time())
        for count in range(1, len(paths) + 1):
            self._send("touchStart", [path[0] for path in paths[:count]])
        for step in range(1, len(paths[0])):
            self._send("touchMove", [path[step] for path in paths])
        self._send("touchEnd", [])

    def _send(self, kind: str, points: list[Point]) -> None:
        places = [self._draw.at(point) for point in points]
        touches = [{"x": x, "y": y, "id": id_} for id_, (x, y) in enumerate(places)]
        event = {"type": kind, "touchPoints": touches, "timestamp": self._clock}
        self._clock += EVENT_S
        self._cdp.send("Input.dispatchTouchEvent", event)

    def pen(self, stroke: Stroke, forces: list[float]) -> None:
        """Draw with a pen, with the given pressure at each point."""
        kinds = ["mousePressed", *["mouseMoved"] * (len(stroke) - 1)]
        for kind, point, force in zip(kinds, stroke, forces, strict=True):
            self._pen(kind, point, force, buttons=1)
        self._pen("mouseReleased", stroke[-1], 0, buttons=0)

    def _pen(self, kind: str, point: Point, force: float, buttons: int) -> None:
        x, y = self._draw.at(point)
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1}
        self._cdp.send("Input.dispatchMouseEvent", {**event, "pointerType": "pen", "force": force})
