"""The OpenAPI schema. Every operation also declares its error answers."""

from __future__ import annotations

from typing import Any, NotRequired, get_origin, get_type_hints

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import resolve_type_hint
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from webapp.http.problems import CONTENT_TYPE


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="path of the wrong value, such as sketch.strokes[3][17].x")
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457; `field` is the first of `errors`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    field = serializers.CharField(required=False)
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]


class ProblemAutoSchema(AutoSchema):
    """Adds the problem answers that an operation may give to those that its view declares.

    In answers, all fields of a model are required: a field's default makes it optional in requests only.
    """

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "response" and isinstance(serializer, serializers.ModelSerializer):
            schema["required"] = sorted(schema.get("properties", {}))
        return schema

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status in self._problem_statuses():
            if status not in bodies:
                response = OpenApiResponse(ProblemSerializer)
                bodies[status] = self._get_response_for_code(response, status, [CONTENT_TYPE], direction)  # type: ignore[no-untyped-call]
        return bodies

    def _problem_statuses(self) -> list[str]:
        statuses = ["400", "401", "403", "404", "406", "429"]
        if self.method in {"POST", "PUT", "PATCH"}:
            statuses += ["413", "415"]
        return statuses


def with_messages(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add the messages of WebSockets, which OpenAPI cannot describe, as components named after their TypedDicts."""
    for path in settings.SCHEMA_MESSAGES:
        message = import_string(path)
        schema = resolve_type_hint(message)  # type: ignore[no-untyped-call]
        hints = get_type_hints(message, include_extras=True)
        schema["required"] = sorted(
            name for name, hint in hints.items() if get_origin(hint) is not NotRequired
        )
        result["components"]["schemas"][message.__name__] = schema
    return result
