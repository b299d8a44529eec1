"""Personal data of workers without an account; accounts use `account/export/` and `account/erase/`."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import WorkerApi
from annotation.identity import tokens
from annotation.identity.permissions import request_worker
from annotation.services.workers.personal_data import worker_erase, worker_export


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
