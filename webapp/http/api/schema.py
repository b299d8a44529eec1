"""OpenAPI of the API: every operation also tells its error answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
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
    """Adds the problem answers that an operation may give to those that its view declares."""

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
