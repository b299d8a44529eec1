"""Campaigns as JSON, and the requests of operators."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotation.models import AuditEvent, Campaign, Ending, ExpertAnswer, Task
from annotation.selectors.operators import STATUSES
from annotation.serializers.settings import CampaignSettingsField, settings_checked
from annotation.serializers.work import SideSerializer
from annotation.services.campaigns.warnings import CODES
from annotation.services.workers.reports import rules_of
from webapp.http.api.strict import StrictFields, StrictSerializer


class CountsSerializer(serializers.Serializer[Any]):
    n_tasks = serializers.IntegerField(read_only=True)
    n_open = serializers.IntegerField(read_only=True)
    n_decided = serializers.IntegerField(read_only=True)
    n_exhausted = serializers.IntegerField(read_only=True)
    n_votes = serializers.IntegerField(read_only=True, help_text="answers that stand")
    n_counted = serializers.IntegerField(read_only=True, help_text="of them those that count")
    n_workers = serializers.IntegerField(read_only=True)
    active_workers = serializers.IntegerField(read_only=True, help_text="seen in the last five minutes")


class CampaignSerializer(StrictFields, serializers.ModelSerializer[Campaign]):
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
        stored = self.instance.settings if isinstance(self.instance, Campaign) else {}
        rules_of(Campaign(settings=settings_checked(settings, known=stored)))
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


class StepSerializer(StrictSerializer):
    reason = serializers.CharField(
        max_length=300, default="", allow_blank=True, help_text="required to reopen"
    )
    confirm = serializers.BooleanField(
        default=False, help_text="open in spite of warnings, such as a gold share without gold tasks"
    )


class DuplicateSerializer(StrictSerializer):
    title = serializers.CharField(max_length=120)
    slug = serializers.SlugField(max_length=80)
    with_tasks = serializers.BooleanField(default=True)


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=300)


class OptionalReasonSerializer(StrictSerializer):
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
    figures_at = serializers.DateTimeField(
        allow_null=True, help_text="of agreement, speed and findings, in large campaigns; null: up to date"
    )
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


class SettleDisputeSerializer(StrictSerializer):
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


class AuditSerializer(serializers.ModelSerializer[AuditEvent]):
    by = serializers.CharField(source="by.username", default=None, allow_null=True)
    worker = serializers.CharField(allow_null=True)
    campaign_title = serializers.CharField(source="campaign.title", default=None, allow_null=True)

    class Meta:
        model = AuditEvent
        fields = [
            "id", "at", "by", "action", "campaign", "campaign_title", "worker", "reason", "facts"
        ]  # fmt: skip
