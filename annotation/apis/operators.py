"""A campaign's workers, disputes and agreement, for operators."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import validated_body
from annotation.identity.tokens import user_of
from annotation.models import Campaign, Enrolment, Task
from annotation.selectors.agreement import agreement_of
from annotation.selectors.operators import (
    disputed_payloads,
    disputed_tasks,
    enrolments_of,
    worker_payloads,
)
from annotation.serializers import campaigns as s
from annotation.services.workers import moderation
from webapp.accounts.authentication import IsOperator
from webapp.accounts.operators import OperatorApi
from webapp.http.api.pagination import SignedCursorPagination


class WorkerListApi(ListAPIView[Enrolment]):
    """List the workers of a campaign by number, with their figures and status."""

    permission_classes = [IsOperator]
    serializer_class = s.WorkerRowSerializer
    pagination_class = SignedCursorPagination
    queryset = Enrolment.objects.none()

    @extend_schema(responses=s.WorkerRowSerializer(many=True), operation_id="campaigns_workers")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        campaign = get_object_or_404(Campaign, pk=kwargs["campaign_id"])
        page = self.paginate_queryset(enrolments_of(campaign)) or []
        return self.get_paginated_response(worker_payloads(campaign, page))


class DisputedListApi(ListAPIView[Task]):
    """List the triplets on which workers disagreed, with all counted votes."""

    permission_classes = [IsOperator]
    serializer_class = s.DisputedSerializer
    pagination_class = SignedCursorPagination
    queryset = Task.objects.none()

    @extend_schema(responses=s.DisputedSerializer(many=True), operation_id="campaigns_disputed")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        campaign = get_object_or_404(Campaign, pk=kwargs["campaign_id"])
        page = self.paginate_queryset(disputed_tasks(campaign)) or []
        return self.get_paginated_response(disputed_payloads(page))


class AgreementApi(OperatorApi):
    """Retrieve how far workers agree."""

    @extend_schema(responses=s.AgreementSerializer, operation_id="campaigns_agreement")
    def get(self, request: Request, campaign_id: int) -> Response:
        return Response(asdict(agreement_of(get_object_or_404(Campaign, pk=campaign_id))))


class BlockApi(OperatorApi):
    """Block a worker: they get no more tasks; their votes stay."""

    @extend_schema(
        request=s.ReasonSerializer, responses=s.WorkerRowSerializer, operation_id="enrolments_block"
    )
    def post(self, request: Request, enrolment_id: int) -> Response:
        params = validated_body(s.ReasonSerializer, request)
        enrolment = get_object_or_404(Enrolment, pk=enrolment_id)
        moderation.enrolment_block(enrolment=enrolment, by=user_of(request), **params)
        return _row(enrolment)


class UnblockApi(OperatorApi):
    """Unblock a worker."""

    @extend_schema(
        request=s.OptionalReasonSerializer, responses=s.WorkerRowSerializer, operation_id="enrolments_unblock"
    )
    def post(self, request: Request, enrolment_id: int) -> Response:
        params = validated_body(s.OptionalReasonSerializer, request)
        enrolment = get_object_or_404(Enrolment, pk=enrolment_id)
        moderation.enrolment_unblock(enrolment=enrolment, by=user_of(request), **params)
        return _row(enrolment)


class WarnApi(OperatorApi):
    """Show a worker a warning with their next task; an empty reason withdraws it."""

    @extend_schema(
        request=s.OptionalReasonSerializer, responses=s.WorkerRowSerializer, operation_id="enrolments_warn"
    )
    def post(self, request: Request, enrolment_id: int) -> Response:
        params = validated_body(s.OptionalReasonSerializer, request)
        enrolment = get_object_or_404(Enrolment, pk=enrolment_id)
        moderation.enrolment_warn(enrolment=enrolment, by=user_of(request), now=timezone.now(), **params)
        return _row(enrolment)


def _row(enrolment: Enrolment) -> Response:
    found = enrolments_of(enrolment.campaign).get(pk=enrolment.pk)
    return Response(s.WorkerRowSerializer(worker_payloads(enrolment.campaign, [found])[0]).data)
