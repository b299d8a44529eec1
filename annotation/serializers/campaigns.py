"""Campaigns as JSON, and the requests of operators."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.models import AuditEvent, Campaign, Ending, ExpertAnswer, Task
from annotation.selectors.operators import STATUSES
from annotation.serializers.settings import CampaignSettingsField, settings_checked
from annotation.serializers.work import SideSerializer
from annotation.services.campaigns.warnings import CODES
from annotation.services.workers.reports import rules_of

MAX_TASKS = 20_000  # per request


class CountsSerializer(serializers.Serializer[Any]):
    n_tasks = serializers.IntegerField(read_only=True)
    n_open = serializers.IntegerField(read_only=True)
    n_decided = serializers.IntegerField(read_only=True)
    n_exhausted = serializers.IntegerField(read_only=True)
    n_votes = serializers.IntegerField(read_only=True, help_text="answers that stand")
    n_counted = serializers.IntegerField(read_only=True, help_text="of them those that count")
    n_workers = serializers.IntegerField(read_only=True)
    active_workers = serializers.IntegerField(read_only=True, help_text="seen in the last five minutes")


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """A campaign. Kind, votes, seed and release are fixed once it has been opened."""

    settings = CampaignSettingsField(required=False)
    languages = serializers.ListField(
        child=serializers.CharField(max_length=8), required=False, max_length=20
    )

    class Meta:
        model = Campaign
        fields = [
            "id",
            "kind",
            "title",
            "slug",
            "instructions",
            "language",
            "languages",
            "status",
            "access",
            "votes_per_task",
            "stop_when_decided",
            "gold_share",
            "qualification_share",
            "required_answers",
            "session_cap",
            "break_every",
            "lease_s",
            "undo_steps",
            "completion_code",
            "release_id",
            "seed",
            "settings",
            "created_at",
            "opened_at",
            "closed_at",
        ]
        read_only_fields = ["status", "created_at", "opened_at", "closed_at"]

    def validate_settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        rules_of(Campaign(settings=settings_checked(settings)))
        excluded = settings.get("exclude_campaigns") or []
        known = set(Campaign.objects.filter(pk__in=excluded).values_list("pk", flat=True))
        if unknown := [pk for pk in excluded if pk not in known]:
            raise serializers.ValidationError(f"exclude_campaigns: there is no campaign {unknown[0]}")
        return settings


class CountedCampaignSerializer(CampaignSerializer, CountsSerializer):
    class Meta(CampaignSerializer.Meta):
        fields = [*CampaignSerializer.Meta.fields, *CountsSerializer().fields]


class OpeningWarningSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(CODES)
    text = serializers.CharField()
    confirm = serializers.BooleanField(help_text="whether opening needs `confirm: true`")


class CampaignDetailSerializer(CountedCampaignSerializer):
    """A campaign, with what is worth a second look before it opens."""

    warnings = OpeningWarningSerializer(many=True)

    class Meta(CountedCampaignSerializer.Meta):
        fields = [*CountedCampaignSerializer.Meta.fields, "warnings"]


class ProgressSerializer(CountsSerializer):
    status = serializers.ChoiceField(Campaign.Status.choices)
    votes_per_minute = serializers.FloatField()
    cost = serializers.FloatField()
    cost_per_decided = serializers.FloatField(allow_null=True)
    currency = serializers.CharField(allow_blank=True)
    spending_cap = serializers.FloatField(allow_null=True, help_text="null: none; 0: nothing may be spent")
    spent = serializers.FloatField(allow_null=True)
    promised = serializers.FloatField(allow_null=True, help_text="to those who are at work")
    cap_reached = serializers.BooleanField(help_text="no more tasks are handed out")
    agreement = serializers.FloatField(allow_null=True, help_text="Krippendorff's alpha")
    forecast_at = serializers.DateTimeField(
        allow_null=True, help_text="null if unknown, or while nobody works"
    )
    n_sketches = serializers.IntegerField(help_text="sketches whose pairs are chosen by the votes")
    n_settled = serializers.IntegerField(help_text="of them those that are in order")
    history = serializers.ListField(child=serializers.ListField(), help_text="[time, counted votes]")


class StepSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=300, default="", allow_blank=True, help_text="required to reopen"
    )
    confirm = serializers.BooleanField(
        default=False, help_text="open in spite of warnings, such as a gold share without gold tasks"
    )


class DuplicateSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120)
    slug = serializers.SlugField(max_length=80)
    with_tasks = serializers.BooleanField(default=True)


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


class NewTaskSerializer(serializers.Serializer[Any]):
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


class WeightsSerializer(serializers.Serializer[Any]):
    attributes = serializers.FloatField(min_value=0, default=1.0)
    feature = serializers.FloatField(min_value=0, default=1.0)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["attributes"] + attrs["feature"]:
            raise serializers.ValidationError("one must be above 0")
        return attrs


class PlanSerializer(serializers.Serializer[Any]):
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
        help_text="adaptive: how likely the order of a pair that nobody is asked may be wrong",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["strategy"] == "adaptive":
            for name in ("pairs_per_sketch", "n_triplets"):
                if attrs[name] is not None:
                    raise serializers.ValidationError({name: "is chosen by the votes; set risk instead"})
        return attrs


class CandidatesSerializer(serializers.Serializer[Any]):
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


class ShelfSerializer(serializers.Serializer[Any]):
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


class NewTasksSerializer(serializers.Serializer[Any]):
    """One of: `tasks`, one by one; `candidates`, for triplets; `shelf`, all products of a category, for other kinds."""

    tasks = NewTaskSerializer(many=True, required=False, max_length=MAX_TASKS)  # type: ignore[call-arg]
    candidates = CandidatesSerializer(required=False)
    shelf = ShelfSerializer(required=False)
    shuffle = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in ("tasks", "candidates", "shelf")) != 1:
            raise serializers.ValidationError({"tasks": "give one of tasks, candidates, shelf"})
        return attrs


class CreatedCountSerializer(serializers.Serializer[Any]):
    made = serializers.IntegerField()


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class OptionalReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, default="", allow_blank=True)


class ShareOfSerializer(serializers.Serializer[Any]):
    """A share with its 95 % interval."""

    share = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField(help_text="what it is a share of")


class FindingSerializer(serializers.Serializer[Any]):
    """A limit of the campaign that a worker's figures are past."""

    rule = serializers.ChoiceField(["gold", "agreement", "speed", "left"])
    level = serializers.ChoiceField(["warn", "block"])
    value = serializers.FloatField()
    limit = serializers.FloatField()


