"""Gates over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webapp.catalog.models import Product
from webapp.http.api.strict import StrictSerializer
from webapp.registry.gates.report_serializers import GateReasonSerializer, GateReportSerializer
from webapp.registry.models import GateReport, Release


class GateSerializer(serializers.ModelSerializer[GateReport]):
    """A gate and its verdict."""

    release = serializers.IntegerField(source="release_id", read_only=True)
    against = serializers.IntegerField(source="against_id", read_only=True, allow_null=True)
    run = serializers.IntegerField(source="run_id", read_only=True, allow_null=True)
    reasons = GateReasonSerializer(many=True, read_only=True)

    class Meta:
        model = GateReport
        fields = (
            *("id", "release", "against", "run", "status", "passed", "better", "reasons", "error"),
            *("created_at", "finished_at"),
        )
        read_only_fields = fields


class GateDetailSerializer(GateSerializer):
    """A gate with all measurements."""

    report = serializers.SerializerMethodField()

    class Meta(GateSerializer.Meta):
        fields = (*GateSerializer.Meta.fields, "report")  # type: ignore[assignment]

    @extend_schema_field(GateReportSerializer)
    def get_report(self, gate: GateReport) -> dict[str, Any]:
        """Return the report, with products of the canary's examples as cards, null if deleted."""
        report = dict(gate.report)
        canary = report.get("canary")
        if canary:
            report["canary"] = {**canary, "examples": _with_products(canary["examples"])}
        return report


class GateRequestSerializer(StrictSerializer):
    release = serializers.PrimaryKeyRelatedField(
        queryset=Release.objects.select_related("index_build__model__training_run"),
        help_text="the release to compare with the live one",
    )


class GateFilterSerializer(serializers.Serializer[Any]):
    release = serializers.IntegerField(required=False, help_text="gates of one release")


def _with_products(examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the canary's examples with a card in place of each product id."""
    ids = {answer["product"] for one in examples for side in ("live", "candidate") for answer in one[side]}
    found = Product.objects.filter(pk__in=ids).select_related("category").prefetch_related("photos")
    cards = {
        product.pk: {
            "id": product.pk,
            "name": product.name,
            "url": product.url,
            "thumb_url": product.thumb_url,
            "photo_url": product.photo_url,
        }
        for product in found
    }
    return [
        one
        | {
            side: [{**answer, "product": cards.get(answer["product"])} for answer in one[side]]
            for side in ("live", "candidate")
        }
        for one in examples
    ]
