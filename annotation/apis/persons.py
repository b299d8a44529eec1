"""Personal data of workers: by themselves, or by an operator. Accounts use `account/export/` and `account/erase/`."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import WorkerApi, validated_body
from annotation.identity import tokens
from annotation.identity.permissions import request_worker
from annotation.identity.tokens import user_of
from annotation.models import Enrolment
from annotation.serializers.campaigns import ReasonSerializer
from annotation.serializers.settling import ErasedParticipantsSerializer, EraseParticipantSerializer
from annotation.services.workers.personal_data import participant_erase, worker_erase, worker_export
from webapp.accounts.operators import OperatorApi


class WorkerExportApi(WorkerApi):
    """Export everything the site holds about the worker who sends the request."""

    @extend_schema(responses=OpenApiTypes.OBJECT, operation_id="worker_export")
    def get(self, request: Request) -> Response:
        headers = {
            "Content-Disposition": 'attachment; filename="sketchfind-worker.json"',
            "Cache-Control": "no-store",
        }
        return Response(worker_export(request_worker(request)), headers=headers)


class WorkerEraseApi(WorkerApi):
    """Erase the worker's identity and revoke the token. The votes stay."""

    @extend_schema(request=None, responses={204: None}, operation_id="worker_erase")
    def post(self, request: Request) -> Response:
        worker_erase(request_worker(request))
        response = Response(status=status.HTTP_204_NO_CONTENT)
        response.delete_cookie(tokens.COOKIE)
        return response


class EnrolmentEraseApi(OperatorApi):
    """Erase the identity of an enrolment's worker, in all campaigns. The votes stay."""

    @extend_schema(request=ReasonSerializer, responses={204: None}, operation_id="enrolments_erase")
    def post(self, request: Request, enrolment_id: int) -> Response:
        params = validated_body(ReasonSerializer, request)
        enrolment = get_object_or_404(Enrolment.objects.select_related("worker"), pk=enrolment_id)
        worker_erase(enrolment.worker, by=user_of(request), **params)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ParticipantEraseApi(OperatorApi):
    """Erase a participant by their ID at a panel, in all campaigns. 404 if nobody has it."""

    @extend_schema(
        request=EraseParticipantSerializer,
        responses=ErasedParticipantsSerializer,
        operation_id="participants_erase",
    )
    def post(self, request: Request) -> Response:
        params = validated_body(EraseParticipantSerializer, request)
        n = participant_erase(
            provider=params["provider"],
            participant=params["worker"],
            by=user_of(request),
            reason=params["reason"],
        )
        if not n:
            raise NotFound("No worker has this participant ID; it may have been erased already.")
        return Response({"erased": n})
