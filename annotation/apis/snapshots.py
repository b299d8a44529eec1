"""Snapshots for operators: freezing a campaign's votes, and exporting them as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import validated_body
from annotation.identity.tokens import user_of
from annotation.models import Campaign
from annotation.serializers.snapshots import FreezeSerializer, SnapshotSerializer
from annotation.snapshots.content import Shares
from annotation.snapshots.export import snapshot_export
from annotation.snapshots.freeze import snapshot_freeze, snapshot_row, snapshots_of
from webapp.accounts.operators import OperatorApi

MAX_LISTED = 50


class ExportFormatSerializer(serializers.Serializer[Any]):
    # Not `format`, which DRF uses to select a renderer.
    type = serializers.ChoiceField(["csv", "jsonl", "parquet", "zip"], default="csv")


class SnapshotListApi(OperatorApi):
    """List the campaign's snapshots, or freeze its counted votes. The same votes give the same snapshot."""

    @extend_schema(responses=SnapshotSerializer(many=True), operation_id="campaigns_snapshots")
    def get(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        return Response(SnapshotSerializer(snapshots_of(campaign, MAX_LISTED), many=True).data)

    @extend_schema(
        request=FreezeSerializer, responses={201: SnapshotSerializer}, operation_id="campaigns_snapshot"
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(FreezeSerializer, request)
        if params["val"] + params["test"] >= 1:
            raise serializers.ValidationError({"test": "val and test together leave nothing to train on"})
        snapshot = snapshot_freeze(
            campaign=get_object_or_404(Campaign, pk=campaign_id),
            aggregation=params["aggregation"],
            shares=Shares(val=params["val"], test=params["test"]),
            unsettled=params["unsettled"],
            name=params["name"],
            created_by=user_of(request),
        )
        return Response(SnapshotSerializer(snapshot).data, status=status.HTTP_201_CREATED)


class ExportApi(OperatorApi):
    """Export a snapshot as CSV, JSONL or Parquet, or its whole folder as a zip. 409 for a registered folder."""

    @extend_schema(
        parameters=[OpenApiParameter("type", enum=["csv", "jsonl", "parquet", "zip"], default="csv")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        operation_id="snapshots_export",
    )
    def get(self, request: Request, snapshot_id: int) -> HttpResponse:
        params = ExportFormatSerializer(data=request.query_params.dict())
        params.is_valid(raise_exception=True)
        snapshot = snapshot_row(snapshot_id)
        if snapshot is None:
            raise NotFound
        export = snapshot_export(
            sha256=snapshot.sha256, folder=snapshot.folder, format=params.validated_data["type"]
        )
        headers = {"Content-Disposition": f'attachment; filename="{export.name}"'}
        return HttpResponse(export.data, content_type=export.content_type, headers=headers)
