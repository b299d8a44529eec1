"""REST API of releases: the live one for everyone; all releases, and the live pointer, for operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.authentication import IsOperator
from webapp.accounts.models import User
from webapp.http.api.schema import ProblemSerializer
from webapp.http.problems import CONTENT_TYPE, ConflictError
from webapp.registry.models import Release
from webapp.registry.pagination import RegistryPagination
from webapp.registry.releases import live
from webapp.registry.releases import serializers as s
from webapp.registry.releases.selectors import live_release
from webapp.registry.releases.services import Move, ReleaseConflictError, release_promote, release_rollback

_CONFLICT = {
    (409, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, "the live release is not the expected one")
}


class LiveReleaseApi(APIView):
    """The release that answers searches now."""

    @extend_schema(responses=s.LiveReleaseSerializer, operation_id="release_retrieve")
    def get(self, request: Request) -> Response:
        current = live.current()
        if current is None:
            raise exceptions.NotFound("No release is live yet.")
        return Response(s.LiveReleaseSerializer(current).data)


class ReleaseListApi(ListAPIView[Release]):
    """Releases, newest first."""

    permission_classes = [IsOperator]
    serializer_class = s.ReleaseSerializer
    pagination_class = RegistryPagination
    queryset = Release.objects.select_related("index_build__model", "created_by").order_by("-pk")

    def get_serializer_context(self) -> dict[str, Any]:
        is_described = getattr(self, "swagger_fake_view", False)  # the schema is generated without a database
        live_row = None if is_described else live_release()
        return {**super().get_serializer_context(), "live_id": live_row.pk if live_row else None}


class PromoteApi(APIView):
    """Make a release live."""

    permission_classes = [IsOperator]

    @extend_schema(
        request=s.MoveRequestSerializer,
        responses={200: s.MoveSerializer, **_CONFLICT},
        operation_id="releases_promote",
    )
    def post(self, request: Request, release_id: int) -> Response:
        params = _params(request)
        release = get_object_or_404(Release.objects.select_related("index_build__model"), pk=release_id)
        return _move(lambda by: release_promote(release=release, by=by, **params), request)


class RollbackApi(APIView):
    """Return to the release that the live one replaced."""

    permission_classes = [IsOperator]

    @extend_schema(
        request=s.MoveRequestSerializer,
        responses={200: s.MoveSerializer, **_CONFLICT},
        operation_id="releases_rollback",
    )
    def post(self, request: Request) -> Response:
        params = _params(request)
        return _move(lambda by: release_rollback(by=by, **params), request)


def _params(request: Request) -> dict[str, Any]:
    serializer = s.MoveRequestSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    params: dict[str, Any] = serializer.validated_data
    return params


def _move(move: Callable[[User], Move], request: Request) -> Response:
    assert isinstance(request.user, User)
    try:
        moved = move(request.user)
    except ReleaseConflictError as error:
        raise ConflictError(str(error)) from error
    return Response(s.MoveSerializer(moved.event).data)
