"""The catalogue over HTTP: products and categories for everyone, imports for operators."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
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
from webapp.catalog.importer.feed import feed_kind
from webapp.catalog.importer.findings import Finding
from webapp.catalog.importer.report import Report
from webapp.catalog.jobs import catalog_import_wake
from webapp.catalog.models import Product
from webapp.catalog.selectors import categories_on_sale, products_on_sale
from webapp.catalog.serializers import (
    CountedCategorySerializer,
    ImportDetailSerializer,
    ImportSerializer,
    ImportUploadSerializer,
    ProductDetailSerializer,
    ProductFilterSerializer,
    ProductSerializer,
)
from webapp.catalog.services import catalog_import_create
from webapp.http.api.pagination import NewestFirstPagination, SignedCursorPagination
from webapp.http.api.parsers import BoundedMultiPartParser
from webapp.sites.access import ForSites


class ProductListApi(ForSites, ListAPIView[Product]):
    """Products on sale, by category and words."""

    serializer_class = ProductSerializer
    pagination_class = SignedCursorPagination

    def get_queryset(self) -> QuerySet[Product]:
        params = ProductFilterSerializer(data=self.request.query_params)
        params.is_valid(raise_exception=True)
        return products_on_sale(**params.validated_data)

    @extend_schema(parameters=[ProductFilterSerializer], operation_id="products_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ProductApi(ForSites):
    """One product on sale."""

    @extend_schema(responses=ProductDetailSerializer, operation_id="products_retrieve")
    def get(self, request: Request, product_id: int) -> Response:
        return Response(ProductDetailSerializer(get_object_or_404(products_on_sale(), pk=product_id)).data)


class CategoryListApi(ForSites):
    """Categories with products on sale."""

    @extend_schema(responses=CountedCategorySerializer(many=True), operation_id="categories_list")
    def get(self, request: Request) -> Response:
        return Response(CountedCategorySerializer(categories_on_sale(), many=True).data)


class ImportListApi(ListAPIView[CatalogImport]):
    """Imports of feeds, newest first. Posting one uploads a feed; a worker imports it."""

    permission_classes = [IsOperator]
    parser_classes = [BoundedMultiPartParser]
    serializer_class = ImportSerializer
    pagination_class = NewestFirstPagination
    queryset = CatalogImport.objects.all()

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
            dry_run=upload["dry_run"],
            created_by=cast(User, request.user),
        )
        catalog_import_wake(row)
        return Response(ImportSerializer(row).data, status=status.HTTP_202_ACCEPTED)


class ImportApi(APIView):
    """An import's progress, and the rows that it refused."""

    permission_classes = [IsOperator]

    @extend_schema(responses=ImportDetailSerializer, operation_id="imports_retrieve")
    def get(self, request: Request, import_id: UUID) -> Response:
        return Response(ImportDetailSerializer(get_object_or_404(CatalogImport, pk=import_id)).data)


class ImportReportApi(APIView):
    """Every refused or questionable row, as CSV."""

    permission_classes = [IsOperator]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR}, operation_id="imports_report")
    def get(self, request: Request, import_id: UUID) -> StreamingHttpResponse:
        row = get_object_or_404(CatalogImport, pk=import_id)
        headers = {"Content-Disposition": f'attachment; filename="import-{row.pk}.csv"'}
        return StreamingHttpResponse(
            _report_lines(row), content_type="text/csv; charset=utf-8", headers=headers
        )


def _report_lines(row: CatalogImport) -> Iterator[str]:
    file = io.StringIO()
    report = Report(file)
    for issue in row.issues.iterator(chunk_size=500):
        report.add([Finding(issue.row, issue.sku, issue.field, issue.why, issue.refused)])
        if file.tell() > 16_000:
            yield file.getvalue()
            file.seek(os.SEEK_SET)
            file.truncate()
    yield file.getvalue()
