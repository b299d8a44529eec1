"""What the draw page reports about an answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from webapp.http.api.sketch_field import SketchField

VISIT = r"^[A-Za-z0-9_-]{16,40}$"


class VisitField(serializers.RegexField):
    """A random id that a page makes for one visit and keeps in the tab."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(VISIT, **kwargs)


class AnswerReportSerializer(serializers.Serializer[Any]):
    answer_id = serializers.CharField(max_length=4_000, help_text="from the answer")
    sketch = SketchField(
        required=False, help_text="the sketch that was searched, if its visitor agreed that it is kept"
    )


class ClickReportSerializer(AnswerReportSerializer):
    product = serializers.IntegerField(min_value=1)
    rank = serializers.IntegerField(min_value=1, max_value=1_000, help_text="as in the answer, from 1")


class VisitSerializer(serializers.Serializer[Any]):
    visit = VisitField(help_text="the page's id of the visit")


class ErasedSerializer(serializers.Serializer[Any]):
    erased = serializers.IntegerField(help_text="answers deleted, with their clicks")
