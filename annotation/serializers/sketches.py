"""Sketches as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotation.models import Sketch
from annotation.selectors.work import sketch_url
from webapp.http.api.sketch_field import RawSketchField


class SketchSerializer(serializers.ModelSerializer[Sketch]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = Sketch
        fields = ["id", "key", "source", "name", "product", "url", "created_at"]

    def get_url(self, sketch: Sketch) -> str:
        return sketch_url(sketch)


class SketchFilterSerializer(serializers.Serializer[Any]):
    source = serializers.ChoiceField(Sketch.Source.choices, required=False)  # type: ignore[assignment]


class SketchGiftSerializer(serializers.Serializer[Any]):
    sketch = RawSketchField()
    consent = serializers.BooleanField()
    product = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1)
