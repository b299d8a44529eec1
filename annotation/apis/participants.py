"""Personal links, which operators send to participants who changed browsers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import validated_body
from annotation.identity.personal_links import participant_token
from annotation.identity.tokens import user_of
from annotation.models import Campaign
from annotation.selectors.addresses import work_url
from annotation.serializers.work import PanelIdField, PanelNameField
from annotation.services.audit import audit
from webapp.accounts.operators import OperatorApi
from webapp.http.api.strict import StrictSerializer


class NewParticipantLinkSerializer(StrictSerializer):
    provider = PanelNameField()
    worker = PanelIdField(help_text="the participant's number at the panel")
    days = serializers.IntegerField(min_value=1, max_value=60, default=7, help_text="how long the link lasts")


class ParticipantLinkSerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    expires_at = serializers.DateTimeField()


class ParticipantLinkApi(OperatorApi):
    """Create a link with which one participant can start or continue in any browser. It signs out the previous one."""

    @extend_schema(
        request=NewParticipantLinkSerializer,
        responses={201: ParticipantLinkSerializer},
        operation_id="campaigns_participant_link",
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(NewParticipantLinkSerializer, request)
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        until = timezone.now() + timedelta(days=params.pop("days"))
        token = participant_token(campaign_id=campaign.pk, until=until, **params)
        audit("participant.link", by=user_of(request), campaign=campaign, expires_at=until.isoformat())
        # In the fragment, so that neither server nor proxy sees or logs it.
        url = request.build_absolute_uri(f"{work_url(campaign)}#participant={token}")
        return Response({"url": url, "expires_at": until}, status=status.HTTP_201_CREATED)
