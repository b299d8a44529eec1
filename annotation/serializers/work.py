"""Requests of workers and the responses to them."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.models import Ending, Enrolment, Kind, Vote
from annotation.models.answers import RESPONSE_MAX_MS
from annotation.models.panels import INTERNAL
from annotation.selectors.standing import OBSTACLES, standing_of
from annotation.selectors.work import session_payload
from annotation.services.work.claims import MAX_HELD
from annotation.services.workers.endings import BLOCKED, ended_payload
from webapp.http.api.sketch_field import RawSketchField

PANELS = r"^[A-Z][A-Z0-9_]{1,23}\Z"


_PLACEHOLDER = re.compile(
    r".*[{}%$<>].*|assignment_id_not_available|(prolific|participant)_?pid|(prolific|study|session)_?id"
    r"|(worker|hit|assignment|participant)_?id|undefined|null|none|nan",
    re.IGNORECASE | re.DOTALL,
)
_PANEL_ID = re.compile(r"([A-Za-z0-9][A-Za-z0-9._:@+=~-]*)?")


class PanelIdField(serializers.CharField):
    """An id that a panel puts in its link."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=120, **options)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if _PLACEHOLDER.fullmatch(value):
            raise serializers.ValidationError(
                "is a placeholder that the panel did not fill in; open the study from the panel's own page"
            )
        if not _PANEL_ID.fullmatch(value):
            raise serializers.ValidationError(
                "must start with a letter or digit and contain only letters, digits and . _ : @ + = ~ -"
            )
        return value


class PanelNameField(serializers.RegexField):
    """The name of a panel that supplies participants."""

    def __init__(self, **options: Any) -> None:
        super().__init__(PANELS, help_text="PROLIFIC, MTURK, ...", **options)

    def to_internal_value(self, data: Any) -> str:
        value = str(super().to_internal_value(data))
        if value in INTERNAL:
            raise serializers.ValidationError(f"{value} is reserved for the site's own commands")
        return value


class PanelSerializer(serializers.Serializer[Any]):
    """The parameters of a panel's link."""

    provider = PanelNameField()
    worker = PanelIdField(help_text="PROLIFIC_PID or workerId")
    study = PanelIdField(default="", allow_blank=True)
    session = PanelIdField(default="", allow_blank=True)


class JoinSerializer(serializers.Serializer[Any]):
    consent = serializers.BooleanField()
    consent_version = serializers.IntegerField(
        min_value=1,
        allow_null=True,
        required=False,
        default=None,
        help_text="number of the campaign's consent text that the worker agreed to; required if it has one",
    )
    panel = PanelSerializer(required=False, allow_null=True, default=None)
    participant = serializers.CharField(
        max_length=1000,
        required=False,
        allow_blank=True,
        default="",
        help_text="the token of a personal link",
    )
    browser_key = serializers.RegexField(
        r"^[\w-]{32,64}\Z",
        required=False,
        default="",
        help_text="a random secret of the browser; joining again with it gives the same worker",
    )


class SessionSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    cap = serializers.IntegerField(help_text="0: no limit")
    break_due = serializers.BooleanField()


class StandingSerializer(serializers.Serializer[Any]):
    """Whether the worker may work now, and what they have earned; computed at every request."""

    may_work = serializers.BooleanField()
    obstacle = serializers.ChoiceField(OBSTACLES[1:], allow_blank=True, help_text="why there is no task now")
    resumes_at = serializers.DateTimeField(allow_null=True, help_text="when the next session may start")
    earned = serializers.ChoiceField(["finished", "screened_out"], allow_blank=True)


class EndedSerializer(serializers.Serializer[Any]):
    """An ending: its code, where the panel awaits the worker, and the pay. All but the ending may be empty."""

    ending = serializers.ChoiceField([*Ending.values, BLOCKED], allow_blank=True)
    completion_code = serializers.CharField(allow_blank=True)
    completion_url = serializers.CharField(allow_blank=True)
    pay = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    currency = serializers.CharField(allow_blank=True)


class EnrolmentSerializer(serializers.ModelSerializer[Enrolment]):
    """A worker's own view of their enrolment."""

    campaign = serializers.IntegerField(source="campaign_id", read_only=True)
    trained = serializers.BooleanField(source="is_trained", read_only=True)
    n_credited = serializers.IntegerField(read_only=True, help_text="answers towards the required ones")
    required_answers = serializers.IntegerField(source="campaign.required_answers", read_only=True)
    session = serializers.SerializerMethodField()
    standing = serializers.SerializerMethodField()
    ended = serializers.SerializerMethodField()

    class Meta:
        model = Enrolment
        fields = [
            "id",
            "campaign",
            "trained",
            "qualified",
            "blocked",
            "block_reason",
            "warning",
            "n_answers",
            "n_credited",
            "required_answers",
            "session",
            "standing",
            "ended",
        ]

    @extend_schema_field(SessionSerializer)
    def get_session(self, enrolment: Enrolment) -> Any:
        return session_payload(enrolment, now=timezone.now())

    @extend_schema_field(StandingSerializer)
    def get_standing(self, enrolment: Enrolment) -> Any:
        return StandingSerializer(standing_of(enrolment, now=timezone.now())).data

    @extend_schema_field(EndedSerializer)
    def get_ended(self, enrolment: Enrolment) -> Any:
        return EndedSerializer(ended_payload(enrolment)).data


