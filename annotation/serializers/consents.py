"""Consent texts as JSON."""

from __future__ import annotations

from rest_framework import serializers

from webapp.http.api.strict import StrictSerializer


class ConsentTextsSerializer(StrictSerializer):
    text = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    contact = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    privacy = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")


class ConsentSerializer(ConsentTextsSerializer):
    """A consent text, contact and privacy notice; `translations` by language, such as `de`."""

    text = serializers.CharField(max_length=20_000)
    translations = serializers.DictField(child=ConsentTextsSerializer(), required=False, default=dict)


class ConsentVersionSerializer(ConsentSerializer):
    number = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    n_enrolments = serializers.IntegerField(help_text="participants who agreed to this version last")
