"""Exports of a campaign for operators: every vote, drawings, codebook, data sheet, or all of them in a zip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request

from annotation.exports.bundle import codebook, study_zip
from annotation.exports.datasheet import datasheet
from annotation.exports.drawings import drawings_ndjson
from annotation.exports.votes.columns import vote_columns
from annotation.exports.votes.rows import vote_batches
from annotation.models import Campaign, Kind
from annotation.tables.codebook import CODEBOOKS
from annotation.tables.writers import TABLES, TableFormat
from webapp.accounts.operators import OperatorApi
from webapp.http.problems import ConflictError

_BINARY = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


class TableFormatSerializer(serializers.Serializer[Any]):
    # Not `format`, which DRF uses to select a renderer.
    type = serializers.ChoiceField(list(TABLES), default="csv")


class CodebookFormatSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(list(CODEBOOKS), default="md")


class VotesExportApi(OperatorApi):
    """Export every vote of a campaign, also those that do not count, as CSV, JSONL or Parquet."""

    @extend_schema(
        parameters=[TableFormatSerializer], responses=_BINARY, operation_id="campaigns_export_votes"
    )
    def get(self, request: Request, campaign_id: int) -> StreamingHttpResponse:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        format = cast(TableFormat, _checked(TableFormatSerializer, request))
        content_type, written = TABLES[format]
        return _stream(
            written(vote_columns(campaign), vote_batches(campaign)),
            content_type,
            f"{campaign.slug}-votes.{format}",
        )


class StudyExportApi(OperatorApi):
    """Export data sheet, codebook, votes and drawings of a campaign as a zip."""

    @extend_schema(
        parameters=[TableFormatSerializer], responses=_BINARY, operation_id="campaigns_export_study"
    )
    def get(self, request: Request, campaign_id: int) -> StreamingHttpResponse:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        format = cast(TableFormat, _checked(TableFormatSerializer, request))
        return _stream(study_zip(campaign, format), "application/zip", f"{campaign.slug}.zip")


class DrawingsExportApi(OperatorApi):
    """Export the drawings of a sketch campaign as ndjson in QuickDraw's layout. 409 for another kind of campaign."""

    @extend_schema(responses=_BINARY, operation_id="campaigns_export_drawings")
    def get(self, request: Request, campaign_id: int) -> StreamingHttpResponse:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        if campaign.kind != Kind.SKETCHES:
            raise ConflictError("Only sketch campaigns collect drawings.")
        return _stream(drawings_ndjson(campaign), "application/x-ndjson", f"{campaign.slug}-drawings.ndjson")


class CodebookApi(OperatorApi):
    """Retrieve the codebook of a campaign's exports: columns, types, units and values."""

    @extend_schema(
        parameters=[CodebookFormatSerializer], responses=_BINARY, operation_id="campaigns_codebook"
    )
    def get(self, request: Request, campaign_id: int) -> HttpResponse:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        format = _checked(CodebookFormatSerializer, request)
        content_type, written = CODEBOOKS[format]  # type: ignore[index]
        text = codebook(campaign) if format == "md" else written(vote_columns(campaign))
        return _file(text, content_type, f"{campaign.slug}-codebook.{format}")


class DatasheetApi(OperatorApi):
    """Retrieve a campaign's data sheet in Markdown."""

    @extend_schema(responses=_BINARY, operation_id="campaigns_datasheet")
    def get(self, request: Request, campaign_id: int) -> HttpResponse:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        return _file(datasheet(campaign), "text/markdown; charset=utf-8", f"{campaign.slug}-datasheet.md")


def _checked(serializer: type[serializers.Serializer[Any]], request: Request) -> str:
    params = serializer(data=request.query_params.dict())
    params.is_valid(raise_exception=True)
    return str(params.validated_data["type"])


def _stream(parts: Iterator[bytes], content_type: str, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(parts, content_type=content_type, headers=_attached(name))


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(text, content_type=content_type, headers=_attached(name))


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
