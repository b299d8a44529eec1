"""The catalogue over HTTP, for everyone: products and categories."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.catalog.models import Product
from webapp.catalog.selectors import products_on_sale
from webapp.catalog.serializers import (
    CountedCategorySerializer,
    ProductDetailSerializer,
    ProductFilterSerializer,
    ProductSerializer,
)
from webapp.catalog.tree import categories_on_sale
from webapp.http.api.pagination import SignedCursorPagination
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
