"""Insights over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from webapp.http.api.sketch_field import RawSketchField

TABLES = ("days", "names", "categories")


class PeriodSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=366, default=28, help_text="today included")


class TableSerializer(PeriodSerializer):
    table = serializers.ChoiceField(TABLES, default="days")


class InsightsDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="in UTC")
    searches = serializers.IntegerField()
    with_click = serializers.IntegerField()
    mean_rank = serializers.FloatField(allow_null=True)


class InsightsNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field named like an attribute of Field
    searches = serializers.IntegerField()
    poor = serializers.IntegerField(help_text="searches whose first result was not a good match")
    with_click = serializers.IntegerField()
    n_products = serializers.IntegerField(help_text="products on sale that answer the name")
    sketches = serializers.ListField(
        child=RawSketchField(), help_text="of visitors who agreed that they are kept"
    )


class InsightsCategorySerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    searches = serializers.IntegerField()
    poor = serializers.IntegerField()
    with_click = serializers.IntegerField()


class InsightsSerializer(serializers.Serializer[Any]):
    """Searches are answers that stayed on a page for two seconds or led to a click."""

    mode = serializers.ChoiceField(["off", "ask", "on"])
    kept_days = serializers.IntegerField(help_text="0: forever")
    searches = serializers.IntegerField()
    with_click = serializers.IntegerField()
    mean_rank = serializers.FloatField(allow_null=True)
    days = InsightsDaySerializer(many=True)
    names = InsightsNameSerializer(many=True)
    categories = InsightsCategorySerializer(many=True)
