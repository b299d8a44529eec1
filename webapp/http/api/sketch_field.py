"""A sketch in a request: its field, and how the API describes it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ml.sketch.strokes import HAND_LIMITS, Sketch, parse_sketch

_SKETCH_SCHEMA = {
    "type": "object",
    "description": "Strokes on a canvas, y down. Points are [x, y], [x, y, t_ms] or [x, y, t_ms, pressure], "
    "equally long along a stroke; times for all strokes or for none, never running backwards.",
    "required": ["width", "height", "strokes"],
    "properties": {
        "width": {"type": "number", "minimum": HAND_LIMITS.min_side, "maximum": HAND_LIMITS.max_side},
        "height": {"type": "number", "minimum": HAND_LIMITS.min_side, "maximum": HAND_LIMITS.max_side},
        "strokes": {
            "type": "array",
            "minItems": 1,
            "maxItems": HAND_LIMITS.max_strokes,
            "items": {
                "type": "array",
                "minItems": 1,
                "maxItems": HAND_LIMITS.max_points_per_stroke,
                "items": {"type": "array", "minItems": 2, "maxItems": 4, "items": {"type": "number"}},
            },
        },
    },
    "example": {
        "width": 256,
        "height": 256,
        "strokes": [[[60, 40, 0], [62, 200, 180]], [[60, 120, 400], [180, 122, 520], [182, 200, 610]]],
    },
}


@extend_schema_field(_SKETCH_SCHEMA)
class SketchField(serializers.Field[Sketch, Any, Any, Any]):
    """A validated sketch. Raises SketchError naming the invalid coordinate."""

    def to_internal_value(self, data: Any) -> Sketch:
        return parse_sketch(data, limits=HAND_LIMITS, field=self.field_name or "sketch")

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(_SKETCH_SCHEMA)
class RawSketchField(SketchField):
    """A sketch as it was sent, valid or not; the service that stores it validates it."""

    def to_internal_value(self, data: Any) -> Any:
        return data
