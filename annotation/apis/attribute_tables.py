"""Attribute answers for operators: agreement, freezing them into a table, and exporting it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import validated_body
from annotation.identity.tokens import user_of
from annotation.models import AttributeTable, Campaign
from annotation.selectors.attributes import attribute_agreements
from annotation.serializers.attributes import (
    AttributeAgreementSerializer,
    AttributeFreezeSerializer,
    AttributeTableSerializer,
)
from annotation.snapshots.attributes.export import attributes_export
from annotation.snapshots.attributes.freeze import attributes_freeze
from webapp.accounts.operators import OperatorApi

MAX_LISTED = 50


class AttributeExportFormatSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(["csv", "jsonl", "parquet", "zip"], default="csv")


class AttributeAgreementApi(OperatorApi):
    """List how far workers agree on each attribute; empty for other kinds of campaign."""

    @extend_schema(
        responses=AttributeAgreementSerializer(many=True), operation_id="campaigns_attributes_agreement"
    )
    def get(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        names = {one["slug"]: one.get(get_language() or "") or one["en"] for one in campaign.ontology}
        found = attribute_agreements(campaign) if names else {}
        rows = [{"slug": slug, "name": names[slug], **asdict(one)} for slug, one in found.items()]
        return Response(AttributeAgreementSerializer(rows, many=True).data)


class CampaignAttributeTablesApi(OperatorApi):
    """List a campaign's attribute tables, or freeze its answers. The same answers give the same table."""

    @extend_schema(responses=AttributeTableSerializer(many=True), operation_id="campaigns_attribute_tables")
    def get(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        tables = campaign.attribute_tables.select_related("campaign")[:MAX_LISTED]
        return Response(AttributeTableSerializer(tables, many=True).data)

    @extend_schema(
        request=AttributeFreezeSerializer,
        responses={201: AttributeTableSerializer},
        operation_id="campaigns_attribute_table",
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(AttributeFreezeSerializer, request)
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        table = attributes_freeze(campaign=campaign, created_by=user_of(request), **params)
        return Response(AttributeTableSerializer(table).data, status=status.HTTP_201_CREATED)


class AttributeTablesApi(OperatorApi):
    """List the newest attribute tables of all campaigns, by which candidates can be chosen."""

    @extend_schema(responses=AttributeTableSerializer(many=True), operation_id="attribute_tables_list")
    def get(self, request: Request) -> Response:
        tables = AttributeTable.objects.select_related("campaign")[:MAX_LISTED]
        return Response(AttributeTableSerializer(tables, many=True).data)


class AttributeTableExportApi(OperatorApi):
    """Export an attribute table as CSV, JSONL or Parquet, or its whole folder as a zip."""

    @extend_schema(
        parameters=[AttributeExportFormatSerializer],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        operation_id="attribute_tables_export",
    )
    def get(self, request: Request, table_id: int) -> StreamingHttpResponse:
        params = AttributeExportFormatSerializer(data=request.query_params.dict())
        params.is_valid(raise_exception=True)
        table, format = get_object_or_404(AttributeTable, pk=table_id), params.validated_data["type"]
        content_type, parts = attributes_export(table, format)
        name = f"attributes-{table.sha256[:12]}.{format}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(parts, content_type=content_type, headers=headers)
