"""The API's schema is generated once."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from webapp.http.api.schema_view import SchemaApi

pytestmark = pytest.mark.django_db


def test_the_schema_is_made_once_for_each_language_and_format(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    class Generator(SchemaGenerator):
        def get_schema(self, *args: Any, **kwargs: Any) -> Any:
            made.append(1)
            return super().get_schema(*args, **kwargs)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(SchemaApi, "generator_class", Generator)
    monkeypatch.setattr(SchemaApi, "_made", {})
    queries = ["", "&version=1", "&lang=en", "&lang=xx", "&lang=x" + "y" * 500]
    answers = [api.get(f"/api/v1/schema/?format=json{query}") for query in queries]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["info"]["title"] == "Sketchfind"
    assert len(made) == 1
    api.get("/api/v1/schema/?format=json&lang=de")
    assert len(made) == 2
