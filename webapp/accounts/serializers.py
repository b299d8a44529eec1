from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from webapp.accounts.models import ApiToken
from webapp.http.api.strict import StrictFields


class ApiTokenSerializer(StrictFields, serializers.ModelSerializer[ApiToken]):
    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "created_at", "expires_at", "last_used_at"]
        read_only_fields = ["prefix", "created_at", "last_used_at"]

    def validate_name(self, name: str) -> str:
        if ApiToken.objects.filter(user=self.context["request"].user, name=name).exists():
            raise serializers.ValidationError("you have a token of this name")
        return name

    def validate_expires_at(self, expires_at: datetime | None) -> datetime | None:
        if expires_at is not None and expires_at <= timezone.now():
            raise serializers.ValidationError("lies in the past")
        return expires_at


class CreatedApiTokenSerializer(ApiTokenSerializer):
    """With the key, which is shown this once."""

    key = serializers.CharField(read_only=True)

    class Meta(ApiTokenSerializer.Meta):
        fields = [*ApiTokenSerializer.Meta.fields, "key"]


class ErasureSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(help_text="the user's own name, as a confirmation")

    def validate_username(self, username: str) -> str:
        if username != self.context["request"].user.get_username():
            raise serializers.ValidationError("is not the name of the signed-in user")
        return username
