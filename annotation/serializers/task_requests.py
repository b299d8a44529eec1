"""A task as JSON, and the requests of operators that create tasks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from annotation.models import Task
from webapp.http.api.strict import StrictSerializer

MAX_TASKS = 20_000  # per request


class TaskSerializer(serializers.ModelSerializer[Task]):
    class Meta:
        model = Task
        fields = [
            "id",
            "kind",
            "position",
            "status",
            "sketch",
            "product",
            "candidate_a",
            "candidate_b",
            "n_votes",
            "n_counted",
            "n_leased",
            "n_a",
            "n_b",
            "is_gold",
            "is_training",
            "gold_answer",
            "explanation",
            "is_random_share",
        ]
        read_only_fields = ["kind", "position", "status", "n_votes", "n_counted", "n_leased", "n_a", "n_b"]


class NewTaskSerializer(StrictSerializer):
    """A new task, by the ids of its objects; the campaign's kind determines which are required."""

    sketch = serializers.IntegerField(min_value=1, required=False)
    product = serializers.IntegerField(min_value=1, required=False)
    candidate_a = serializers.IntegerField(min_value=1, required=False)
    candidate_b = serializers.IntegerField(min_value=1, required=False)
    is_gold = serializers.BooleanField(default=False)
    is_training = serializers.BooleanField(default=False)
    gold_answer = serializers.JSONField(required=False, default=None)
    explanation = serializers.CharField(max_length=1000, default="", allow_blank=True)
    is_random_share = serializers.BooleanField(default=False)


class WeightsSerializer(StrictSerializer):
    attributes = serializers.FloatField(min_value=0, default=1.0)
    feature = serializers.FloatField(min_value=0, default=1.0)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["attributes"] + attrs["feature"]:
            raise serializers.ValidationError("one must be above 0")
        return attrs


class PlanSerializer(StrictSerializer):
    """Which pairs are judged. `adaptive` chooses them in rounds by the votes, so that it takes no number of pairs."""

    strategy = serializers.ChoiceField(["all", "random", "disagreement", "adaptive"], default="all")
    pairs_per_sketch = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    n_triplets = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    random_share = serializers.FloatField(min_value=0, max_value=1, default=0.15)
    entropy_weight = serializers.FloatField(min_value=0, default=0.5)
    risk = serializers.FloatField(
        min_value=0.01,
        max_value=0.4,
        default=0.1,
        help_text="adaptive: accepted probability that the inferred order of a pair is wrong",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["strategy"] == "adaptive":
            for name in ("pairs_per_sketch", "n_triplets"):
                if attrs[name] is not None:
                    raise serializers.ValidationError({name: "is chosen by the votes; set risk instead"})
        return attrs


def photos_checked(attrs: dict[str, Any]) -> dict[str, Any]:
    """Return a choice of what to show that names one source. Raises ValidationError naming a second one."""
    named = [name for name in ("sketches_of", "photos_of", "category") if attrs.get(name)]
    if len(named) > 1:
        wrong = _("only one of {first} and {second} can be given").format(first=named[0], second=named[1])
        raise serializers.ValidationError({named[1]: wrong})
    return attrs


class CandidatesSerializer(StrictSerializer):
    """Sketches, the category from which candidates are chosen, and the pairs to judge."""

    source = serializers.ChoiceField(["import", "visitor", "collected"], allow_null=True, default=None)  # type: ignore[assignment]
    sketches = serializers.ListField(
        child=serializers.IntegerField(min_value=1), default=list, max_length=MAX_TASKS
    )
    study_set = serializers.IntegerField(
        min_value=1, allow_null=True, default=None, help_text="only sketches of this set"
    )
    own_ids = serializers.ListField(
        child=serializers.CharField(max_length=80),
        default=list,
        max_length=MAX_TASKS,
        help_text="only sketches with these own ids",
    )
    sketch_category = serializers.SlugField(
        default="", allow_blank=True, help_text="only sketches of products in this category"
    )
    category = serializers.SlugField(default="", allow_blank=True)
    photos_of = serializers.IntegerField(
        min_value=1,
        allow_null=True,
        default=None,
        help_text="a study set, whose private photos are the candidates instead of a category's",
    )
    n_candidates = serializers.IntegerField(min_value=2, max_value=50, default=10)
    force_true_match = serializers.BooleanField(default=True)
    weights = WeightsSerializer(default=dict)
    plan = PlanSerializer(default=dict)
    candidate_release = serializers.CharField(max_length=80, allow_null=True, default=None)
    attributes_from = serializers.IntegerField(
        min_value=0,
        allow_null=True,
        default=None,
        help_text="id of an attribute table, 0 for none; that of the campaign's settings by default",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return photos_checked(attrs)


class ShelfSerializer(StrictSerializer):
    category = serializers.SlugField(default="", allow_blank=True)
    photos_of = serializers.IntegerField(
        min_value=1, allow_null=True, default=None, help_text="a study set, instead of a category"
    )
    sketches_of = serializers.IntegerField(
        min_value=1,
        allow_null=True,
        default=None,
        help_text="a study set, whose sketches are described instead (attributes only)",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return photos_checked(attrs)


class NewTasksSerializer(StrictSerializer):
    """One of: `tasks`, one by one; `candidates`, for triplets; `shelf`, all products of a category, for other kinds."""

    tasks = NewTaskSerializer(many=True, required=False, max_length=MAX_TASKS)  # type: ignore[call-arg]
    candidates = CandidatesSerializer(required=False)
    shelf = ShelfSerializer(required=False)
    shuffle = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in ("tasks", "candidates", "shelf")) != 1:
            raise serializers.ValidationError({"tasks": "give one of tasks, candidates, shelf"})
        return attrs


class TasksAddedSerializer(serializers.Serializer[Any]):
    made = serializers.IntegerField()
    known = serializers.IntegerField(help_text="tasks that the campaign had already; they were left out")
