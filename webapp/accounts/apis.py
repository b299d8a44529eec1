"""A user's own tokens and personal data."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import logout
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.models import User
from webapp.accounts.personal_data import personal_data_erase, personal_data_export
from webapp.accounts.serializers import ApiTokenSerializer, CreatedApiTokenSerializer, ErasureSerializer
from webapp.accounts.services import api_token_create


class ApiTokenListApi(APIView):
    """The user's API tokens."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=ApiTokenSerializer(many=True), operation_id="tokens_list")
    def get(self, request: Request) -> Response:
        tokens = _user(request).api_tokens.order_by("created_at")
        return Response(ApiTokenSerializer(tokens, many=True).data)

    @extend_schema(
        request=ApiTokenSerializer, responses={201: CreatedApiTokenSerializer}, operation_id="tokens_create"
    )
    def post(self, request: Request) -> Response:
        serializer = ApiTokenSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        token, key = api_token_create(user=_user(request), **serializer.validated_data)
        return Response({**ApiTokenSerializer(token).data, "key": key}, status=status.HTTP_201_CREATED)


class ApiTokenApi(APIView):
    """One of the user's API tokens."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses={204: None}, operation_id="tokens_delete")
    def delete(self, request: Request, token_id: int) -> Response:
        get_object_or_404(_user(request).api_tokens.all(), pk=token_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class PersonalDataApi(APIView):
    """All data that the site holds about the user."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=OpenApiTypes.OBJECT, operation_id="account_export")
    def get(self, request: Request) -> Response:
        headers = {
            "Content-Disposition": 'attachment; filename="sketchfind-account.json"',
            "Cache-Control": "no-store",
        }
        return Response(personal_data_export(user=_user(request)), headers=headers)


class ErasureApi(APIView):
    """Erase the user: name, email address, keys, and the data that other parts of the site hold about them."""

    permission_classes = [IsAuthenticated]

    @extend_schema(request=ErasureSerializer, responses={204: None}, operation_id="account_erase")
    def post(self, request: Request) -> Response:
        ErasureSerializer(data=request.data, context={"request": request}).is_valid(raise_exception=True)
        personal_data_erase(user=_user(request))
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _user(request: Request) -> User:
    return cast(User, cast(Any, request).user)
