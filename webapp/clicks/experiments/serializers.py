"""Experiments over REST."""

from __future__ import annotations

from math import isfinite
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from webapp.clicks.experiments.outcome import outcome
from webapp.clicks.models import Experiment
from webapp.http.api.strict import StrictSerializer
from webapp.registry.models import Release


class ExperimentOutcomeSerializer(serializers.Serializer[Any]):
    """live, candidate: of whom."""

    n_visits = serializers.IntegerField(help_text="visits that saw interleaved answers")
    clicks_live = serializers.IntegerField()
    clicks_candidate = serializers.IntegerField()
    prefer_live = serializers.IntegerField(help_text="visits that opened more of the live release's products")
    prefer_candidate = serializers.IntegerField()
    prefer_neither = serializers.IntegerField()
    advantage = serializers.FloatField(
        allow_null=True, help_text="of the candidate: share of visits that prefer it, less one half"
    )
    ci95 = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2, allow_null=True)
    p_value = serializers.FloatField(help_text="of the sign test over visits with a preference")


class ExperimentSerializer(serializers.ModelSerializer[Experiment]):
    """An experiment and what it has shown so far."""

    release = serializers.IntegerField(source="release_id", read_only=True)
    against = serializers.IntegerField(source="against_id", read_only=True)
    is_running = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()

    class Meta:
        model = Experiment
        fields = (
            *("id", "release", "against", "percent", "is_running"),
            *("started_at", "ended_at", "end_reason", "outcome"),
        )
        read_only_fields = fields

    def get_is_running(self, experiment: Experiment) -> bool:
        return bool(experiment.running)

    @extend_schema_field(ExperimentOutcomeSerializer)
    def get_outcome(self, experiment: Experiment) -> dict[str, Any]:
        found = outcome(experiment)
        held = found.preference
        known = isfinite(held.advantage)
        return {
            "n_visits": found.n_visits,
            "clicks_live": found.clicks[0],
            "clicks_candidate": found.clicks[1],
            "prefer_live": held.n_first,
            "prefer_candidate": held.n_second,
            "prefer_neither": held.n_tied,
            "advantage": held.advantage if known else None,
            "ci95": list(held.ci95) if known else None,
            "p_value": held.p_value,
        }


class ExperimentsSerializer(serializers.Serializer[Any]):
    """recording: whether clicks are recorded, without which no experiment can start."""

    recording = serializers.ChoiceField(["off", "ask", "on"])
    results = ExperimentSerializer(many=True)


class ExperimentRequestSerializer(StrictSerializer):
    release = serializers.PrimaryKeyRelatedField(
        queryset=Release.objects.select_related("index_build__model"),
        help_text="to compare with the live release",
    )
    percent = serializers.IntegerField(min_value=1, max_value=100, help_text="of the visits")
