from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.support.live_release import (  # noqa: F401  fixtures
    _live_release_of_this_test,
    make_release,
    products,
    release,
)
from webapp.registry.models import Release

SKETCH = {
    "width": 100,
    "height": 100,
    "strokes": [[[20, 20], [80, 20], [80, 80], [20, 80], [20, 20]], [[40, 40], [60, 60]]],
}
VISIT = "visit-of-the-first-tab"
OTHER_VISIT = "visit-of-another-tab-"


@pytest.fixture
def recording(settings: Settings) -> None:
    settings.RECORD_CLICKS = "on"


Answered = Callable[..., dict[str, Any]]


@pytest.fixture
def answered(api: APIClient, release: Release, recording: None) -> Answered:  # noqa: F811
    """Search, and return the answer."""

    def search(visit: str = VISIT, **body: Any) -> dict[str, Any]:
        response = api.post("/api/v1/search", {"sketch": SKETCH, "visit": visit, **body}, format="json")
        assert response.status_code == 200, response.content
        answer: dict[str, Any] = response.json()
        return answer

    return search


def click(api: APIClient, answer: dict[str, Any], rank: int = 1, **body: Any) -> Any:
    """Report that the product at a rank was opened."""
    product = answer["results"][rank - 1]["product"]["id"]
    report = {"answer_id": answer["answer_id"], "product": product, "rank": rank, **body}
    return api.post("/api/v1/clicks/", report, format="json")
