"""Campaigns for operators: creating, changing, opening to archiving, progress."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import validated_body
from annotation.identity.tokens import user_of
from annotation.models import AuditEvent, Campaign, Enrolment
from annotation.selectors.preview import samples_of
from annotation.selectors.progress import counts_of, progress_of
from annotation.serializers import campaigns as s
from annotation.serializers.work import CardSerializer
from annotation.services.campaigns.lifecycle import campaign_create, campaign_step, campaign_update
from annotation.services.campaigns.warnings import opening_warnings
from annotation.services.tasks.copies import campaign_delete, campaign_duplicate
from webapp.accounts.authentication import IsOperator
from webapp.accounts.operators import OperatorApi
from webapp.http.api.pagination import NewestIdPagination


class CampaignListApi(ListAPIView[Campaign]):
    """List campaigns with their counts, newest first, or create one."""

    permission_classes = [IsOperator]
    serializer_class = s.CountedCampaignSerializer
    pagination_class = NewestIdPagination
    queryset = Campaign.objects.all()

    @extend_schema(operation_id="campaigns_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page: list[Campaign] = self.paginate_queryset(self.get_queryset()) or []
        counts = counts_of(page, now=timezone.now())
        rows = [{**s.CampaignSerializer(one).data, **counts[one.pk]} for one in page]
        return self.get_paginated_response(rows)

    @extend_schema(
        request=s.CampaignSerializer, responses={201: s.CampaignSerializer}, operation_id="campaigns_create"
    )
    def post(self, request: Request) -> Response:
        campaign = campaign_create(by=user_of(request), **validated_body(s.CampaignSerializer, request))
        return Response(s.CampaignSerializer(campaign).data, status=status.HTTP_201_CREATED)


class CampaignApi(OperatorApi):
    """Retrieve or change a campaign, or delete a draft that was never opened."""

    @extend_schema(responses=s.CampaignDetailSerializer, operation_id="campaigns_retrieve")
    def get(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        counts = counts_of([campaign], now=timezone.now())[campaign.pk]
        warnings = [asdict(one) for one in opening_warnings(campaign)]
        return Response({**s.CampaignSerializer(campaign).data, **counts, "warnings": warnings})

    @extend_schema(
        request=s.CampaignSerializer, responses=s.CampaignSerializer, operation_id="campaigns_update"
    )
    def patch(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        params = s.CampaignSerializer(campaign, data=request.data, partial=True)
        params.is_valid(raise_exception=True)
        changed = campaign_update(campaign=campaign, by=user_of(request), **params.validated_data)
        return Response(s.CampaignSerializer(changed).data)

    @extend_schema(request=None, responses={204: None}, operation_id="campaigns_delete")
    def delete(self, request: Request, campaign_id: int) -> Response:
        campaign_delete(campaign=get_object_or_404(Campaign, pk=campaign_id), by=user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DuplicateApi(OperatorApi):
    """Duplicate a campaign as a draft: its settings and consent text, and its tasks if wanted, without votes."""

    @extend_schema(
        request=s.DuplicateSerializer,
        responses={201: s.CampaignSerializer},
        operation_id="campaigns_duplicate",
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        params = validated_body(s.DuplicateSerializer, request)
        copy = campaign_duplicate(campaign=campaign, by=user_of(request), **params)
        return Response(s.CampaignSerializer(copy).data, status=status.HTTP_201_CREATED)


class StepApi(OperatorApi):
    """Open, pause, resume, close, archive or reopen a campaign. 409 if its state does not allow the step.

    Opening one with warnings needs `confirm`, reopening one a `reason`.
    """

    @extend_schema(request=s.StepSerializer, responses=s.CampaignSerializer)
    def post(self, request: Request, campaign_id: int, step: str) -> Response:
        campaign = campaign_step(
            campaign=get_object_or_404(Campaign, pk=campaign_id),
            step=step,
            by=user_of(request),
            now=timezone.now(),
            **validated_body(s.StepSerializer, request),
        )
        return Response(s.CampaignSerializer(campaign).data)


class ProgressApi(OperatorApi):
    """Retrieve a campaign's progress. `/ws/campaigns/{id}/` sends the same whenever it changes."""

    @extend_schema(responses=s.ProgressSerializer, operation_id="campaigns_progress")
    def get(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        return Response(progress_of(campaign, now=timezone.now()))


class PreviewApi(OperatorApi):
    """List the first tasks as workers see them, without claiming any."""

    @extend_schema(responses=CardSerializer(many=True), operation_id="campaigns_preview")
    def get(self, request: Request, campaign_id: int) -> Response:
        return Response(samples_of(get_object_or_404(Campaign, pk=campaign_id)))


class AuditApi(ListAPIView[AuditEvent]):
    """List who changed what in a campaign, newest first, with erasures of its participants."""

    permission_classes = [IsOperator]
    serializer_class = s.AuditSerializer
    pagination_class = NewestIdPagination
    queryset = AuditEvent.objects.none()

    def get_queryset(self) -> Any:
        campaign = get_object_or_404(Campaign, pk=self.kwargs["campaign_id"])
        events = AuditEvent.objects.select_related("by", "worker", "campaign")
        workers = Enrolment.objects.filter(campaign=campaign).values("worker")
        return events.filter(Q(campaign=campaign) | Q(action="worker.erase", worker__in=workers))

    @extend_schema(operation_id="campaigns_audit")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class AuditListApi(ListAPIView[AuditEvent]):
    """List who changed what in all campaigns, and findings of the nightly check, newest first."""

    permission_classes = [IsOperator]
    serializer_class = s.AuditSerializer
    pagination_class = NewestIdPagination
    queryset = AuditEvent.objects.select_related("by", "worker", "campaign")

    @extend_schema(operation_id="audit_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
