"""Model versions and lineage in the REST API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.models import Campaign, Vote
from webapp.http.api.sketch_field import RawSketchField
from webapp.registry.gates.report_serializers import IndexNumbersSerializer, ParentModelSerializer
from webapp.registry.models import (
    DatasetSnapshot,
    IndexBuild,
    ModelVersion,
    RecordedQuery,
    Release,
    ReleaseEvent,
    TrainingRun,
)
from webapp.registry.runs.serializers import ModelNameSerializer, PictureSerializer


@extend_schema_field(IndexNumbersSerializer(allow_null=True))
class IndexNumbersField(serializers.JSONField):
    """The index's numbers, as they are stored."""


class IndexBuildSerializer(serializers.ModelSerializer[IndexBuild]):
    """An index that a model built."""

    n_photos = serializers.IntegerField(read_only=True)
    numbers = IndexNumbersField(read_only=True)

    class Meta:
        model = IndexBuild
        fields = (
            *("id", "status", "n_total", "n_done", "n_skipped", "n_photos", "sha256", "numbers", "error"),
            *("created_at", "finished_at"),
        )
        read_only_fields = fields


class ModelSerializer(serializers.ModelSerializer[ModelVersion]):
    """A model version."""

    training_run = serializers.IntegerField(source="training_run_id", read_only=True, allow_null=True)
    created_by = serializers.CharField(
        source="created_by.username", default=None, allow_null=True, read_only=True
    )
    metrics = serializers.DictField(read_only=True)
    tuned_from = serializers.SerializerMethodField(help_text="the model that it was fine-tuned from")

    class Meta:
        model = ModelVersion
        fields = (
            *("id", "name", "version", "system", "sha256", "created_at", "created_by", "metrics"),
            *("training_run", "tuned_from"),
        )
        read_only_fields = fields

    @extend_schema_field(ParentModelSerializer(allow_null=True))
    def get_tuned_from(self, model: ModelVersion) -> dict[str, Any] | None:
        parent: dict[str, Any] | None = model.manifest.get("parent")
        if parent is None:
            return None
        known = ModelVersion.objects.filter(sha256=parent.get("sha256")).values_list("pk", flat=True).first()
        return {**parent, "id": known}


class ModelReleaseSerializer(serializers.ModelSerializer[Release]):
    class Meta:
        model = Release
        fields = ("id", "note", "created_at")
        read_only_fields = fields


class ModelDetailSerializer(ModelSerializer):
    """A model version with its card, indexes, releases and pictures."""

    indexes = IndexBuildSerializer(source="index_builds", many=True, read_only=True)
    releases = serializers.SerializerMethodField()
    pictures = serializers.SerializerMethodField()

    class Meta(ModelSerializer.Meta):
        fields = (*ModelSerializer.Meta.fields, "card", "indexes", "releases", "pictures")  # type: ignore[assignment]

    @extend_schema_field(ModelReleaseSerializer(many=True))
    def get_releases(self, model: ModelVersion) -> Any:
        releases = Release.objects.filter(index_build__model=model)
        return ModelReleaseSerializer(releases, many=True).data

    @extend_schema_field(PictureSerializer(many=True))
    def get_pictures(self, model: ModelVersion) -> list[Any]:
        """Return the pictures of the run that trained it, {"name", "url", "caption"}."""
        run = model.training_run
        if run is None:
            return []
        return [
            {**picture, "url": reverse("api-run-picture", args=[run.pk, picture["name"]])}
            for picture in run.pictures
        ]


class LineageSnapshotSerializer(serializers.ModelSerializer[DatasetSnapshot]):
    class Meta:
        model = DatasetSnapshot
        fields = ("id", "name", "format", "sha256", "facts", "created_at")
        read_only_fields = fields


class LineageRunSerializer(serializers.ModelSerializer[TrainingRun]):
    class Meta:
        model = TrainingRun
        fields = ("id", "system", "profile", "status", "snapshot", "base_model", "created_at", "finished_at")
        read_only_fields = fields


class LineageModelSerializer(serializers.ModelSerializer[ModelVersion]):
    class Meta:
        model = ModelVersion
        fields = ("id", "name", "version", "sha256", "training_run", "created_at")
        read_only_fields = fields


class LineageReleaseSerializer(serializers.ModelSerializer[Release]):
    model = ModelNameSerializer(read_only=True)

    class Meta:
        model = Release
        fields = ("id", "model", "index_build", "note", "created_at")
        read_only_fields = fields


class CampaignNameSerializer(serializers.ModelSerializer[Campaign]):
    class Meta:
        model = Campaign
        fields = ("id", "slug", "title", "kind")
        read_only_fields = fields


class ReleaseLineageSerializer(serializers.Serializer[Any]):
    """A release's lineage, back to the votes."""

    release = LineageReleaseSerializer()
    index_build = IndexBuildSerializer()
    model = LineageModelSerializer()
    run = LineageRunSerializer(allow_null=True)
    snapshot = LineageSnapshotSerializer(allow_null=True)
    runs = LineageRunSerializer(many=True, help_text="with those of the models that it was fine-tuned from")
    snapshots = LineageSnapshotSerializer(many=True)
    campaigns = CampaignNameSerializer(many=True)
    n_votes = serializers.IntegerField(help_text="in those snapshots")


class VoteNameSerializer(serializers.ModelSerializer[Vote]):
    """A vote without its worker."""

    class Meta:
        model = Vote
        fields = ("id", "task", "choice", "counted", "created_at")
        read_only_fields = fields


class EventNameSerializer(serializers.ModelSerializer[ReleaseEvent]):
    class Meta:
        model = ReleaseEvent
        fields = ("number", "kind", "release", "at", "reason")
        read_only_fields = fields


class AnswerSerializer(serializers.ModelSerializer[RecordedQuery]):
    sketch = RawSketchField(read_only=True)

    class Meta:
        model = RecordedQuery
        fields = ("id", "release", "sketch", "product_ids", "scores", "at")
        read_only_fields = fields


class VoteLineageSerializer(serializers.Serializer[Any]):
    """A vote's lineage, up to the answers that it helped to rank."""

    vote = VoteNameSerializer()
    campaign = CampaignNameSerializer()
    snapshots = LineageSnapshotSerializer(many=True)
    runs = LineageRunSerializer(many=True)
    models = LineageModelSerializer(many=True)
    releases = LineageReleaseSerializer(many=True)
    events = EventNameSerializer(many=True, help_text="when they went live")
    answers = AnswerSerializer(many=True, help_text="recorded queries that found a product the vote compared")
