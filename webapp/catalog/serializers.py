"""The catalogue as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from webapp.catalog.models import Category, Photo, Product
from webapp.catalog.offers import PricePayload, price_payload
from webapp.catalog.tree import path_of


@extend_schema_serializer(component_name="ProductCategory")
class CategorySerializer(serializers.ModelSerializer[Category]):
    name = serializers.CharField(read_only=True, help_text="in the language of the request")

    class Meta:
        model = Category
        fields = ["slug", "name"]


@extend_schema_serializer(component_name="CountedCategory")
class CountedCategorySerializer(CategorySerializer):
    count = serializers.IntegerField(
        read_only=True, help_text="products on sale in it and in those within it"
    )
    depth = serializers.IntegerField(read_only=True, help_text="0 at the top of the tree")
    parent = serializers.SlugRelatedField[Category](  # type: ignore[assignment]  # a field named like an attribute of Field
        slug_field="slug", read_only=True, allow_null=True, help_text="slug of the category that it is within"
    )

    class Meta(CategorySerializer.Meta):
        fields = ["slug", "name", "count", "depth", "parent"]


class PriceSerializer(serializers.Serializer[Any]):
    amount = serializers.CharField(help_text="a decimal number")
    currency = serializers.CharField(help_text="ISO 4217")
    text = serializers.CharField(help_text="the price in the language of the request")


class PhotoSerializer(serializers.ModelSerializer[Photo]):
    """A photo of a product."""

    photo_url = serializers.CharField(read_only=True)
    thumb_url = serializers.CharField(read_only=True)
    edges_url = serializers.CharField(read_only=True)
    photo_box = serializers.ListField(
        child=serializers.FloatField(),
        read_only=True,
        source="rounded_box",
        help_text="x0, y0, x1, y1 of the product, in fractions",
    )

    class Meta:
        model = Photo
        fields = ["photo_url", "thumb_url", "edges_url", "photo_box", "width", "height"]


class ProductSerializer(serializers.ModelSerializer[Product]):
    """A product in a list, with its first photo. Expects products with category and photos fetched (see `selectors`)."""

    category = CategorySerializer(read_only=True)
    url = serializers.CharField(read_only=True)
    photo_url = serializers.CharField(read_only=True)
    thumb_url = serializers.CharField(read_only=True)
    edges_url = serializers.CharField(read_only=True)
    photo_box = serializers.ListField(
        child=serializers.FloatField(),
        read_only=True,
        help_text="x0, y0, x1, y1 of the product, in fractions",
    )

    link = serializers.CharField(read_only=True, help_text="the product's page in the shop, or empty")
    price = serializers.SerializerMethodField(help_text="null if the shop says none")
    availability = serializers.CharField(
        read_only=True, help_text="in_stock, out_of_stock, preorder, backorder, or empty"
    )

    class Meta:
        model = Product
        fields = [
            "id",
            "sku",
            "name",
            "category",
            "url",
            "photo_url",
            "thumb_url",
            "edges_url",
            "photo_box",
            "link",
            "price",
            "availability",
            "brand",
        ]

    @extend_schema_field(PriceSerializer(allow_null=True))
    def get_price(self, product: Product) -> PricePayload | None:
        return price_payload(product)


class ProductDetailSerializer(ProductSerializer):
    category_path = serializers.SerializerMethodField(
        help_text="the category and those that it is within, the widest first"
    )
    photos = PhotoSerializer(many=True, read_only=True, help_text="all photos, in the shop's order")
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    attributes = serializers.DictField(
        read_only=True, help_text="texts, numbers, true or false, or lists of these"
    )

    class Meta(ProductSerializer.Meta):
        fields = [
            *ProductSerializer.Meta.fields,
            "category_path",
            "photos",
            "description",
            "gtin",
            "tags",
            "licence",
            "author",
            "source",
            "attributes",
        ]

    @extend_schema_field(CategorySerializer(many=True))
    def get_category_path(self, product: Product) -> Any:
        return CategorySerializer(path_of(product.category), many=True).data


class ProductFilterSerializer(serializers.Serializer[Any]):
    category = serializers.SlugField(
        required=False,
        default="",
        allow_unicode=True,
        help_text="slug of a category, whose branch is searched",
    )
    q = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200, help_text="words of name or category"
    )
