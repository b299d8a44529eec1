"""Products as requests give them, and what became of them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from webapp.http.api.strict import StrictSerializer

MAX_BATCH = 1_000
OUTCOMES = ("created", "updated", "unchanged", "refused", "deleted", "withdrawn", "absent")


class ProductFieldsSerializer(serializers.Serializer[Any]):
    """Fields of a product; one that is not given stays as it is stored, an empty one is cleared.

    Only for the schema: values are read as those of feeds.
    """

    name = serializers.CharField(required=False, max_length=200, help_text="a new product needs one")
    category = serializers.CharField(
        required=False, help_text="a name, or a path such as Furniture > Chairs; a new product needs one"
    )
    images = serializers.ListField(
        child=serializers.URLField(),
        required=False,
        help_text="addresses, in order, which a worker fetches; a new product needs one",
    )
    description = serializers.CharField(required=False, allow_blank=True, help_text="HTML becomes text")
    link = serializers.URLField(required=False, allow_blank=True, help_text="the product's page in the shop")
    price = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, help_text="12.50 EUR, or with `currency` 12.50"
    )
    sale_price = serializers.CharField(required=False, allow_blank=True)
    sale_dates = serializers.CharField(
        required=False, allow_blank=True, help_text="two ISO dates with / between"
    )
    currency = serializers.CharField(required=False, allow_blank=True, help_text="ISO 4217")
    availability = serializers.CharField(
        required=False, allow_blank=True, help_text="in_stock, out_of_stock, preorder or backorder"
    )
    brand = serializers.CharField(required=False, allow_blank=True, max_length=120)
    gtin = serializers.CharField(required=False, allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    licence = serializers.CharField(required=False, allow_blank=True, max_length=200)
    author = serializers.CharField(required=False, allow_blank=True, max_length=200)
    source = serializers.CharField(  # type: ignore[assignment]  # a field named like an attribute of Field
        required=False, allow_blank=True, max_length=500
    )
    active = serializers.BooleanField(required=False, help_text="whether it is on sale")
    attributes = serializers.DictField(
        required=False, help_text="texts, numbers, true or false, or lists of these"
    )


class BatchProductSerializer(ProductFieldsSerializer):
    sku = serializers.CharField(max_length=64)


@extend_schema_serializer(component_name="ProductBatch")
class BatchSerializer(StrictSerializer):
    products = serializers.ListField(
        child=serializers.DictField(), required=False, max_length=MAX_BATCH, default=list
    )
    delete = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        max_length=MAX_BATCH,
        default=list,
        help_text="SKUs",
    )
    dry_run = serializers.BooleanField(required=False, default=False, help_text="write nothing")


@extend_schema_serializer(component_name="ProductBatchRequest")
class BatchSchemaSerializer(BatchSerializer):
    """The request as the schema shows it."""

    products = BatchProductSerializer(many=True, required=False)  # type: ignore[assignment]


class ProductNoticeSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    why = serializers.CharField(help_text="why a value was left out")


class ProductResultSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="from 1, in `products` or `delete`")
    sku = serializers.CharField()
    outcome = serializers.ChoiceField(
        OUTCOMES, help_text="withdrawn: deleted, but kept off sale because annotation refers to it"
    )
    field = serializers.CharField(help_text="what was wrong, if it was refused")
    why = serializers.CharField()
    notices = ProductNoticeSerializer(many=True)


@extend_schema_serializer(component_name="ProductBatchResult")
class BatchResultSerializer(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = ProductResultSerializer(many=True, help_text="of `products`, in order")
    deleted = ProductResultSerializer(many=True, help_text="of `delete`, in order")
