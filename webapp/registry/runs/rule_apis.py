"""REST API of retrain rules, for operators."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.models import Campaign, Kind
from webapp.accounts.operators import OperatorApi
from webapp.http.api.strict import StrictSerializer
from webapp.registry.models import RetrainRule, TrainingRun
from webapp.registry.runs.rules import new_triplets, rule_fields
from webapp.registry.runs.serializers import SettingsField

_CAMPAIGNS = 200  # the newest that the form offers
_FIELDS = ("campaign", "system", "profile", "config")


class RuleCampaignSerializer(serializers.ModelSerializer[Campaign]):
    class Meta:
        model = Campaign
        fields = ("id", "title", "slug")


class RuleSerializer(serializers.ModelSerializer[RetrainRule]):
    """A rule, with how many triplets are new to it and its newest run."""

    campaign = RuleCampaignSerializer()
    config = SettingsField(read_only=True)
    new_triplets = serializers.SerializerMethodField()
    last_run = serializers.SerializerMethodField()

    class Meta:
        model = RetrainRule
        fields = (
            "id",
            "campaign",
            "min_new_triplets",
            "new_triplets",
            "system",
            "profile",
            "config",
            "enabled",
            "auto_promote",
            "last_run",
            "problem",
        )
        read_only_fields = fields

    def get_new_triplets(self, rule: RetrainRule) -> int:
        return new_triplets(rule)

    @extend_schema_field(
        inline_serializer(
            "RuleRun",
            {"id": serializers.IntegerField(), "status": serializers.ChoiceField(TrainingRun.Status.choices)},
            allow_null=True,
        )
    )
    def get_last_run(self, rule: RetrainRule) -> dict[str, Any] | None:
        run = rule.runs.order_by("-pk").values("id", "status").first()
        return dict(run) if run else None


class RuleRequestSerializer(StrictSerializer):
    """A rule to create or change. `config` contains the settings that differ from the profile."""

    campaign = serializers.PrimaryKeyRelatedField(queryset=Campaign.objects.all())
    min_new_triplets = serializers.IntegerField(min_value=1, max_value=10_000_000, default=200)
    system = serializers.CharField(max_length=40)
    profile = serializers.CharField(max_length=40)
    config = serializers.DictField(default=dict)
    enabled = serializers.BooleanField(default=True)
    auto_promote = serializers.BooleanField(default=False)


class RulesSerializer(serializers.Serializer[Any]):
    """All rules, and the campaigns that a rule can be about."""

    rules = RuleSerializer(many=True)
    campaigns = RuleCampaignSerializer(many=True)


class RuleListApi(OperatorApi):
    """List the retrain rules, or create one."""

    @extend_schema(responses=RulesSerializer, operation_id="rules_list")
    def get(self, request: Request) -> Response:
        rules = RetrainRule.objects.select_related("campaign").order_by("pk")
        campaigns = Campaign.objects.filter(kind=Kind.TRIPLETS).exclude(status=Campaign.Status.ARCHIVED)
        body = {"rules": rules, "campaigns": campaigns.order_by("-pk")[:_CAMPAIGNS]}
        return Response(RulesSerializer(body).data)

    @extend_schema(
        request=RuleRequestSerializer, responses={201: RuleSerializer}, operation_id="rules_create"
    )
    def post(self, request: Request) -> Response:
        params = RuleRequestSerializer(data=request.data)
        params.is_valid(raise_exception=True)
        rule = RetrainRule.objects.create(**_validated(params.validated_data))
        return Response(RuleSerializer(rule).data, status=status.HTTP_201_CREATED)


class RuleApi(OperatorApi):
    """Change or delete a retrain rule. Its runs stay."""

    @extend_schema(request=RuleRequestSerializer, responses=RuleSerializer, operation_id="rules_update")
    def patch(self, request: Request, rule_id: int) -> Response:
        rule = get_object_or_404(RetrainRule.objects.select_related("campaign"), pk=rule_id)
        params = RuleRequestSerializer(data=request.data, partial=True)
        params.is_valid(raise_exception=True)
        before = {name: getattr(rule, name) for name in _FIELDS}
        changed = params.validated_data
        if changed.keys() & before.keys():
            changed = _validated({**before, **changed})
        for name, value in changed.items():
            setattr(rule, name, value)
        rule.problem = ""  # that of the settings before
        rule.save(update_fields=[*changed, "problem"])
        return Response(RuleSerializer(rule).data)

    @extend_schema(responses={204: None}, operation_id="rules_delete")
    def delete(self, request: Request, rule_id: int) -> Response:
        get_object_or_404(RetrainRule, pk=rule_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


def _validated(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields as they are stored. Raises ConfigError naming one."""
    return {**fields, **rule_fields(**{name: fields[name] for name in _FIELDS})}
