"""Answers with names, for catalogues whose products have none."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, Route

NAMES = [("clock", 12), ("alarm clock", 3), ("wristwatch", 0), ("washing machine", 4), ("cooker", 1)]


def recognise(page: Page, *, sure: bool = True, text_matches: int = 0) -> list[dict[str, Any]]:
    """Add names to the site's answers over HTTP, and close its socket. Return the list of the queries to come."""
    queries: list[dict[str, Any]] = []
    names = [
        {"name": name, "label": name, "probability": 0.5 / (1 + rank), "n_products": n_products}
        for rank, (name, n_products) in enumerate(NAMES)
    ]

    def answer(route: Route) -> None:
        query: dict[str, Any] = json.loads(route.request.post_data or "")
        queries.append(query)
        response = route.fetch()
        matches = text_matches if query.get("text") else None
        body = {**response.json(), "recognised": {"sure": sure, "names": names}, "text_matches": matches}
        route.fulfill(response=response, json=body)

    page.route_web_socket("**/ws/search/", lambda socket: socket.close())
    page.route("**/api/v1/search", answer)
    return queries