class WorkerRowSerializer(serializers.Serializer[Any]):
    enrolment_id = serializers.IntegerField()
    worker = serializers.CharField()
    panel = serializers.CharField(allow_blank=True)
    erased = serializers.BooleanField()
    n_votes = serializers.IntegerField()
    n_counted = serializers.IntegerField()
    gold_right = serializers.IntegerField()
    gold_total = serializers.IntegerField()
    skill = ShareOfSerializer(
        allow_null=True,
        help_text="of answers, those that are the settled one: the expert's, or the others' majority",
    )
    agreement = serializers.FloatField(allow_null=True)
    left_share = serializers.FloatField(allow_null=True)
    median_ms = serializers.FloatField(allow_null=True)
    qualified = serializers.BooleanField()
    status = serializers.ChoiceField(STATUSES)
    reasons = serializers.ListField(child=serializers.CharField(), help_text="of a block or a warning")
    findings = FindingSerializer(many=True)
    last_seen_at = serializers.DateTimeField(allow_null=True)
    n_credited = serializers.IntegerField(help_text="answers towards the required ones")
    ending = serializers.ChoiceField(Ending.choices, allow_blank=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    completion_code = serializers.CharField(allow_blank=True)
    pay = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)


class VoteRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    worker = serializers.CharField()
    choice = serializers.ChoiceField(["a", "b", "cant_tell"])
    side = serializers.CharField(allow_blank=True)
    response_ms = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()


class ExpertAnswerSerializer(serializers.Serializer[Any]):
    """The expert's answer in force."""

    outcome = serializers.ChoiceField(ExpertAnswer.Outcome.choices)
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class DisputedSerializer(serializers.Serializer[Any]):
    task_id = serializers.IntegerField()
    status = serializers.ChoiceField(Task.Status.choices)
    expert = ExpertAnswerSerializer(allow_null=True)
    sketch_url = serializers.CharField()
    a = SideSerializer()
    b = SideSerializer()
    votes = VoteRowSerializer(many=True)


class SettleDisputeSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(
        ExpertAnswer.Outcome.choices, allow_blank=True, help_text="empty: withdraw the answer"
    )
    reason = serializers.CharField(max_length=300, default="", allow_blank=True)


class AgreementSerializer(serializers.Serializer[Any]):
    alpha = serializers.FloatField(allow_null=True)
    agreement = serializers.FloatField(allow_null=True)
    cycle_rate = serializers.FloatField(allow_null=True)
    n_triples = serializers.IntegerField()
    n_judged = serializers.IntegerField()
    n_split = serializers.IntegerField()
    n_tied = serializers.IntegerField()
    n_expert = serializers.IntegerField(help_text="settled by an expert's answer")


class FreezeSerializer(serializers.Serializer[Any]):
    aggregation = serializers.ChoiceField(["majority", "dawid-skene", "bradley-terry"], default="majority")
    name = serializers.CharField(max_length=120, default="", allow_blank=True)
    val = serializers.FloatField(min_value=0, max_value=0.5, default=0.1)
    test = serializers.FloatField(min_value=0, max_value=0.5, default=0.2)
    unsettled = serializers.ChoiceField(
        ["left_out", "listed", "flagged"],
        default="left_out",
        help_text="triplets that still await votes: left out, also listed in a file, or among the others with a flag",
    )


@extend_schema_field(
    {
        "type": "object",
        "properties": {"counts": {"type": "object", "additionalProperties": {"type": "integer"}}},
        "required": ["counts"],
        "additionalProperties": {},
    }
)
class SnapshotFactsField(serializers.DictField):
    """The facts about the votes from the snapshot's manifest."""


class SnapshotSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    sha256 = serializers.CharField()
    facts = SnapshotFactsField()
    created_at = serializers.DateTimeField()


class AuditSerializer(serializers.ModelSerializer[AuditEvent]):
    by = serializers.CharField(source="by.username", default=None, allow_null=True)
    worker = serializers.CharField(allow_null=True)
    campaign_title = serializers.CharField(source="campaign.title", default=None, allow_null=True)

    class Meta:
        model = AuditEvent
        fields = [
            "id", "at", "by", "action", "campaign", "campaign_title", "worker", "reason", "facts"
        ]  # fmt: skip
