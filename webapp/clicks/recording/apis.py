"""REST API of recording, for pages: which answers were looked at, what was opened, and erasure.

A page sends its reports while it is left, by `navigator.sendBeacon`, which can set no header. No user is authenticated,
so no request needs a CSRF token: whoever has an answer's signed id may report about it.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.clicks.recording import serializers as s
from webapp.clicks.recording.answer_ids import answer_shown
from webapp.clicks.recording.policy import recording
from webapp.clicks.recording.services import answer_store, click_store, visit_erase
from webapp.http.client_address import client_address, limited_address
from webapp.http.limits.budget import ChargedAPIView


class _ReportApi(ChargedAPIView):
    throttle_scope = "clicks"
    authentication_classes = ()


class AnswerReportApi(_ReportApi):
    """Report that an answer was looked at, for two seconds or more."""

    @extend_schema(
        request=s.AnswerReportSerializer, responses={204: None}, operation_id="answers_report", auth=[]
    )
    def post(self, request: Request) -> Response:
        report = _report(s.AnswerReportSerializer, request)
        answer_store(**report)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ClickReportApi(_ReportApi):
    """Report that a product was opened from an answer."""

    @extend_schema(
        request=s.ClickReportSerializer, responses={204: None}, operation_id="clicks_report", auth=[]
    )
    def post(self, request: Request) -> Response:
        report = _report(s.ClickReportSerializer, request)
        click_store(**report)
        return Response(status=status.HTTP_204_NO_CONTENT)


class VisitErasureApi(_ReportApi):
    """Delete everything recorded of a visit."""

    @extend_schema(
        request=s.VisitSerializer,
        responses={200: s.ErasedSerializer},
        operation_id="visits_erase",
        auth=[],
    )
    def post(self, request: Request) -> Response:
        serializer = s.VisitSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"erased": visit_erase(visit=serializer.validated_data["visit"])})


def _report(kind: type[s.AnswerReportSerializer], request: Request) -> dict[str, Any]:
    """Return the arguments of the service. Raises NotFound if nothing is recorded, AnswerIdError for a false id."""
    if recording()["mode"] == "off":
        raise exceptions.NotFound("This site does not record clicks.")
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    report = {"sketch": None, **serializer.validated_data}
    shown = answer_shown(report.pop("answer_id"))
    return {**report, "shown": shown, "address": limited_address(client_address(request))}
