"""Feeds by address over HTTP, for operators."""

from __future__ import annotations

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts.authentication import IsOperator
from webapp.accounts.models import User
from webapp.catalog.feeds.services import feed_ask, feed_create, feed_update
from webapp.catalog.imports.scheduled.serializers import RemoteFeedSerializer
from webapp.catalog.jobs import feed_wake
from webapp.catalog.models import RemoteFeed
from webapp.http.problems import ConflictError


class RemoteFeedListApi(APIView):
    """Feeds that are fetched from their addresses. One that is posted is fetched at once."""

    permission_classes = [IsOperator]

    @extend_schema(responses=RemoteFeedSerializer(many=True), operation_id="feeds_list")
    def get(self, request: Request) -> Response:
        return Response(RemoteFeedSerializer(RemoteFeed.objects.all(), many=True).data)

    @extend_schema(
        request=RemoteFeedSerializer, responses={201: RemoteFeedSerializer}, operation_id="feeds_create"
    )
    def post(self, request: Request) -> Response:
        serializer = RemoteFeedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        feed = feed_create(by=cast(User, request.user), **serializer.validated_data)
        feed_wake(feed)
        return Response(RemoteFeedSerializer(feed).data, status=status.HTTP_201_CREATED)


class RemoteFeedApi(APIView):
    """One feed. `active: false` pauses it; deleting it keeps its imports and products."""

    permission_classes = [IsOperator]

    @extend_schema(responses=RemoteFeedSerializer, operation_id="feeds_retrieve")
    def get(self, request: Request, feed_id: int) -> Response:
        return Response(RemoteFeedSerializer(get_object_or_404(RemoteFeed, pk=feed_id)).data)

    @extend_schema(
        request=RemoteFeedSerializer, responses=RemoteFeedSerializer, operation_id="feeds_partial_update"
    )
    def patch(self, request: Request, feed_id: int) -> Response:
        feed = get_object_or_404(RemoteFeed, pk=feed_id)
        serializer = RemoteFeedSerializer(feed, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        feed_update(feed, **serializer.validated_data)
        feed_wake(feed)
        return Response(RemoteFeedSerializer(feed).data)

    @extend_schema(responses={204: None}, operation_id="feeds_destroy")
    def delete(self, request: Request, feed_id: int) -> Response:
        get_object_or_404(RemoteFeed, pk=feed_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class RemoteFeedFetchApi(APIView):
    """Fetch a feed now, also one that is paused or waits for confirmation of what its last fetch has brought."""

    permission_classes = [IsOperator]

    @extend_schema(request=None, responses={202: RemoteFeedSerializer}, operation_id="feeds_fetch")
    def post(self, request: Request, feed_id: int) -> Response:
        feed = get_object_or_404(RemoteFeed, pk=feed_id)
        if not feed_ask(feed):
            raise ConflictError("The feed is being fetched or imported already.")
        feed_wake(feed)
        return Response(RemoteFeedSerializer(feed).data, status=status.HTTP_202_ACCEPTED)
