"""Sketches that a small recogniser knows, and searches with them."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient


def payload(*strokes: Any) -> dict[str, Any]:
    return {"width": 100, "height": 100, "strokes": [list(stroke) for stroke in strokes]}


CHAIR = payload([[20, 10], [20, 90]], [[20, 55], [70, 55], [70, 90]])
MUG = payload([[10, 20], [10, 90], [70, 90], [70, 20], [10, 20]], [[70, 40], [95, 50], [70, 75]])
ZEBRA = payload([[10, 10], [90, 90]], [[90, 10], [10, 90]])
EXAMPLES = {"chair": CHAIR, "mug": MUG, "zebra": ZEBRA}
SHOP = {
    "red-chair": ("Red oak chair", "seats"),
    "blue-chair": ("Blue chair", "seats"),
    "mug": ("Blue mug", "kitchen"),
    "teapot": ("Teapot", "kitchen"),
    "kivik": ("Kivik", "new"),
}


def answer(api: APIClient, sketch: Any, language: str = "en", **query: Any) -> Any:
    headers = {"accept-language": language}
    response = api.post(
        "/api/v1/search", {"sketch": sketch, "k": 20, **query}, format="json", headers=headers
    )
    assert response.status_code == 200, response.content
    return response.json()


def skus(body: Any) -> list[str]:
    return [result["product"]["sku"] for result in body["results"]]
