"""Serializers of requests over REST and WebSocket, and of answers, for the API schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from webapp.catalog.serializers import PriceSerializer
from webapp.clicks.recording.serializers import VisitField
from webapp.http.api.sketch_field import RawSketchField, SketchField
from webapp.search.models import MAX_NAME, MAX_TEXT

MAX_RESULTS = 100


def _visit_field() -> VisitField:
    return VisitField(
        allow_blank=True,
        default="",
        help_text="a random id of the visit, sent only where clicks may be recorded; erases them later",
    )


class KSerializer(serializers.Serializer[Any]):
    k = serializers.IntegerField(min_value=1, max_value=MAX_RESULTS, default=20, help_text="results wanted")


class NarrowingSerializer(serializers.Serializer[Any]):
    """What a visitor chose for the results of a sketch."""

    category = serializers.CharField(
        allow_null=True, allow_blank=True, default=None, max_length=80, help_text="slug; null for all"
    )
    name = serializers.CharField(
        allow_null=True,
        allow_blank=True,
        default=None,
        max_length=MAX_NAME,
        help_text="a recognised name, to narrow to; null for all",
    )
    by_shape = serializers.BooleanField(default=False, help_text="ignore what is recognised")
    text = serializers.CharField(
        allow_blank=True, default="", max_length=MAX_TEXT, help_text="words that narrow the results"
    )


class SearchRequestSerializer(NarrowingSerializer, KSerializer):
    """Unknown fields are ignored."""

    sketch = SketchField()
    visit = _visit_field()


_search_request = SearchRequestSerializer()


def search_request(data: object) -> dict[str, Any]:
    """Return a validated request, as `SearchRequestSerializer` describes it.

    One serializer validates all of them, because each would copy all of its fields first. Raises ValidationError, and
    SketchError naming the invalid coordinate.
    """
    validated: dict[str, Any] = _search_request.run_validation(data)
    return validated


class ImageSearchRequestSerializer(KSerializer):
    image = serializers.FileField(
        help_text="JPEG of up to 64 megapixels; PNG, GIF, BMP or TIFF (its first page) of up to 16, 8 at 16 bits per "
        "channel; WebP, AVIF or HEIC of up to 12.6; SVG, whose lines become the sketch",
        allow_empty_file=True,
    )
    mode = serializers.ChoiceField(
        ["auto", "photo", "sketch"],
        default="auto",
        help_text="what the image shows; `auto` decides by its content",
    )
    category = serializers.CharField(
        allow_blank=True, default="", max_length=80, help_text="slug; empty for all"
    )
    visit = _visit_field()


class ShareRequestSerializer(NarrowingSerializer):
    sketch = RawSketchField()


class CategorySerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class ProductCardSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    category = CategorySerializer()
    url = serializers.CharField(help_text="the product's page")
    photo_url = serializers.CharField()
    thumb_url = serializers.CharField()
    edges_url = serializers.CharField(help_text="the photo's edges as transparent ink")
    photo_box = serializers.ListField(
        child=serializers.FloatField(),
        help_text="where the product lies in its photo: x0, y0, x1, y1 as fractions",
    )
    link = serializers.CharField(help_text="the product's page in the shop, or empty")
    price = PriceSerializer(allow_null=True)
    availability = serializers.CharField(help_text="in_stock, out_of_stock, preorder, backorder, or empty")
    brand = serializers.CharField()


class ResultSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    score = serializers.FloatField(help_text="cosine similarity, plus the prior of recognised names")
    match = serializers.ChoiceField(["strong", "fair", "weak"])
    hamming = serializers.IntegerField(help_text="bits that differ from the query's hash code")
    folded = serializers.IntegerField(help_text="near-duplicates that are not listed")
    product = ProductCardSerializer()


class RecognisedNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField(help_text="the name in the request's language")  # type: ignore[assignment]  # a field named like an attribute of Field
    probability = serializers.FloatField()
    n_products = serializers.IntegerField(help_text="products on sale with this name")


class RecognisedSerializer(serializers.Serializer[Any]):
    sure = serializers.BooleanField(help_text="the first name is far likelier than the others")
    names = RecognisedNameSerializer(
        many=True, help_text="at most five, the likeliest first; none for a dot or a single line"
    )


class ReleaseRefSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    model = serializers.CharField()
    index = serializers.CharField()
    precision = serializers.CharField()


class TimingSerializer(serializers.Serializer[Any]):
    raster = serializers.FloatField()
    encode = serializers.FloatField()
    search = serializers.FloatField()
    total = serializers.FloatField()


class DebugSerializer(serializers.Serializer[Any]):
    n_gallery = serializers.IntegerField()
    n_shortlist = serializers.IntegerField()
    hamming_ms = serializers.FloatField()
    rerank_ms = serializers.FloatField()
    code_length = serializers.IntegerField()


class SearchResponseSerializer(serializers.Serializer[Any]):
    release = ReleaseRefSerializer()
    results = ResultSerializer(many=True)
    nothing_close = serializers.BooleanField(help_text="nothing in the catalogue resembles the query")
    recognised = RecognisedSerializer(allow_null=True, help_text="null if names are not recognised")
    text_matches = serializers.IntegerField(
        allow_null=True, help_text="products that match the text; null without text"
    )
    answer_id = serializers.CharField(
        allow_null=True, help_text="for reports of clicks; null if they are not recorded"
    )
    timing_ms = TimingSerializer()
    debug = DebugSerializer()


class ImageSearchResponseSerializer(SearchResponseSerializer):
    mode = serializers.ChoiceField(["photo", "sketch"])
    sketch = RawSketchField(allow_null=True)


class ShareSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    url = serializers.CharField()


class SharedSketchSerializer(ShareSerializer):
    sketch = RawSketchField()
    category = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True, help_text="the recognised name that it is narrowed to")
    label = serializers.CharField(  # type: ignore[assignment]  # a field named like an attribute of Field
        allow_null=True, help_text="the name in the request's language"
    )
    by_shape = serializers.BooleanField(help_text="what is recognised is ignored")
    text = serializers.CharField(help_text="words that narrow the results")


class ExampleSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    sketch = RawSketchField()


class InvitationSerializer(serializers.Serializer[Any]):
    names = serializers.ListField(child=serializers.CharField(), help_text="of what the catalogue sells")
    sketch = RawSketchField(allow_null=True, help_text="shows the first of the names")
    words = serializers.ListField(
        child=serializers.CharField(), help_text="examples of words that narrow results"
    )


class EmbedSerializer(serializers.Serializer[Any]):
    invitation = InvitationSerializer()
    examples = ExampleSerializer(many=True)
