"""Releases in the REST API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from webapp.http.api.strict import StrictSerializer
from webapp.registry.models import Release, ReleaseEvent


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """A release with its model and index."""

    model = serializers.CharField(source="index_build.model", read_only=True)
    model_version_id = serializers.IntegerField(source="index_build.model_id", read_only=True)
    n_photos = serializers.SerializerMethodField(help_text="photos in its index")
    created_by = serializers.CharField(
        source="created_by.username", default=None, allow_null=True, read_only=True
    )
    live = serializers.SerializerMethodField()

    class Meta:
        model = Release
        fields = (
            "id",
            "model",
            "model_version_id",
            "model_sha256",
            "index_build_id",
            "index_sha256",
            "n_photos",
            "note",
            "created_at",
            "created_by",
            "live",
        )

    def get_n_photos(self, release: Release) -> int:
        return release.index_build.n_photos

    def get_live(self, release: Release) -> bool:
        return bool(release.pk == self.context["live_id"])


class MoveRequestSerializer(StrictSerializer):
    reason = serializers.CharField(
        default="", allow_blank=True, max_length=500, help_text="kept in the audit trail"
    )
    expected_number = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="refuse with 409 if the live release was changed since this move",
    )


class MoveSerializer(serializers.Serializer[Any]):
    """A move of the live pointer."""

    number = serializers.IntegerField()
    kind = serializers.ChoiceField(ReleaseEvent.Kind.choices)
    release_id = serializers.IntegerField()
    replaced_id = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.username", default=None, allow_null=True)
    reason = serializers.CharField()


class LiveReleaseSerializer(serializers.Serializer[Any]):
    """The live release, its model card and metrics."""

    id = serializers.IntegerField()
    number = serializers.IntegerField(help_text="moves of the live pointer so far")
    model = serializers.CharField(source="payload.model")
    index = serializers.CharField(source="payload.index")
    precision = serializers.CharField(help_text="of the encoder that runs on the server that answers")
    fallback = serializers.CharField(help_text="why it runs fp32 instead of int8; empty where it does not")
    promoted_at = serializers.DateTimeField()
    indexed_at = serializers.CharField()
    n_photos = serializers.IntegerField()
    code_length = serializers.IntegerField(source="encoder.code_length")
    embedding_dim = serializers.IntegerField(source="encoder.embedding_dim")
    metrics = serializers.JSONField()
    card = serializers.CharField(help_text="Markdown")
