"""Settling a panel: participants with what they earn, decisions, the panel's lists, and experts' answers to disputes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import validated_body
from annotation.identity.tokens import user_of
from annotation.models import Campaign, Task
from annotation.selectors.money.settling import decided_rows, settle_payload
from annotation.selectors.operators import disputed_payloads
from annotation.serializers import settling as s
from annotation.serializers.campaigns import DisputedSerializer, SettleDisputeSerializer
from annotation.services.aggregation.experts import dispute_settle
from annotation.services.settling.decisions import decisions_withdraw, participants_decide
from annotation.services.settling.submissions import submissions_read
from annotation.settling.lists import LISTS, decisions_csv
from webapp.accounts.operators import OperatorApi

ALL = "decisions"


class SettleApi(OperatorApi):
    """Retrieve all participants with what they earn by the campaign's rules, or decide about some."""

    @extend_schema(responses=s.SettleSerializer, operation_id="campaigns_settle")
    def get(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        return Response(s.SettleSerializer(settle_payload(campaign)).data)

    @extend_schema(
        request=s.DecideSerializer, responses=s.SettleSerializer, operation_id="campaigns_settle_decide"
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(s.DecideSerializer, request)
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        if params["verdict"]:
            participants_decide(campaign=campaign, by=user_of(request), now=timezone.now(), **params)
        else:
            decisions_withdraw(
                campaign=campaign,
                enrolments=params["enrolments"],
                reason=params["reason"],
                by=user_of(request),
            )
        return Response(s.SettleSerializer(settle_payload(campaign)).data)


class SubmissionsApi(OperatorApi):
    """Read the panel's own list of submissions: who returned the study, and which code each participant entered."""

    @extend_schema(
        request=s.SubmissionsSerializer,
        responses=s.MatchedSerializer,
        operation_id="campaigns_settle_submissions",
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(s.SubmissionsSerializer, request)
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        matched = submissions_read(
            campaign=campaign, text=params["csv"], by=user_of(request), now=timezone.now()
        )
        return Response(asdict(matched))


class ListParamsSerializer(serializers.Serializer[Any]):
    panel = serializers.ChoiceField([*LISTS, ""], default="", allow_blank=True)
    list = serializers.CharField(default=ALL)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lists = [*LISTS.get(attrs["panel"], {}), ALL]
        if attrs["list"] not in lists:
            raise serializers.ValidationError({"list": f"one of {', '.join(lists)}"})
        return attrs


class SettleExportApi(OperatorApi):
    """Export decisions as the panel takes them, or all of them with their amounts."""

    @extend_schema(
        parameters=[
            OpenApiParameter("panel", enum=[*LISTS], description="empty: all"),
            OpenApiParameter("list", enum=sorted({ALL}.union(*LISTS.values())), default=ALL),
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        operation_id="campaigns_settle_export",
    )
    def get(self, request: Request, campaign_id: int) -> HttpResponse:
        serializer = ListParamsSerializer(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        panel, name = serializer.validated_data["panel"], serializer.validated_data["list"]
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        rows = decided_rows(campaign, panel)
        text = decisions_csv(rows) if name == ALL else LISTS[panel][name](rows)
        file = "-".join(part for part in (campaign.slug, panel.lower(), name) if part)
        headers = {"Content-Disposition": f'attachment; filename="{file}.csv"', "Cache-Control": "no-store"}
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


class DisputeApi(OperatorApi):
    """Settle a triplet by an expert's answer, or withdraw it. Votes and their counts stay as they are."""

    @extend_schema(request=SettleDisputeSerializer, responses=DisputedSerializer, operation_id="tasks_settle")
    def post(self, request: Request, task_id: int) -> Response:
        params = validated_body(SettleDisputeSerializer, request)
        task = get_object_or_404(Task, pk=task_id)
        dispute_settle(task=task, by=user_of(request), **params)
        return Response(DisputedSerializer(disputed_payloads([task])[0]).data)
