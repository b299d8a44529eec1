"""Answers with many long names, to see whether the page has room for them."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, Route

NAMES = [("clock", 12), ("alarm clock", 3), ("wristwatch", 0), ("washing machine", 4), ("cooker", 1)]


def recognise(page: Page, *, sure: bool = True) -> None:
    """Replace the names in the site's answers over HTTP, which a chosen one does not narrow, and close its socket."""
    names = [
        {"name": name, "label": name, "probability": 0.5 / (1 + rank), "n_products": n_products}
        for rank, (name, n_products) in enumerate(NAMES)
    ]

    def answer(route: Route) -> None:
        query: dict[str, Any] = json.loads(route.request.post_data or "")
        response = route.fetch(post_data={**query, "name": None})
        body: dict[str, Any] = {**response.json(), "recognised": {"sure": sure, "names": names}}
        route.fulfill(response=response, json=body)

    page.route_web_socket("**/ws/search/**", lambda socket: socket.close())
    page.route("**/api/v1/search", answer)
