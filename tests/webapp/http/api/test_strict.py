"""Operators' requests: a misspelt field is refused by name instead of being ignored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.serializers import Serializer
from rest_framework.test import APIClient

from webapp.accounts.authentication import IsOperator
from webapp.catalog.upserts.serializers import ProductFieldsSerializer
from webapp.http.api.strict import StrictFields

# Read as feeds are, by a service that refuses unknown fields itself: `test_upserts_api.py`.
CHECKED_ELSEWHERE = (ProductFieldsSerializer,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("site-keys/", {"name": "Shop", "orgins": []}),
        ("rules/", {"autopromote": True}),
        ("runs/", {"snapshots": 3}),
        ("campaigns/", {"title": "Shoes", "vote_per_task": 3}),
        ("catalog/products/", {"dryrun": True}),
        ("gates/", {"modle": 1}),
    ],
)
def test_a_misspelt_field_is_named(operator_api: APIClient, path: str, body: dict[str, Any]) -> None:
    answer = operator_api.post(f"/api/v1/{path}", body, format="json")
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [list(body)[-1]]


def test_every_request_of_operators_is_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    lenient, n_seen = [], 0
    described = AutoSchema.get_operation

    def look(self: Any, path: str, *args: Any) -> Any:
        nonlocal n_seen
        operation = described(self, path, *args)
        takes_body = self.method in ("POST", "PUT", "PATCH")
        if takes_body and any(isinstance(one, IsOperator) for one in self.view.get_permissions()):
            for serializer in _within(self.get_request_serializer()):
                n_seen += isinstance(serializer, StrictFields)
                if not isinstance(serializer, (StrictFields, *CHECKED_ELSEWHERE)):
                    lenient.append(f"{self.method} {path}: {type(serializer).__name__}")
        return operation

    monkeypatch.setattr(AutoSchema, "get_operation", look)
    SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    assert not lenient
    assert n_seen > 30


def _within(found: Any) -> Iterator[Serializer[Any]]:
    """Yield a request's serializer and those nested in it."""
    field = found() if isinstance(found, type) else found
    if isinstance(field, Serializer):
        yield field
        for inner in field.fields.values():
            if not inner.read_only:
                yield from _within(inner)
    elif child := getattr(field, "child", None):
        yield from _within(child)
