"""Gates, models and lineage over REST."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.models import Campaign, Vote
from webapp.catalog.models import Product
from webapp.registry.gates.report_serializers import (
    GateReasonSerializer,
    GateReportSerializer,
    IndexNumbersSerializer,
    ParentModelSerializer,
)
from webapp.registry.models import (
    DatasetSnapshot,
    GateReport,
    IndexBuild,
    ModelVersion,
    RecordedQuery,
    Release,
    ReleaseEvent,
    TrainingRun,
)
from webapp.registry.runs.serializers import ModelNameSerializer, PictureSerializer
from webapp.sketch_field import RawSketchField


class GateSerializer(serializers.ModelSerializer[GateReport]):
    """A gate and its verdict."""

    release = serializers.IntegerField(source="release_id", read_only=True)
    against = serializers.IntegerField(source="against_id", read_only=True, allow_null=True)
    run = serializers.IntegerField(source="run_id", read_only=True, allow_null=True)
    reasons = GateReasonSerializer(many=True, read_only=True)

    class Meta:
        model = GateReport
        fields = (
            *("id", "release", "against", "run", "status", "passed", "better", "reasons", "error"),
            *("created_at", "finished_at"),
        )
        read_only_fields = fields


class GateDetailSerializer(GateSerializer):
    """The same with everything that was measured."""

    report = serializers.SerializerMethodField()

    class Meta(GateSerializer.Meta):
        fields = (*GateSerializer.Meta.fields, "report")  # type: ignore[assignment]

    @extend_schema_field(GateReportSerializer)
    def get_report(self, gate: GateReport) -> dict[str, Any]:
        """The report; products of the canary's examples as cards, null where one is gone."""
        report = dict(gate.report)
        canary = report.get("canary")
        if canary:
            report["canary"] = {**canary, "examples": _with_products(canary["examples"])}
        return report


class GateRequestSerializer(serializers.Serializer[Any]):
    release = serializers.PrimaryKeyRelatedField(
        queryset=Release.objects.select_related("index_build__model__training_run"),
        help_text="the release to compare with the live one",
    )


class GateFilterSerializer(serializers.Serializer[Any]):
    release = serializers.IntegerField(required=False, help_text="gates of one release")


@extend_schema_field(IndexNumbersSerializer(allow_null=True))
class IndexNumbersField(serializers.JSONField):
    """As they are stored."""


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
    """The same with its card, indexes, releases and pictures."""

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
        """The pictures of the run that trained it, {"name", "url", "caption"}."""
        run = model.training_run
        if run is None:
            return []
        return [
            {**picture, "url": reverse("api-run-picture", args=[run.pk, picture["name"]])}
            for picture in run.pictures
        ]


def _with_products(examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The canary's examples with a card in the place of each product's id."""
    ids = {answer["product"] for one in examples for side in ("live", "candidate") for answer in one[side]}
    found = Product.objects.filter(pk__in=ids).select_related("category").prefetch_related("photos")
    cards = {
        product.pk: {
            "id": product.pk,
            "name": product.name,
            "url": product.url,
            "thumb_url": product.thumb_url,
            "photo_url": product.photo_url,
        }
        for product in found
    }
    return [
        one
        | {
            side: [{**answer, "product": cards.get(answer["product"])} for answer in one[side]]
            for side in ("live", "candidate")
        }
        for one in examples
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
    """From a release back to the votes."""

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
    """From a vote on to the answers that it helped to rank."""

    vote = VoteNameSerializer()
    campaign = CampaignNameSerializer()
    snapshots = LineageSnapshotSerializer(many=True)
    runs = LineageRunSerializer(many=True)
    models = LineageModelSerializer(many=True)
    releases = LineageReleaseSerializer(many=True)
    events = EventNameSerializer(many=True, help_text="when they went live")
    answers = AnswerSerializer(many=True, help_text="recorded queries that found a product the vote compared")
