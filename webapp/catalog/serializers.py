"""The catalogue as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from webapp.catalog.import_models import CatalogImport, ImportIssue
from webapp.catalog.models import Category, Product


@extend_schema_serializer(component_name="ProductCategory")
class CategorySerializer(serializers.ModelSerializer[Category]):
    name = serializers.CharField(read_only=True, help_text="in the language of the request")

    class Meta:
        model = Category
        fields = ["slug", "name"]


@extend_schema_serializer(component_name="CountedCategory")
class CountedCategorySerializer(CategorySerializer):
    count = serializers.IntegerField(read_only=True, help_text="products on sale")

    class Meta(CategorySerializer.Meta):
        fields = ["slug", "name", "count"]


class ProductSerializer(serializers.ModelSerializer[Product]):
    """A product in a list. Expects products with category and photos fetched (see `selectors`)."""

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

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "category", "url", "photo_url", "thumb_url", "edges_url", "photo_box"]


class ProductDetailSerializer(ProductSerializer):
    attributes = serializers.DictField(read_only=True)

    class Meta(ProductSerializer.Meta):
        fields = [*ProductSerializer.Meta.fields, "licence", "author", "source", "attributes"]


class ProductFilterSerializer(serializers.Serializer[Any]):
    category = serializers.SlugField(required=False, default="", help_text="slug of a category")
    q = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200, help_text="words of name or category"
    )


class ImportUploadSerializer(serializers.Serializer[Any]):
    feed = serializers.FileField(help_text="CSV or JSONL: sku, name, category, photo; licence, author, ...")
    images = serializers.FileField(required=False, help_text="zip of the pictures that `photo` names")
    dry_run = serializers.BooleanField(required=False, default=False, help_text="check and write nothing")


class ImportIssueSerializer(serializers.ModelSerializer[ImportIssue]):
    class Meta:
        model = ImportIssue
        fields = ["row", "sku", "field", "why", "refused"]


class ImportSerializer(serializers.ModelSerializer[CatalogImport]):
    class Meta:
        model = CatalogImport
        fields = [
            "id",
            "feed_name",
            "dry_run",
            "status",
            "progress",
            "rows",
            "created",
            "updated",
            "unchanged",
            "refused",
            "error",
            "created_at",
            "finished_at",
        ]


class ImportDetailSerializer(ImportSerializer):
    issues = serializers.SerializerMethodField()

    class Meta(ImportSerializer.Meta):
        fields = [*ImportSerializer.Meta.fields, "issues"]

    @extend_schema_field(ImportIssueSerializer(many=True))
    def get_issues(self, row: CatalogImport) -> Any:
        """Return the first hundred; the report has all of them."""
        return ImportIssueSerializer(row.issues.all()[:100], many=True).data
