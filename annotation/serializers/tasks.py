"""Choosing, marking, importing and deleting tasks, and estimates of what they cost."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotation.models import Task
from annotation.serializers.task_requests import (
    MAX_TASKS,
    CandidatesSerializer,
    ShelfSerializer,
    TaskSerializer,
)
from annotation.serializers.work import SideSerializer
from annotation.services.tasks.roles import ROLES
from webapp.http.api.strict import StrictSerializer


class TaskRowSerializer(TaskSerializer):
    """A task with what it shows: `sketch_url`, `a` and `b`, or `shown`; and the answer that most votes support."""

    sketch_url = serializers.CharField(allow_null=True)
    a = SideSerializer(allow_null=True)
    b = SideSerializer(allow_null=True)
    shown = SideSerializer(allow_null=True)
    leading = serializers.CharField(allow_blank=True)

    class Meta(TaskSerializer.Meta):
        fields = [*TaskSerializer.Meta.fields, "sketch_url", "a", "b", "shown", "leading"]


class TaskFilterSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(ROLES, required=False, allow_blank=True, default="")
    status = serializers.ChoiceField(Task.Status.choices, required=False, allow_blank=True, default="")
    disputed = serializers.BooleanField(required=False, default=False)


class TaskRoleSerializer(StrictSerializer):
    """The role of a task: gold and practice tasks have a right answer; practice tasks also explain it."""

    role = serializers.ChoiceField(ROLES)
    answer = serializers.JSONField(
        required=False, default=None, help_text='"a", "b", "cant_tell"; attributes: {slug: bool}'
    )
    explanation = serializers.CharField(max_length=1000, default="", allow_blank=True)


class TasksDeleteSerializer(StrictSerializer):
    tasks = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        max_length=MAX_TASKS,
        allow_null=True,
        help_text="ids; null: all tasks",
    )


class TasksDeletedSerializer(serializers.Serializer[Any]):
    deleted = serializers.IntegerField()
    kept = serializers.IntegerField(help_text="tasks with votes, or that a worker holds")


class OwnTripletsSerializer(StrictSerializer):
    file = serializers.FileField(
        help_text="CSV, JSON or JSONL with the columns sketch, a, b, and optionally gold and explanation"
    )
    study_set = serializers.IntegerField(
        min_value=1, allow_null=True, required=False, default=None, help_text="whose own ids the file uses"
    )
    shuffle = serializers.BooleanField(required=False, default=True)


class EstimateRequestSerializer(StrictSerializer):
    """What would be added, as for creating tasks, or only its number; and how to judge it."""

    candidates = CandidatesSerializer(required=False)
    shelf = ShelfSerializer(required=False)
    n_tasks = serializers.IntegerField(min_value=0, max_value=10_000_000, required=False, default=0)
    pilot = serializers.IntegerField(
        min_value=1, allow_null=True, required=False, default=None, help_text="campaign whose pace is assumed"
    )
    alpha = serializers.FloatField(min_value=0.0001, max_value=0.5, required=False, default=0.05)
    effect = serializers.FloatField(
        min_value=0.5, max_value=1, required=False, default=0.6, help_text="how often one side is preferred"
    )


class EstimateSerializer(serializers.Serializer[Any]):
    """Null: not stated, or unknown; 0 is 0."""

    n_existing = serializers.IntegerField()
    n_planned = serializers.IntegerField(help_text="more tasks; expected, where votes choose the pairs")
    n_planned_max = serializers.IntegerField()
    n_adaptive = serializers.IntegerField(help_text="sketches whose pairs the votes choose")
    pace_sketches = serializers.IntegerField(
        help_text="sketches in order by which the number of pairs was measured; 0: a default"
    )
    n_gold = serializers.IntegerField()
    n_practice = serializers.IntegerField()
    votes_min = serializers.IntegerField(help_text="if the first workers always agree")
    votes = serializers.IntegerField(help_text="expected")
    votes_max = serializers.IntegerField()
    gold_answers = serializers.IntegerField()
    practice_answers = serializers.IntegerField()
    people = serializers.IntegerField()
    people_max = serializers.IntegerField()
    hours = serializers.FloatField(help_text="of all people together")
    hours_max = serializers.FloatField()
    seconds_per_answer = serializers.FloatField()
    pace_votes = serializers.IntegerField(help_text="answers by which the pace was measured; 0: a default")
    split_share = serializers.FloatField()
    split_tasks = serializers.IntegerField(help_text="triplets that it was measured on; 0: a default")
    pay = serializers.FloatField(allow_null=True)
    pay_max = serializers.FloatField(allow_null=True)
    bonus = serializers.FloatField(allow_null=True, help_text="the largest possible, of all people")
    bonus_max = serializers.FloatField(allow_null=True)
    pay_per_hour = serializers.FloatField(allow_null=True)
    currency = serializers.CharField(allow_blank=True)
    spending_cap = serializers.FloatField(allow_null=True)
    exceeds_cap = serializers.BooleanField()
    alpha = serializers.FloatField()
    effect = serializers.FloatField()
    power = serializers.FloatField(help_text="of the two-sided sign test over the tasks")
    detectable = serializers.FloatField(allow_null=True, help_text="smallest share found with a power of 0.8")
