"""Settling a panel as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotation.models import Ending, Verdict
from annotation.selectors.money.settling import STATES
from annotation.serializers.campaigns import FindingSerializer, ReasonSerializer, ShareOfSerializer
from annotation.serializers.settings import MAX_PAY
from annotation.serializers.work import PanelIdField, PanelNameField
from webapp.http.api.strict import StrictSerializer

MAX_DECIDED = 5_000  # per request
MAX_FILE = 1_500_000  # below the largest body


def _money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=9, decimal_places=2, **options)


class DecisionSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(Verdict.choices)
    pay = _money()
    bonus = _money()
    amount = _money(help_text="pay and bonus")
    reason = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()


class PaysSerializer(serializers.Serializer[Any]):
    """What each verdict pays by the campaign's rules, without the bonus."""

    approve = _money()
    bonus = _money()
    reject = _money()


class ParticipantSerializer(serializers.Serializer[Any]):
    enrolment_id = serializers.IntegerField()
    worker = serializers.CharField()
    panel = serializers.CharField(allow_blank=True)
    panel_id = serializers.CharField(allow_blank=True)
    erased = serializers.BooleanField()
    state = serializers.ChoiceField(STATES)
    ending = serializers.ChoiceField(Ending.choices, allow_blank=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    completion_code = serializers.CharField(allow_blank=True, help_text="the code given here")
    panel_status = serializers.CharField(allow_blank=True, help_text="in the panel's own list")
    panel_code = serializers.CharField(allow_blank=True, help_text="the code entered at the panel")
    minutes = serializers.FloatField(
        help_text="on answers, by the server's clock; a pause counts at most as the lease of one task"
    )
    minutes_between = serializers.FloatField(allow_null=True, help_text="from joining to the last answer")
    n_answers = serializers.IntegerField()
    n_credited = serializers.IntegerField(help_text="towards the required ones")
    gold_right = serializers.IntegerField()
    gold_total = serializers.IntegerField()
    agreement = ShareOfSerializer(allow_null=True, help_text="with the majority of the others")
    findings = FindingSerializer(many=True)
    block_reason = serializers.CharField(allow_blank=True)
    pays = PaysSerializer()
    bonus = _money(help_text="by the campaign's rule")
    suggested = serializers.ChoiceField(Verdict.choices, allow_blank=True)
    decision = DecisionSerializer(allow_null=True)


class TotalsSerializer(serializers.Serializer[Any]):
    n_participants = serializers.IntegerField()
    n_undecided = serializers.IntegerField()
    states = serializers.DictField(child=serializers.IntegerField())
    n_approved = serializers.IntegerField()
    n_bonus_only = serializers.IntegerField()
    n_rejected = serializers.IntegerField()
    pay = _money(help_text="decided, without bonuses")
    bonus = _money()
    amount = _money()
    per_hour = serializers.DecimalField(
        max_digits=20, decimal_places=2, allow_null=True, help_text="of those who are paid"
    )


class PartialRuleSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["amount", "share", "work"])
    value = serializers.FloatField()


class BonusRuleSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["gold", "agreement"])
    amount = serializers.FloatField()
    every = serializers.IntegerField(required=False)
    above = serializers.FloatField(required=False)
    least = serializers.IntegerField(required=False)


class SettleSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    currency = serializers.CharField(allow_blank=True)
    reward = serializers.FloatField(allow_null=True)
    required_answers = serializers.IntegerField()
    partial_pay = PartialRuleSerializer(allow_null=True)
    bonus_rule = BonusRuleSerializer(allow_null=True)
    spending_cap = serializers.FloatField(allow_null=True)
    spent = serializers.FloatField(allow_null=True, help_text="decided, or earned and not decided yet")
    promised = serializers.FloatField(allow_null=True, help_text="with the largest possible bonuses")
    rows = ParticipantSerializer(many=True)
    totals = TotalsSerializer()


class DecideSerializer(StrictSerializer):
    enrolments = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=MAX_DECIDED
    )
    verdict = serializers.ChoiceField(
        Verdict.choices, allow_blank=True, help_text="empty: withdraw the decisions"
    )
    bonus = _money(
        allow_null=True,
        default=None,
        min_value=0,
        max_value=MAX_PAY,
        help_text="null: by the campaign's rule",
    )
    reason = serializers.CharField(max_length=300, default="", allow_blank=True)
    confirmed_total = _money(
        allow_null=True,
        default=None,
        help_text="spent and promised afterwards; needed to exceed the spending cap",
    )


class SubmissionsSerializer(StrictSerializer):
    csv = serializers.CharField(max_length=MAX_FILE, help_text="the panel's list of submissions")


class MatchedSerializer(serializers.Serializer[Any]):
    panel = serializers.CharField()
    n_rows = serializers.IntegerField()
    n_matched = serializers.IntegerField()
    unknown = serializers.ListField(
        child=serializers.CharField(), help_text="the first IDs that never joined"
    )


class EraseParticipantSerializer(ReasonSerializer):
    provider = PanelNameField()
    worker = PanelIdField(help_text="the participant's number at the panel")


class ErasedParticipantsSerializer(serializers.Serializer[Any]):
    erased = serializers.IntegerField(help_text="workers with this ID")
