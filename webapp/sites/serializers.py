"""Site keys as JSON, for operators."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from webapp.http.api.strict import StrictFields, StrictSerializer
from webapp.sites.models import SiteKey
from webapp.sites.origins import origin_parsed

MAX_ORIGINS, MAX_RATE = 50, 1_000_000


class OriginField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        try:
            return origin_parsed(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


class SiteKeySerializer(StrictFields, serializers.ModelSerializer[SiteKey]):
    origins = serializers.ListField(
        child=OriginField(max_length=255),
        max_length=MAX_ORIGINS,
        required=False,
        help_text="of the pages that may embed the search, such as https://shop.example; none: no page may",
    )
    public_rate = serializers.IntegerField(
        min_value=1, max_value=MAX_RATE, required=False, help_text="searches per minute and visitor"
    )
    secret_rate = serializers.IntegerField(
        min_value=1, max_value=MAX_RATE, required=False, help_text="requests of the server per minute"
    )
    created_by = serializers.CharField(source="created_by.username", read_only=True, default="")

    class Meta:
        model = SiteKey
        fields = [
            "id",
            "name",
            "origins",
            "public_key",
            "public_rate",
            "secret_prefix",
            "secret_rate",
            "active",
            "created_by",
            "created_at",
            "used_at",
        ]
        read_only_fields = ["public_key", "secret_prefix", "created_at", "used_at"]

    def validate_origins(self, origins: list[str]) -> list[str]:
        return list(dict.fromkeys(origins))


class RotationSerializer(StrictSerializer):
    kind = serializers.ChoiceField(["public", "secret"], help_text="the key to replace")


class RotatedSiteKeySerializer(SiteKeySerializer):
    """With the new secret key, which is shown this once."""

    secret_key = serializers.CharField(read_only=True, help_text="empty after replacing the public key")

    class Meta(SiteKeySerializer.Meta):
        fields = [*SiteKeySerializer.Meta.fields, "secret_key"]
