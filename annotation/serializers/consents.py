"""Consent texts as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotation.serializers.known import require_known


class ConsentTextsSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    contact = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    privacy = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")

    def to_internal_value(self, data: Any) -> Any:
        require_known(self.fields, data)
        return super().to_internal_value(data)


class ConsentSerializer(ConsentTextsSerializer):
    """A consent text, contact and privacy notice; `translations` by language, such as `de`."""

    text = serializers.CharField(max_length=20_000)
    translations = serializers.DictField(child=ConsentTextsSerializer(), required=False, default=dict)


class ConsentVersionSerializer(ConsentSerializer):
    number = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    n_enrolments = serializers.IntegerField(help_text="participants who agreed to this version last")
