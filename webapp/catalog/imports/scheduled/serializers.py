"""Feeds by address as JSON, for operators."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webapp.catalog.fetching.errors import FetchError
from webapp.catalog.fetching.targets import target_of
from webapp.catalog.imports.serializers import ImportSerializer
from webapp.catalog.models import RemoteFeed
from webapp.catalog.remote_models import HOURS
from webapp.http.api.strict import StrictFields


class RemoteFeedSerializer(StrictFields, serializers.ModelSerializer[RemoteFeed]):
    every_h = serializers.ChoiceField(HOURS, required=False, help_text="hours between fetches")
    complete = serializers.BooleanField(
        required=False, help_text="take products that the feed lacks off sale, within the guard"
    )
    active = serializers.BooleanField(required=False, help_text="false: paused")
    user = serializers.CharField(
        required=False, allow_blank=True, max_length=120, help_text="for HTTP's basic authentication"
    )
    password = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        write_only=True,
        trim_whitespace=False,
        help_text="without it, the stored one stays",
    )
    has_password = serializers.SerializerMethodField()
    error = serializers.CharField(
        source="error_text", read_only=True, help_text="why the last fetch failed, or which columns changed"
    )
    last_import = serializers.SerializerMethodField(help_text="of the newest fetch that brought a feed")

    class Meta:
        model = RemoteFeed
        fields = [
            "id",
            "name",
            "url",
            "user",
            "password",
            "has_password",
            "every_h",
            "complete",
            "active",
            "status",
            "outcome",
            "error",
            "failures",
            "fetched_at",
            "due_at",
            "last_import",
            "created_at",
        ]
        read_only_fields = ["status", "outcome", "failures", "fetched_at", "due_at", "created_at"]

    def get_has_password(self, feed: RemoteFeed) -> bool:
        return bool(feed.password)

    @extend_schema_field(ImportSerializer(allow_null=True))
    def get_last_import(self, feed: RemoteFeed) -> Any:
        row = feed.imports.order_by("-created_at").first()
        return ImportSerializer(row).data if row else None

    def validate_url(self, url: str) -> str:
        try:
            target_of(url)
        except FetchError as error:
            raise serializers.ValidationError(error.message) from error
        return url

    def validate_user(self, user: str) -> str:
        if ":" in user:
            raise serializers.ValidationError("a user name cannot contain a colon")
        return user
