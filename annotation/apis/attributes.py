"""Answering attribute tasks."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import WorkerApi, validated_body
from annotation.identity.permissions import request_worker
from annotation.selectors.work import receipt_payload
from annotation.serializers.work import AttributesSerializer, ReceiptSerializer
from annotation.services.work.attributes import attributes_answer


class AttributesApi(WorkerApi):
    """Answer an attribute task: true, false or null (can't tell) for each attribute."""

    @extend_schema(
        request=AttributesSerializer, responses=ReceiptSerializer, operation_id="assignments_attributes"
    )
    def post(self, request: Request, assignment_id: int) -> Response:
        receipt = attributes_answer(
            worker=request_worker(request),
            assignment_id=assignment_id,
            now=timezone.now(),
            **validated_body(AttributesSerializer, request),
        )
        return Response(receipt_payload(receipt.vote, receipt.assignment))
