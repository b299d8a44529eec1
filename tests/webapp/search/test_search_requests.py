"""Requests are validated by one serializer, which keeps nothing of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from django.utils import translation
from rest_framework import exceptions

from webapp.search.serializers import MAX_RESULTS, search_request


def sketch(x: float) -> dict[str, object]:
    return {"width": 256, "height": 256, "strokes": [[[x, 10], [100, 100]]]}


def test_requests_at_the_same_time_do_not_mix() -> None:
    def validated(number: int) -> bool:
        found = search_request({"sketch": sketch(number), "k": number % MAX_RESULTS + 1, "text": str(number)})
        first_x = float(found["sketch"].strokes[0][0][0])
        return (first_x, found["k"], found["text"]) == (number, number % MAX_RESULTS + 1, str(number))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(validated, range(500)))


def test_what_a_request_leaves_out_is_not_taken_from_the_one_before() -> None:
    search_request({"sketch": sketch(1), "k": 5, "category": "chairs", "by_shape": True, "text": "red"})
    found = search_request({"sketch": sketch(2)})
    del found["sketch"]
    assert found == {"k": 20, "category": None, "name": None, "by_shape": False, "text": "", "visit": ""}


def test_errors_are_in_the_language_of_their_sender() -> None:
    def message(language: str) -> str:
        with translation.override(language):
            with pytest.raises(exceptions.ValidationError) as refusal:
                search_request({"k": 5})
            return str(cast(dict[str, list[str]], refusal.value.detail)["sketch"][0])

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(message, ["en", "de"] * 20))
    assert set(found[::2]) == {"This field is required."}
    (german,) = set(found[1::2])
    assert german.startswith("Dieses Feld ist ")
