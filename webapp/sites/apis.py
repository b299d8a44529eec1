"""Site keys, for operators."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.authentication import IsOperator
from webapp.accounts.models import User
from webapp.sites.known import forget
from webapp.sites.models import SiteKey
from webapp.sites.serializers import RotatedSiteKeySerializer, RotationSerializer, SiteKeySerializer


class SiteKeyListApi(APIView):
    """The keys of sites that may use the search."""

    permission_classes = [IsOperator]

    @extend_schema(responses=SiteKeySerializer(many=True), operation_id="site_keys_list")
    def get(self, request: Request) -> Response:
        return Response(SiteKeySerializer(SiteKey.objects.select_related("created_by"), many=True).data)

    @extend_schema(
        request=SiteKeySerializer, responses={201: SiteKeySerializer}, operation_id="site_keys_create"
    )
    def post(self, request: Request) -> Response:
        serializer = SiteKeySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save(created_by=cast(User, request.user))
        forget()
        return Response(serializer.data, status=status.HTTP_201_CREATED)


class SiteKeyApi(APIView):
    """One site's keys. `active: false` revokes both within seconds."""

    permission_classes = [IsOperator]

    @extend_schema(responses=SiteKeySerializer, operation_id="site_keys_retrieve")
    def get(self, request: Request, key_id: int) -> Response:
        return Response(SiteKeySerializer(get_object_or_404(SiteKey, pk=key_id)).data)

    @extend_schema(
        request=SiteKeySerializer, responses=SiteKeySerializer, operation_id="site_keys_partial_update"
    )
    def patch(self, request: Request, key_id: int) -> Response:
        found = get_object_or_404(SiteKey, pk=key_id)
        serializer = SiteKeySerializer(found, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        forget()
        return Response(serializer.data)


class SiteKeyRotationApi(APIView):
    """Replace one of a site's keys; the old one stops working within seconds."""

    permission_classes = [IsOperator]

    @extend_schema(
        request=RotationSerializer, responses=RotatedSiteKeySerializer, operation_id="site_keys_rotate"
    )
    def post(self, request: Request, key_id: int) -> Response:
        serializer = RotationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        found, secret = get_object_or_404(SiteKey, pk=key_id), ""
        if serializer.validated_data["kind"] == "secret":
            secret = found.replace_secret_key()
            found.save(update_fields=["secret_prefix", "secret_digest"])
        else:
            found.replace_public_key()
            found.save(update_fields=["public_key"])
        forget()
        body: dict[str, Any] = {**SiteKeySerializer(found).data, "secret_key": secret}
        return Response(body, headers={"Cache-Control": "no-store"})
