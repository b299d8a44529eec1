"""Create, change and delete products, for operators and their servers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.authentication import IsOperator
from webapp.catalog.jobs import pictures_wake
from webapp.catalog.upserts.serializers import (
    BatchResultSerializer,
    BatchSchemaSerializer,
    BatchSerializer,
    ProductFieldsSerializer,
    ProductResultSerializer,
)
from webapp.catalog.upserts.services import Result, products_delete, products_upsert
from webapp.http.api.schema import ProblemSerializer
from webapp.http.problems import CONTENT_TYPE


class ProductUpsertApi(APIView):
    """One product by its SKU. Sending the same again changes nothing."""

    permission_classes = [IsOperator]

    @extend_schema(
        request=ProductFieldsSerializer,
        responses={
            200: ProductResultSerializer,
            201: ProductResultSerializer,
            (400, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, "refused; nothing has changed"),
        },
        operation_id="products_upsert",
    )
    def put(self, request: Request, sku: str) -> Response:
        if not isinstance(request.data, dict):
            raise ValidationError({"body": "must be an object with the product's fields"})
        if "sku" in request.data and request.data["sku"] != sku:
            raise ValidationError({"sku": f"{request.data['sku']!r} is not the SKU in the address"})
        (result,) = products_upsert([{**request.data, "sku": sku}])
        if result.outcome == "refused":
            raise ValidationError({result.field: result.why})
        if request.data.get("images"):
            pictures_wake()
        created = result.outcome == "created"
        return Response(_result(result), status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    @extend_schema(responses=ProductResultSerializer, operation_id="products_delete")
    def delete(self, request: Request, sku: str) -> Response:
        (result,) = products_delete([sku])
        return Response(_result(result))


class ProductBatchApi(APIView):
    """Up to 1,000 products to create or change and 1,000 to delete. Those that can be are written, the others named."""

    permission_classes = [IsOperator]

    @extend_schema(
        request=BatchSchemaSerializer, responses=BatchResultSerializer, operation_id="products_batch"
    )
    def post(self, request: Request) -> Response:
        serializer = BatchSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        batch = serializer.validated_data
        results = products_upsert(batch["products"], dry_run=batch["dry_run"]) if batch["products"] else []
        if not batch["dry_run"] and any(product.get("images") for product in batch["products"]):
            pictures_wake()
        deleted = products_delete(batch["delete"], dry_run=batch["dry_run"])
        outcomes = [result.outcome for result in results]
        counts = {name: outcomes.count(name) for name in ("created", "updated", "unchanged", "refused")}
        body = {**counts, "results": list(map(_result, results)), "deleted": list(map(_result, deleted))}
        return Response(body)


def _result(result: Result) -> dict[str, Any]:
    notices = [{"field": field, "why": why} for field, why in result.notices]
    return {**asdict(result), "notices": notices}
