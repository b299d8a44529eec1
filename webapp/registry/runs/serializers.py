"""Runs in the REST API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from webapp.http.api.strict import StrictSerializer
from webapp.registry.models import DatasetSnapshot, GateReport, ModelVersion, TrainingRun
from webapp.registry.runs.selectors import gate_of, stages_of
from webapp.registry.runs.services import MAX_PROCESSES
from webapp.registry.runs.settings import full_settings
from webapp.registry.runs.timings import timings

BIGGEST = 2**63 - 1
TIMES = ("prepare_s", "finish_s")
POINTS_MAX = 5000


class SnapshotNameSerializer(serializers.ModelSerializer[DatasetSnapshot]):
    class Meta:
        model = DatasetSnapshot
        fields = ("id", "name", "format", "sha256")


class ModelNameSerializer(serializers.ModelSerializer[ModelVersion]):
    class Meta:
        model = ModelVersion
        fields = ("id", "name", "version")


class PictureSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    url = serializers.CharField()
    caption = serializers.CharField()


@extend_schema_field({"type": "object", "additionalProperties": {"type": "number", "nullable": True}})
class FiguresField(serializers.JSONField):
    """Figures by name."""


@extend_schema_field({"type": "object", "additionalProperties": {}})
class SettingsField(serializers.JSONField):
    """Values of any kind by name."""


class RunSerializer(serializers.ModelSerializer[TrainingRun]):
    """A run as a row of the list, and as the socket sends it."""

    snapshot = SnapshotNameSerializer()
    eta_s = serializers.FloatField(allow_null=True, help_text="until the last step of the stage")
    minutes = serializers.FloatField(help_text="trained, over all attempts")
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    latest = FiguresField(read_only=True)
    best = SettingsField(read_only=True)

    class Meta:
        model = TrainingRun
        fields = (
            "id",
            "system",
            "profile",
            "status",
            "snapshot",
            "note",
            "stage",
            "step",
            "n_steps",
            "eta_s",
            "latest",
            "best",
            "error",
            "attempts",
            "worker",
            "device",
            "minutes",
            "created_at",
            "started_at",
            "attempt_at",
            "finished_at",
            "created_by",
            "cancel_requested_at",
        )
        read_only_fields = fields


class RunDetailSerializer(RunSerializer):
    """A run with everything that its page shows besides the curves."""

    base_model = ModelNameSerializer(allow_null=True)
    config = SettingsField(read_only=True)
    measured = SettingsField(read_only=True)
    expected = serializers.SerializerMethodField(help_text="how long an earlier run of its kind took here")
    full_config = serializers.SerializerMethodField(help_text="every setting, the profile's too")
    stages = serializers.SerializerMethodField()
    metric_names = serializers.SerializerMethodField()
    models = ModelNameSerializer(source="model_versions", many=True)
    gate = serializers.SerializerMethodField()
    pictures = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *RunSerializer.Meta.fields,
            "config",
            "full_config",
            "expected",
            "processes",
            "base_model",
            "command",
            "measured",
            "stages",
            "metric_names",
            "models",
            "gate",
            "pictures",
        )
        read_only_fields = fields  # type: ignore[assignment]

    @extend_schema_field(
        inline_serializer("RunExpected", {name: serializers.FloatField() for name in TIMES}, allow_null=True)
    )
    def get_expected(self, run: TrainingRun) -> dict[str, Any] | None:
        """Only while it may still be awaited."""
        if run.finished_at is not None:
            return None
        kind = (run.system, run.profile, run.snapshot.format)
        found = (one for one in timings() if (one["system"], one["profile"], one["format"]) == kind)
        return next(({name: one[name] for name in TIMES} for one in found), None)  # type: ignore[literal-required]

    def get_full_config(self, run: TrainingRun) -> dict[str, Any]:
        return full_settings(run)

    def get_stages(self, run: TrainingRun) -> list[str]:
        return stages_of(run)

    def get_metric_names(self, run: TrainingRun) -> list[str]:
        return sorted(run.latest)

    @extend_schema_field(
        inline_serializer(
            "RunGate",
            {
                "id": serializers.IntegerField(),
                "release": serializers.IntegerField(),
                "status": serializers.ChoiceField(GateReport.Status.choices),
                "passed": serializers.BooleanField(allow_null=True),
                "better": serializers.BooleanField(allow_null=True),
            },
            allow_null=True,
        )
    )
    def get_gate(self, run: TrainingRun) -> dict[str, Any] | None:
        return gate_of(run)

    @extend_schema_field(PictureSerializer(many=True))
    def get_pictures(self, run: TrainingRun) -> list[dict[str, str]]:
        return [
            {**picture, "url": reverse("api-run-picture", args=[run.pk, picture["name"]])}
            for picture in run.pictures
        ]


class RunRequestSerializer(StrictSerializer):
    """A request for a run. `config` contains the settings that differ from the profile."""

    snapshot = serializers.PrimaryKeyRelatedField(queryset=DatasetSnapshot.objects.all())
    system = serializers.CharField(max_length=40)
    profile = serializers.CharField(max_length=40, default="cpu")
    config = serializers.DictField(default=dict)
    base_model = serializers.PrimaryKeyRelatedField(
        queryset=ModelVersion.objects.all(), default=None, allow_null=True
    )
    processes = serializers.IntegerField(default=1, min_value=1, max_value=MAX_PROCESSES)
    note = serializers.CharField(default="", allow_blank=True, max_length=200)


class RunFilterSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(TrainingRun.Status.choices, default="", allow_blank=True)
    system = serializers.CharField(default="", allow_blank=True, max_length=40)


class MetricsRequestSerializer(serializers.Serializer[Any]):
    points = serializers.IntegerField(
        default=600, min_value=2, max_value=POINTS_MAX, help_text="rows of a stage, about"
    )
    after = serializers.IntegerField(
        default=None,
        allow_null=True,
        min_value=0,
        max_value=BIGGEST,
        help_text="only rows of a higher id, not thinned",
    )


class LogRequestSerializer(serializers.Serializer[Any]):
    after = serializers.IntegerField(
        default=-1, min_value=-1, max_value=BIGGEST, help_text="only lines of a higher number"
    )


class CompareRequestSerializer(serializers.Serializer[Any]):
    ids = serializers.RegexField(r"^\d{1,18}(,\d{1,18}){0,7}$", help_text="up to eight, with commas between")
    points = serializers.IntegerField(default=300, min_value=2, max_value=POINTS_MAX)


class SeriesSerializer(serializers.Serializer[Any]):
    step = serializers.ListField(child=serializers.IntegerField())
    at = serializers.ListField(child=serializers.DateTimeField())
    values = serializers.DictField(child=serializers.ListField(child=serializers.FloatField(allow_null=True)))


class MetricsSerializer(serializers.Serializer[Any]):
    last_id = serializers.IntegerField()
    series = serializers.DictField(child=SeriesSerializer(), help_text="by stage")


class LogLineSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    level = serializers.CharField()
    text = serializers.CharField()


class LogSerializer(serializers.Serializer[Any]):
    lines = LogLineSerializer(many=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    values = serializers.DictField(child=serializers.JSONField(), help_text="by run id")


class CompareSerializer(serializers.Serializer[Any]):
    runs = RunDetailSerializer(many=True)
    differing = DifferenceSerializer(many=True)
    series = serializers.DictField(
        child=serializers.DictField(child=SeriesSerializer()), help_text="by run id, then by stage"
    )


class FieldSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    item = serializers.CharField(help_text="of a list: the type of its items")
    optional = serializers.BooleanField()
    default = serializers.JSONField(allow_null=True)
    help = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField(), allow_null=True)


class ProfileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    servable = serializers.BooleanField(help_text="whether what it trains can answer searches")
    base_model = serializers.BooleanField(help_text="whether it starts from a registered model")
    fields = FieldSerializer(many=True)  # type: ignore[assignment]


class SystemSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    formats = serializers.ListField(child=serializers.CharField())
    servable = serializers.BooleanField()
    profiles = ProfileSerializer(many=True)


class RunTimingSerializer(serializers.Serializer[Any]):
    """How long the newest complete run of a system, profile and format took, on a device that is there now."""

    run = serializers.IntegerField()
    system = serializers.CharField()
    profile = serializers.CharField()
    format = serializers.CharField()
    device = serializers.CharField()
    prepare_s = serializers.FloatField(help_text="from its claim to its first step")
    step_s = serializers.FloatField()
    n_steps = serializers.IntegerField(help_text="over all stages")
    n_stages = serializers.IntegerField()
    finish_s = serializers.FloatField(help_text="from its last step to its end")
    steps = serializers.IntegerField(allow_null=True, help_text="the setting `steps`, if there is one")
    batch_size = serializers.IntegerField(allow_null=True)


class OptionsSerializer(serializers.Serializer[Any]):
    systems = SystemSerializer(many=True)
    unavailable_profiles = serializers.ListField(
        child=serializers.CharField(), help_text="names of profiles that no machine here can train"
    )
    timings = RunTimingSerializer(many=True)
    snapshots = SnapshotNameSerializer(many=True)
    models = ModelNameSerializer(many=True)


class QueueSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    waiting = serializers.IntegerField()


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class SubjectField(serializers.JSONField):
    """The number of a run; a text for other jobs."""


class DoingSerializer(serializers.Serializer[Any]):
    """The run that a worker trains, else the subject of its job."""

    kind = serializers.CharField()
    id = SubjectField()


class WorkerSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    queues = serializers.ListField(child=serializers.CharField())
    alive_at = serializers.DateTimeField()
    doing = DoingSerializer(allow_null=True)
    device = serializers.CharField()
    cpu_percent = serializers.FloatField(allow_null=True)
    memory_bytes = serializers.IntegerField(allow_null=True)


class QueueStateSerializer(serializers.Serializer[Any]):
    queues = QueueSerializer(many=True)
    workers = WorkerSerializer(many=True)
