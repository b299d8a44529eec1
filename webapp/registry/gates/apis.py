"""REST API of gates, for operators."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.authentication import IsOperator
from webapp.accounts.models import User
from webapp.registry.gates import serializers as s
from webapp.registry.gates.services import gate_request
from webapp.registry.models import GateReport
from webapp.registry.pagination import RegistryPagination


class GateListApi(ListAPIView[GateReport]):
    """Gates, newest first. POST requests a new one."""

    permission_classes = [IsOperator]
    serializer_class = s.GateSerializer
    pagination_class = RegistryPagination
    queryset = GateReport.objects.none()

    def get_queryset(self) -> Any:
        params = s.GateFilterSerializer(data=self.request.query_params)
        params.is_valid(raise_exception=True)
        gates = GateReport.objects.order_by("-pk")
        release = params.validated_data.get("release")
        return gates if release is None else gates.filter(release_id=release)

    @extend_schema(parameters=[s.GateFilterSerializer], operation_id="gates_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=s.GateRequestSerializer, responses={201: s.GateSerializer}, operation_id="gates_create"
    )
    def post(self, request: Request) -> Response:
        serializer = s.GateRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        gate = gate_request(release=serializer.validated_data["release"], by=request.user)
        return Response(s.GateSerializer(gate).data, status=status.HTTP_201_CREATED)


class GateApi(RetrieveAPIView[GateReport]):
    """One gate with all measurements."""

    permission_classes = [IsOperator]
    serializer_class = s.GateDetailSerializer
    queryset = GateReport.objects.all()
    lookup_url_kwarg = "gate_id"
