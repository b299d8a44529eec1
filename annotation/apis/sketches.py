"""Sketches over HTTP: pictures, donations by visitors, and drawing from memory after a timed exposure."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.apis.work import WorkerApi, validated_body
from annotation.identity.permissions import request_worker
from annotation.models import Sketch
from annotation.selectors.sketches import sketch_svg
from annotation.selectors.work import receipt_payload
from annotation.serializers import sketches as s
from annotation.serializers.work import (
    ExposureEndSerializer,
    ExposureSerializer,
    ReceiptSerializer,
    SketchAnswerSerializer,
)
from annotation.services.work.exposures import Exposure, Shown, exposure_end, exposure_start
from annotation.services.work.sketches import sketch_submit, visitor_sketch_create
from webapp.accounts.authentication import IsOperator
from webapp.catalog.models import Product
from webapp.http.api.pagination import SignedCursorPagination
from webapp.http.client_address import client_address, limited_address

_FOREVER = "public, max-age=31536000, immutable"


class SketchPictureApi(APIView):
    """Retrieve a sketch as a picture by its random key. The picture never changes."""

    @extend_schema(responses={(200, "image/svg+xml"): OpenApiTypes.STR}, operation_id="sketches_picture")
    def get(self, request: Request, key: str) -> HttpResponse:
        return sketch_picture(request._request, key)


def sketch_picture(request: HttpRequest, key: str) -> HttpResponse:
    """Return the strokes as SVG; for an imported picture, redirect to its file."""
    sketch = Sketch.objects.filter(key=key).first()
    if sketch is None:
        raise Http404
    if sketch.strokes is None:
        return HttpResponseRedirect(sketch.raster.url)
    return HttpResponse(
        sketch_svg(sketch.strokes), content_type="image/svg+xml", headers={"Cache-Control": _FOREVER}
    )


class SketchListApi(ListAPIView[Sketch]):
    """List sketches (operators), or donate one for research, with consent (anyone)."""

    serializer_class = s.SketchSerializer
    pagination_class = SignedCursorPagination

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method == "POST" else [IsOperator()]

    def get_queryset(self) -> Any:
        params = s.SketchFilterSerializer(data=self.request.query_params)
        params.is_valid(raise_exception=True)
        return Sketch.objects.filter(**params.validated_data)

    @extend_schema(parameters=[s.SketchFilterSerializer], operation_id="sketches_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=s.SketchGiftSerializer, responses={201: s.SketchSerializer}, operation_id="sketches_create"
    )
    def post(self, request: Request) -> Response:
        params = validated_body(s.SketchGiftSerializer, request)
        if not params["consent"]:
            raise ValidationError({"consent": "is needed to keep a sketch for research"})
        product = get_object_or_404(Product, pk=params["product"]) if params["product"] else None
        sketch = visitor_sketch_create(
            sketch=params["sketch"],
            product=product,
            now=timezone.now(),
            address=limited_address(client_address(request)),
        )
        return Response(s.SketchSerializer(sketch).data, status=status.HTTP_201_CREATED)


class ExposureStartApi(WorkerApi):
    """Start the exposure of the photo to draw from memory, and return its URL."""

    @extend_schema(request=None, responses=ExposureSerializer, operation_id="assignments_exposure_start")
    def post(self, request: Request, assignment_id: int) -> Response:
        worker = request_worker(request)
        exposure = exposure_start(worker=worker, assignment_id=assignment_id, now=timezone.now())
        product = exposure.assignment.task.product
        assert product is not None
        return Response({**_times(exposure), "photo_url": product.photo_url, "name": product.name})


class ExposureEndApi(WorkerApi):
    """End the exposure, stating when and how long the photo was visible. 409 if it has not lasted long enough."""

    @extend_schema(
        request=ExposureEndSerializer, responses=ExposureSerializer, operation_id="assignments_exposure_end"
    )
    def post(self, request: Request, assignment_id: int) -> Response:
        params = validated_body(ExposureEndSerializer, request)
        shown = Shown(**params["shown"]) if params["shown"] else None
        worker, now = request_worker(request), timezone.now()
        return Response(
            _times(exposure_end(worker=worker, assignment_id=assignment_id, now=now, shown=shown))
        )


class SketchAnswerApi(WorkerApi):
    """Submit a sketch drawn from memory, or report that it can't be drawn."""

    @extend_schema(
        request=SketchAnswerSerializer, responses=ReceiptSerializer, operation_id="assignments_sketch"
    )
    def post(self, request: Request, assignment_id: int) -> Response:
        params = validated_body(SketchAnswerSerializer, request)
        if params.pop("cant"):
            params["sketch"] = None
        elif params["sketch"] is None:
            raise ValidationError({"sketch": "is needed, unless cant is true"})
        receipt = sketch_submit(
            worker=request_worker(request), assignment_id=assignment_id, now=timezone.now(), **params
        )
        return Response(receipt_payload(receipt.vote, receipt.assignment))


def _times(exposure: Exposure) -> dict[str, Any]:
    return {
        "started_at": exposure.started_at,
        "ended_at": exposure.ended_at,
        "delivered_ms": exposure.delivered_ms,
        "shown_ms": exposure.shown.ms if exposure.shown else None,
        "differs": exposure.differs,
        "exposure_s": exposure.assignment.enrolment.campaign.exposure_s,
        "signed": exposure.signed,
    }
