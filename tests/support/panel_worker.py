"""Participants of a panel who work over HTTP, one request after another."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import httpx

Card = dict[str, Any]
Judge = Callable[[Card], str]


class PanelWorker:
    """A participant in a browser of their own. judge: from a card to "left", "right", "cant_tell" or "skip"."""

    def __init__(self, url: str, campaign: int, name: str, judge: Judge, consent_version: int) -> None:
        self.name = name
        self._here = f"/api/v1/campaigns/{campaign}"
        self._judge = judge
        self._http = httpx.Client(base_url=url, timeout=30)
        panel = {"provider": "PROLIFIC", "worker": name, "study": "study", "session": f"session-{name}"}
        body = {"consent": True, "consent_version": consent_version, "panel": panel}
        joined = self._post(f"{self._here}/join", {**body, "browser_key": secrets.token_urlsafe(32)})
        self._http.headers["Authorization"] = f"Worker {joined['worker_token']}"

    def work(self, most: int = 100) -> int:
        """Answer up to so many tasks. Return how many there were."""
        for done in range(most):
            card = self._post(f"{self._here}/next", {"prefetch": 1})
            if card is None:
                return done
            self.answer(card, self._judge(card))
        return most

    def answer(self, card: Card, choice: str, *, times: int = 1) -> None:
        """Send an answer; as if its receipt was lost, several times with the same key, which must change nothing."""
        body = {"choice": choice, "idempotency_key": secrets.token_hex(16), "response_ms": 1500}
        receipts = {
            self._post(f"/api/v1/assignments/{card['id']}/vote", body)["receipt"] for _ in range(times)
        }
        assert len(receipts) == 1

    def next(self) -> Card | None:
        card: Card | None = self._post(f"{self._here}/next", {"prefetch": 1})
        return card

    @property
    def standing(self) -> dict[str, Any]:
        answer = self._http.get(f"{self._here}/me").raise_for_status()
        standing: dict[str, Any] = answer.json()["standing"]
        return standing

    def end(self, *, leave: bool = False) -> dict[str, Any]:
        """End the participation, and return what it earned."""
        ended: dict[str, Any] = self._post(f"{self._here}/complete", {"leave": leave})
        return ended

    def _post(self, path: str, body: object) -> Any:
        answer = self._http.post(path, json=body)
        assert answer.status_code in (200, 201, 204), (self.name, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None
