"""The report of a gate as the API describes it; it is stored and sent as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from webapp.http.api.sketch_field import RawSketchField


class GateReasonSerializer(serializers.Serializer[Any]):
    """A rule and what it found."""

    code = serializers.CharField()
    ok = serializers.BooleanField()
    text = serializers.CharField()


class MeasuredSerializer(serializers.Serializer[Any]):
    """A figure with its 95 % interval."""

    value = serializers.FloatField()
    ci95 = serializers.ListField(
        child=serializers.FloatField(), min_length=2, max_length=2, required=False, allow_null=True
    )


class GateMetricSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    candidate = MeasuredSerializer()
    live = MeasuredSerializer(required=False)
    difference = MeasuredSerializer(required=False, help_text="candidate less live, value by value")


class GateTimesSerializer(serializers.Serializer[Any]):
    p50 = serializers.FloatField()
    p95 = serializers.FloatField()
    n = serializers.IntegerField()


class GateLatencySerializer(serializers.Serializer[Any]):
    candidate = GateTimesSerializer(allow_null=True)
    live = GateTimesSerializer(allow_null=True)


class GateIndexSerializer(serializers.Serializer[Any]):
    n_photos = serializers.IntegerField()
    n_skipped = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)


class GateIndexesSerializer(serializers.Serializer[Any]):
    candidate = GateIndexSerializer()
    live = GateIndexSerializer(required=False)


class GateSplitSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    n_sketches = serializers.IntegerField()
    n_triplets = serializers.IntegerField()
    n_random = serializers.IntegerField()
    n_clicks = serializers.IntegerField(required=False, help_text="weak triplets from clicks")


class CanaryProductSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    thumb_url = serializers.CharField()
    photo_url = serializers.CharField()


class CanaryHitSerializer(serializers.Serializer[Any]):
    product = CanaryProductSerializer(allow_null=True, help_text="null where it was deleted")
    score = serializers.FloatField()


class CanaryExampleSerializer(serializers.Serializer[Any]):
    sketch = RawSketchField()
    overlap = serializers.FloatField()
    live = CanaryHitSerializer(many=True)
    candidate = CanaryHitSerializer(many=True)


class CanarySerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    overlap_at_10 = MeasuredSerializer(required=False)
    score_shift = MeasuredSerializer(required=False)
    examples = CanaryExampleSerializer(many=True)


class GateReportSerializer(serializers.Serializer[Any]):
    """Empty until the gate is done."""

    split = GateSplitSerializer(required=False)
    metrics = serializers.DictField(child=GateMetricSerializer(), required=False)
    latency_ms = GateLatencySerializer(required=False)
    index = GateIndexesSerializer(required=False)
    canary = CanarySerializer(required=False)


class IndexNumbersSerializer(serializers.Serializer[Any]):
    """With which numbers an index was built."""

    precision = serializers.CharField()
    least_mean_cosine = serializers.FloatField(allow_null=True)


class ParentModelSerializer(serializers.Serializer[Any]):
    """The model that another was fine-tuned from."""

    id = serializers.IntegerField(allow_null=True, help_text="null where it is not registered here")
    name = serializers.CharField(required=False)
    version = serializers.CharField(required=False)