class JoinedSerializer(serializers.Serializer[Any]):
    worker_token = serializers.CharField(help_text="goes in the header `Authorization: Worker TOKEN`")
    enrolment = EnrolmentSerializer()


class NextSerializer(serializers.Serializer[Any]):
    prefetch = serializers.IntegerField(min_value=1, max_value=MAX_HELD, default=1)
    have = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        default=list,
        max_length=4 * MAX_HELD,
        help_text="assignments that the page holds already; others come",
    )


class SideSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    photo_url = serializers.CharField()
    name = serializers.CharField()


class CardSerializer(serializers.Serializer[Any]):
    """One assignment, with `left` and `right` for triplets and `product` for other kinds."""

    id = serializers.IntegerField(allow_null=True)
    kind = serializers.ChoiceField(Kind.choices)
    lease_expires_at = serializers.DateTimeField(allow_null=True)
    position = serializers.IntegerField()
    sketch_url = serializers.CharField(allow_null=True)
    left = SideSerializer(required=False)
    right = SideSerializer(required=False)
    product = SideSerializer(required=False, allow_null=True)
    training = serializers.DictField(allow_null=True)
    warning = serializers.CharField(allow_blank=True)
    credited = serializers.IntegerField(help_text="the worker's answers so far towards the required ones")
    session = SessionSerializer()


class NextAssignmentsSerializer(CardSerializer):
    """The fields of the first assignment, and all assignments in `assignments`."""

    assignments = CardSerializer(many=True)


class AnsweringSerializer(serializers.Serializer[Any]):
    """The fields of every answer."""

    idempotency_key = serializers.RegexField(
        r"^[\w.:-]{8,64}\Z", help_text="another for every answer; the same when it is sent again"
    )
    response_ms = serializers.IntegerField(
        min_value=0, max_value=RESPONSE_MAX_MS, required=False, allow_null=True, default=None
    )
    device_class = serializers.ChoiceField(Vote.Device.choices, default="", allow_blank=True)


class VoteSerializer(AnsweringSerializer):
    choice = serializers.ChoiceField(["left", "right", "cant_tell", "skip"])


class AttributesSerializer(AnsweringSerializer):
    values = serializers.DictField(
        child=serializers.BooleanField(allow_null=True),
        required=False,
        help_text="true, false or null (can't tell) for every attribute of the campaign",
    )
    skip = serializers.BooleanField(default=False)


class SketchAnswerSerializer(AnsweringSerializer):
    sketch = RawSketchField(required=False, default=None)
    cant = serializers.BooleanField(default=False, help_text="it can't be drawn")


class UndoSerializer(serializers.Serializer[Any]):
    idempotency_key = serializers.RegexField(r"^[\w.:-]{8,64}\Z")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": ["left", "right", "cant_tell"]},
            {"type": "object", "additionalProperties": {"type": "boolean"}},
        ]
    }
)
class RightAnswerField(serializers.JSONField):
    """A choice, or values of attributes by slug."""


class FeedbackSerializer(serializers.Serializer[Any]):
    right = serializers.BooleanField()
    answer = RightAnswerField(help_text="left, right, cant_tell, or attributes")
    explanation = serializers.CharField(allow_blank=True)


class ReceiptSerializer(serializers.Serializer[Any]):
    receipt = serializers.CharField()
    late = serializers.BooleanField()
    feedback = FeedbackSerializer(allow_null=True)
    session = SessionSerializer()


class UndoneSerializer(ReceiptSerializer):
    lease_expires_at = serializers.DateTimeField()


class LeaseSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    status = serializers.CharField()
    lease_expires_at = serializers.DateTimeField()


class ShownSerializer(serializers.Serializer[Any]):
    """When the photo was on the screen, as the browser states it."""

    started_at = serializers.DateTimeField(help_text="by the browser's clock")
    ended_at = serializers.DateTimeField(help_text="by the browser's clock")
    ms = serializers.IntegerField(
        min_value=0, max_value=RESPONSE_MAX_MS, help_text="visible for, without time in a hidden tab"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ended_at"] < attrs["started_at"]:
            raise serializers.ValidationError({"ended_at": "must not be before started_at"})
        return attrs


class ExposureEndSerializer(serializers.Serializer[Any]):
    shown = ShownSerializer(required=False, allow_null=True, default=None)


class ExposureSerializer(serializers.Serializer[Any]):
    """The exposure's times by the server's clock. The photo's URL is returned only by the start."""

    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    delivered_ms = serializers.IntegerField(allow_null=True, help_text="between these two times")
    shown_ms = serializers.IntegerField(allow_null=True, help_text="as the browser stated it")
    differs = serializers.BooleanField(
        allow_null=True, help_text="whether these differ by more than a second"
    )
    exposure_s = serializers.FloatField()
    photo_url = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    signed = serializers.CharField()


class CompleteSerializer(serializers.Serializer[Any]):
    receipts = serializers.ListField(
        child=serializers.RegexField(r"^v\d{1,18}\Z"), default=list, max_length=10_000
    )
    leave = serializers.BooleanField(
        default=False, help_text="return held tasks, and end early if the code has not been earned"
    )
