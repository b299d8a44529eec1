"""Attribute tables and agreement on attributes as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.consensus.attributes import ATTRIBUTE_AGGREGATIONS
from annotation.models import AttributeTable
from webapp.http.api.strict import StrictSerializer


class AttributeAgreementSerializer(serializers.Serializer[Any]):
    """How far workers agree on one attribute; numbers of products and sketches by majority."""

    slug = serializers.CharField()
    name = serializers.CharField()
    alpha = serializers.FloatField(allow_null=True, help_text="Krippendorff's")
    agreement = serializers.FloatField(allow_null=True, help_text="share of pairs of answers that agree")
    n_yes = serializers.IntegerField()
    n_no = serializers.IntegerField()
    n_tied = serializers.IntegerField()


class AttributeFreezeSerializer(StrictSerializer):
    aggregation = serializers.ChoiceField(list(ATTRIBUTE_AGGREGATIONS), default="majority")
    unsettled = serializers.ChoiceField(
        ["left_out", "flagged"],
        default="left_out",
        help_text="products and sketches that still await answers: left out, or among the others with a flag",
    )
    name = serializers.CharField(max_length=120, default="", allow_blank=True)


@extend_schema_field(
    {
        "type": "object",
        "properties": {"counts": {"type": "object", "additionalProperties": {"type": "integer"}}},
        "required": ["counts"],
        "additionalProperties": {},
    }
)
class TableFactsField(serializers.DictField):
    """Attributes, consensus and counts, as in the table's manifest."""


class AttributeTableSerializer(serializers.ModelSerializer[AttributeTable]):
    campaign = serializers.CharField(source="campaign.title")
    facts = TableFactsField()

    class Meta:
        model = AttributeTable
        fields = ["id", "name", "campaign", "aggregation", "sha256", "facts", "created_at"]
