"""Answering attribute tasks."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import WorkerApi, validated_body
from annotation.identity.permissions import the_worker
from annotation.selectors.work import receipt_payload
from annotation.serializers.work import AttributesSerializer, ReceiptSerializer
from annotation.services.work.attributes import attributes_answer


class AttributesApi(WorkerApi):
    """Says of each attribute whether the photo or sketch has it, or that one cannot tell."""

    @extend_schema(
        request=AttributesSerializer, responses=ReceiptSerializer, operation_id="assignments_attributes"
    )
    def post(self, request: Request, assignment_id: int) -> Response:
        receipt = attributes_answer(
            worker=the_worker(request),
            assignment_id=assignment_id,
            now=timezone.now(),
            **validated_body(AttributesSerializer, request),
        )
        return Response(receipt_payload(receipt.vote, receipt.assignment))
