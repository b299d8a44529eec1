"""REST API of teaching, for operators."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.models import User
from webapp.accounts.operators import OperatorApi
from webapp.clicks.models import Answer
from webapp.clicks.teaching.collect import position_bias
from webapp.clicks.teaching.freeze import clicks_freeze
from webapp.http.api.schema import ProblemSerializer
from webapp.http.api.strict import StrictSerializer
from webapp.http.problems import CONTENT_TYPE
from webapp.registry.models import DatasetSnapshot

MAX_LISTED = 50
_CONFLICT = {(409, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, "nothing to freeze, or learning is off")}


class ClickSnapshotRequestSerializer(StrictSerializer):
    base = serializers.PrimaryKeyRelatedField(
        queryset=DatasetSnapshot.objects.filter(format="snapshot"),
        allow_null=True,
        default=None,
        help_text="snapshot of votes that the clicks are put beside; null for clicks alone",
    )
    name = serializers.CharField(max_length=120, allow_blank=True, default="")


class ClickSnapshotSerializer(serializers.ModelSerializer[DatasetSnapshot]):
    """counts: per source; judged triplets and clicks are never mixed."""

    counts = serializers.SerializerMethodField()

    class Meta:
        model = DatasetSnapshot
        fields = ("id", "name", "sha256", "counts", "created_at")
        read_only_fields = fields

    def get_counts(self, snapshot: DatasetSnapshot) -> dict[str, int]:
        counts: dict[str, int] = snapshot.facts.get("counts") or {}
        return counts


class TeachingSerializer(serializers.Serializer[Any]):
    """What clicks could teach now."""

    learns = serializers.BooleanField(help_text="SKETCHFIND_LEARN_FROM_CLICKS")
    usable = serializers.IntegerField(help_text="answers with a click and a kept drawing")
    exponent = serializers.FloatField(help_text="position bias: rank ** -exponent")
    ci95 = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    snapshots = ClickSnapshotSerializer(many=True, help_text="to put clicks beside, newest first")


class ClickSnapshotApi(OperatorApi):
    """What clicks could teach, and a snapshot of them."""

    @extend_schema(responses=TeachingSerializer, operation_id="clicks_teaching")
    def get(self, request: Request) -> Response:
        usable = Answer.objects.filter(
            kind=Answer.Kind.SKETCH, sketch__isnull=False, experiment=None, clicks__isnull=False
        )
        snapshots = DatasetSnapshot.objects.filter(format="snapshot").order_by("-pk")[:MAX_LISTED]
        bias = position_bias()
        content = {
            "learns": settings.LEARN_FROM_CLICKS,
            "usable": usable.distinct().count(),
            "exponent": bias.exponent,
            "ci95": list(bias.ci95),
            "snapshots": [one for one in snapshots if "clicks" not in one.facts],
        }
        return Response(TeachingSerializer(content).data)

    @extend_schema(
        request=ClickSnapshotRequestSerializer,
        responses={201: ClickSnapshotSerializer, **_CONFLICT},
        operation_id="clicks_freeze",
    )
    def post(self, request: Request) -> Response:
        serializer = ClickSnapshotRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        snapshot = clicks_freeze(created_by=request.user, **serializer.validated_data)
        return Response(ClickSnapshotSerializer(snapshot).data, status=status.HTTP_201_CREATED)
