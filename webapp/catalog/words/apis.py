"""What products are recognised as, over HTTP, for operators."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.authentication import IsOperator
from webapp.accounts.models import User
from webapp.catalog.models import Category, Product
from webapp.catalog.selectors import products_on_sale
from webapp.catalog.words.rows import category_rows, name_rows, product_rows
from webapp.catalog.words.serializers import (
    CategoryRowSerializer,
    CorrectionSerializer,
    NameRowSerializer,
    ProductRowSerializer,
    WordsFilterSerializer,
)
from webapp.catalog.words.services import correction_set, corrections_reset
from webapp.http.api.pagination import SignedCursorPagination


class _BySlug(SignedCursorPagination):
    ordering = "slug"


class WordsNameListApi(APIView):
    """All names that a sketch may have, with the number of products that answer each."""

    permission_classes = [IsOperator]

    @extend_schema(responses=NameRowSerializer(many=True), operation_id="words_names_list")
    def get(self, request: Request) -> Response:
        return Response(NameRowSerializer(name_rows(), many=True).data)


class WordsCategoryListApi(ListAPIView[Any]):
    """Categories with products on sale, and what these are recognised as."""

    permission_classes = [IsOperator]
    serializer_class = CategoryRowSerializer
    pagination_class = _BySlug

    def get_queryset(self) -> QuerySet[Category]:
        params = WordsFilterSerializer(data=self.request.query_params)
        params.is_valid(raise_exception=True)
        q = params.validated_data["q"].strip()
        found = Q(name_en__icontains=q) | Q(name_de__icontains=q) | Q(slug__icontains=q)
        return Category.objects.filter(found, products__active=True).distinct()

    @extend_schema(parameters=[WordsFilterSerializer], operation_id="words_categories_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = cast(list[Category], self.paginate_queryset(self.get_queryset()))
        return self.get_paginated_response(CategoryRowSerializer(category_rows(page), many=True).data)


class WordsProductListApi(ListAPIView[Any]):
    """Products of a category, and what each is recognised as."""

    permission_classes = [IsOperator]
    serializer_class = ProductRowSerializer
    pagination_class = SignedCursorPagination

    @extend_schema(operation_id="words_products_list")
    def get(self, request: Request, slug: str, *args: Any, **kwargs: Any) -> Response:
        category = get_object_or_404(Category, slug=slug)
        page = cast(list[Product], self.paginate_queryset(products_on_sale(category=category.slug)))
        return self.get_paginated_response(ProductRowSerializer(product_rows(page), many=True).data)


class WordsCategoryCorrectionApi(APIView):
    """Correct what a category's products are recognised as."""

    permission_classes = [IsOperator]

    @extend_schema(
        request=CorrectionSerializer, responses=CategoryRowSerializer, operation_id="words_categories_correct"
    )
    def post(self, request: Request, slug: str) -> Response:
        category = get_object_or_404(Category, slug=slug)
        _correct(category, request)
        return _category(category)


class WordsCategoryResetApi(APIView):
    """Remove all corrections of a category; those of its products stay."""

    permission_classes = [IsOperator]

    @extend_schema(request=None, responses=CategoryRowSerializer, operation_id="words_categories_reset")
    def post(self, request: Request, slug: str) -> Response:
        category = get_object_or_404(Category, slug=slug)
        corrections_reset(of=category)
        return _category(category)


class WordsProductCorrectionApi(APIView):
    """Correct what a product is recognised as."""

    permission_classes = [IsOperator]

    @extend_schema(
        request=CorrectionSerializer, responses=ProductRowSerializer, operation_id="words_products_correct"
    )
    def post(self, request: Request, product_id: int) -> Response:
        product = get_object_or_404(products_on_sale(), pk=product_id)
        _correct(product, request)
        return _product(product)


class WordsProductResetApi(APIView):
    """Remove all corrections of a product; those of its category stay."""

    permission_classes = [IsOperator]

    @extend_schema(request=None, responses=ProductRowSerializer, operation_id="words_products_reset")
    def post(self, request: Request, product_id: int) -> Response:
        product = get_object_or_404(products_on_sale(), pk=product_id)
        corrections_reset(of=product)
        return _product(product)


def _correct(of: Category | Product, request: Request) -> None:
    serializer = CorrectionSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    correction_set(of=of, by=cast(User, request.user), **serializer.validated_data)


def _category(category: Category) -> Response:
    return Response(CategoryRowSerializer(category_rows([category])[0]).data)


def _product(product: Product) -> Response:
    return Response(ProductRowSerializer(product_rows([product])[0]).data)
