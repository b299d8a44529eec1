"""Imports of feeds over HTTP, for operators."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.translation import get_language, override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.authentication import IsOperator
from webapp.accounts.models import User
from webapp.catalog.import_models import CatalogImport
from webapp.catalog.importer.feeds.opening import feed_kind
from webapp.catalog.importer.findings import Finding
from webapp.catalog.importer.report import Report
from webapp.catalog.imports.payloads import mapping_payload
from webapp.catalog.imports.serializers import (
    FeedMappingSerializer,
    ImportDetailSerializer,
    ImportSerializer,
    ImportStartSerializer,
    ImportUploadSerializer,
    MappingInputSerializer,
)
from webapp.catalog.jobs import catalog_import_wake
from webapp.catalog.mappings import mapping_keep
from webapp.catalog.services import catalog_import_create, catalog_import_start
from webapp.http.api.pagination import NewestFirstPagination
from webapp.http.api.parsers import BoundedMultiPartParser
from webapp.http.problems import ConflictError


class ImportListApi(ListAPIView[CatalogImport]):
    """Imports of feeds, newest first. Posting one uploads a feed; a worker imports it."""

    permission_classes = [IsOperator]
    parser_classes = [BoundedMultiPartParser]
    serializer_class = ImportSerializer
    pagination_class = NewestFirstPagination
    queryset = CatalogImport.objects.select_related("remote_feed")

    @extend_schema(operation_id="imports_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=ImportUploadSerializer, responses={202: ImportSerializer}, operation_id="imports_create"
    )
    def post(self, request: Request) -> Response:
        serializer = ImportUploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        upload = serializer.validated_data
        feed_kind(upload["feed"].name)
        for name in ("feed", "images"):
            if upload.get(name) and upload[name].size > settings.FEED_MAX_BYTES:
                raise ValidationError({name: f"{upload[name].size} bytes, at most {settings.FEED_MAX_BYTES}"})
        row = catalog_import_create(
            feed=upload["feed"],
            images=upload.get("images"),
            images_folder=upload["images_folder"],
            dry_run=upload["dry_run"],
            complete=upload["complete"],
            confirmed=upload.get("confirmed"),
            hold=upload["hold"],
            created_by=cast(User, request.user),
        )
        if not upload["hold"]:
            catalog_import_wake(row)
        return Response(ImportSerializer(row).data, status=status.HTTP_202_ACCEPTED)


class ImportApi(APIView):
    """An import's progress, and the rows that it refused."""

    permission_classes = [IsOperator]

    @extend_schema(responses=ImportDetailSerializer, operation_id="imports_retrieve")
    def get(self, request: Request, import_id: UUID) -> Response:
        return Response(ImportDetailSerializer(get_object_or_404(CatalogImport, pk=import_id)).data)


class ImportStartApi(APIView):
    """Start an import that is held, was only a check, or failed."""

    permission_classes = [IsOperator]

    @extend_schema(
        request=ImportStartSerializer, responses={202: ImportSerializer}, operation_id="imports_start"
    )
    def post(self, request: Request, import_id: UUID) -> Response:
        row = get_object_or_404(CatalogImport, pk=import_id)
        serializer = ImportStartSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if not catalog_import_start(import_id=row.pk, **serializer.validated_data):
            raise ConflictError("The import runs, is done, or its files are gone; upload the feed again.")
        row.refresh_from_db()
        catalog_import_wake(row)
        return Response(ImportSerializer(row).data, status=status.HTTP_202_ACCEPTED)


class ImportMappingApi(APIView):
    """What the columns of an uploaded feed are taken for. Putting it keeps it for the next feed with this header."""

    permission_classes = [IsOperator]

    @extend_schema(responses=FeedMappingSerializer, operation_id="imports_mapping")
    def get(self, request: Request, import_id: UUID) -> Response:
        return Response(mapping_payload(self._held(import_id)))

    @extend_schema(
        request=MappingInputSerializer, responses=FeedMappingSerializer, operation_id="imports_mapping_set"
    )
    def put(self, request: Request, import_id: UUID) -> Response:
        row = self._held(import_id)
        serializer = MappingInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        mapping_keep(row=row, given=serializer.validated_data, by=cast(User, request.user))
        return Response(mapping_payload(row))

    def _held(self, import_id: UUID) -> CatalogImport:
        row = get_object_or_404(CatalogImport, pk=import_id)
        if not row.feed:
            raise ConflictError("The feed has been imported and its file is gone; upload it again.")
        return row


class ImportReportApi(APIView):
    """Every refused or questionable row, as CSV."""

    permission_classes = [IsOperator]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR}, operation_id="imports_report")
    def get(self, request: Request, import_id: UUID) -> StreamingHttpResponse:
        row = get_object_or_404(CatalogImport, pk=import_id)
        headers = {"Content-Disposition": f'attachment; filename="import-{row.pk}.csv"'}
        return StreamingHttpResponse(
            _report_lines(row, get_language()), content_type="text/csv; charset=utf-8", headers=headers
        )


def _report_lines(row: CatalogImport, language: str) -> Iterator[str]:
    file = io.StringIO()
    report = Report(file)
    for issue in row.issues.iterator(chunk_size=500):
        finding = Finding(issue.row, issue.sku, issue.field, issue.why, issue.refused, issue.values)
        with override(language):  # the request's is gone while its answer is streamed
            report.add([finding])
        if file.tell() > 16_000:
            yield file.getvalue()
            file.seek(os.SEEK_SET)
            file.truncate()
    yield file.getvalue()
