"""Snapshots as JSON, and the request that freezes one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webapp.http.api.strict import StrictSerializer


class FreezeSerializer(StrictSerializer):
    aggregation = serializers.ChoiceField(["majority", "dawid-skene", "bradley-terry"], default="majority")
    name = serializers.CharField(max_length=120, default="", allow_blank=True)
    val = serializers.FloatField(min_value=0, max_value=0.5, default=0.1)
    test = serializers.FloatField(min_value=0, max_value=0.5, default=0.2)
    unsettled = serializers.ChoiceField(
        ["left_out", "listed", "flagged"],
        default="left_out",
        help_text="triplets that still await votes: left out, also listed in a file, or among the others with a flag",
    )


@extend_schema_field(
    {
        "type": "object",
        "properties": {"counts": {"type": "object", "additionalProperties": {"type": "integer"}}},
        "required": ["counts"],
        "additionalProperties": {},
    }
)
class SnapshotFactsField(serializers.DictField):
    """The facts about the votes from the snapshot's manifest."""


class SnapshotSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    sha256 = serializers.CharField()
    facts = SnapshotFactsField()
    created_at = serializers.DateTimeField()
