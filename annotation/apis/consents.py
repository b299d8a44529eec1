"""A campaign's consent text, for operators."""

from __future__ import annotations

from django.db.models import Count
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import validated_body
from annotation.identity.tokens import user_of
from annotation.models import Campaign
from annotation.serializers.consents import ConsentSerializer, ConsentVersionSerializer
from annotation.services.campaigns.consents import consent_write
from webapp.accounts.operators import OperatorApi


class ConsentApi(OperatorApi):
    """List the versions of a campaign's consent text, newest first, or write it: a change is a new version."""

    @extend_schema(responses=ConsentVersionSerializer(many=True), operation_id="campaigns_consents")
    def get(self, request: Request, campaign_id: int) -> Response:
        return Response(_versions(get_object_or_404(Campaign, pk=campaign_id)))

    @extend_schema(
        request=ConsentSerializer,
        responses=ConsentVersionSerializer(many=True),
        operation_id="campaigns_consent_write",
    )
    def put(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        consent_write(campaign=campaign, by=user_of(request), **validated_body(ConsentSerializer, request))
        return Response(_versions(campaign))


def _versions(campaign: Campaign) -> object:
    rows = campaign.consents.annotate(n_enrolments=Count("enrolments")).order_by("-number")
    return ConsentVersionSerializer(rows, many=True).data
