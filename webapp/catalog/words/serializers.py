"""What products are recognised as, as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from webapp.http.api.strict import StrictSerializer


@extend_schema_serializer(component_name="NameFit")
class NameFitSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="a name that a sketch may have")
    label = serializers.CharField(help_text="in the language of the request")  # type: ignore[assignment]
    fit = serializers.FloatField(help_text="0 to 1; of a category, the mean of its products")
    origin = serializers.ChoiceField(
        choices=["name", "type", "category", "correction"], help_text="where the fit comes from"
    )
    word = serializers.CharField(help_text="the word that it comes from; empty for a correction")
    n_fitting = serializers.IntegerField(help_text="products of a category with a fit of at least 0.5")


@extend_schema_serializer(component_name="WordsCategory")
class CategoryRowSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField(help_text="in the language of the request")
    n_products = serializers.IntegerField(help_text="products on sale")
    is_corrected = serializers.BooleanField(help_text="an operator changed the names")
    names = NameFitSerializer(many=True)


@extend_schema_serializer(component_name="WordsProduct")
class ProductRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="product.pk")
    name = serializers.CharField(source="product.name")
    url = serializers.CharField(source="product.url")
    thumb_url = serializers.CharField(source="product.thumb_url")
    is_corrected = serializers.BooleanField(help_text="an operator changed the names of this product")
    names = NameFitSerializer(many=True)


@extend_schema_serializer(component_name="WordsName")
class NameRowSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="a name that a sketch may have")
    label = serializers.CharField(help_text="in the language of the request")  # type: ignore[assignment]
    words = serializers.ListField(child=serializers.CharField(), help_text="English and German words for it")
    n_fitting = serializers.IntegerField(help_text="products on sale with a fit of at least 0.5")
    best = serializers.FloatField(help_text="highest fit of a product on sale")


class CorrectionSerializer(StrictSerializer):
    name = serializers.CharField(max_length=40, help_text="a name that a sketch may have")
    weight = serializers.FloatField(
        min_value=0,
        max_value=1,
        allow_null=True,
        help_text="how well it is answered; 0: not at all; null: as computed from the words",
    )


class WordsFilterSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=80, help_text="part of a category's name"
    )
