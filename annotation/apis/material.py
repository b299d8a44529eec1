"""Own material for studies: sets of sketches and private photos, for operators."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import validated_body
from annotation.identity.tokens import user_of
from annotation.models import Sketch, StudyPhoto, StudySet
from annotation.selectors.material import study_sets
from annotation.serializers import material as s
from annotation.services.material.imports import material_import_create
from annotation.services.material.sets import study_set_create, study_set_delete
from annotation.services.material.waking import material_import_wake
from webapp.accounts.authentication import IsOperator
from webapp.accounts.operators import OperatorApi
from webapp.http.api.pagination import NewestIdPagination, SignedCursorPagination
from webapp.http.api.parsers import BoundedMultiPartParser


class StudySetListApi(ListAPIView[StudySet]):
    """List study sets, newest first, or create an empty one."""

    permission_classes = [IsOperator]
    serializer_class = s.StudySetSerializer
    pagination_class = NewestIdPagination
    queryset = StudySet.objects.none()

    def get_queryset(self) -> Any:
        return study_sets()

    @extend_schema(operation_id="study_sets_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=s.StudySetSerializer, responses={201: s.StudySetSerializer}, operation_id="study_sets_create"
    )
    def post(self, request: Request) -> Response:
        params = validated_body(s.StudySetSerializer, request)
        made = study_set_create(by=user_of(request), **params)
        row = study_sets().get(pk=made.pk)
        return Response(s.StudySetSerializer(row).data, status=status.HTTP_201_CREATED)


class StudySetApi(OperatorApi):
    """Retrieve a set with its latest imports, or delete it if no campaign uses it."""

    @extend_schema(responses=s.StudySetDetailSerializer, operation_id="study_sets_retrieve")
    def get(self, request: Request, set_id: int) -> Response:
        return Response(s.StudySetDetailSerializer(get_object_or_404(study_sets(), pk=set_id)).data)

    @extend_schema(request=None, responses={204: None}, operation_id="study_sets_delete")
    def delete(self, request: Request, set_id: int) -> Response:
        study_set_delete(study_set=get_object_or_404(StudySet, pk=set_id), by=user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MaterialImportApi(OperatorApi):
    """Upload a zip of sketches or photos. A worker adds all of it to the set, or nothing and says why."""

    parser_classes = [BoundedMultiPartParser]

    @extend_schema(
        request=s.MaterialUploadSerializer,
        responses={202: s.MaterialImportSerializer},
        operation_id="study_sets_import",
    )
    def post(self, request: Request, set_id: int) -> Response:
        params = validated_body(s.MaterialUploadSerializer, request)
        if params["file"].size > settings.FEED_MAX_BYTES:
            most = settings.FEED_MAX_BYTES
            raise ValidationError({"file": f"{params['file'].size} bytes, at most {most}"})
        study_set = get_object_or_404(StudySet, pk=set_id)
        row = material_import_create(study_set=study_set, by=user_of(request), **params)
        material_import_wake(row.pk)
        return Response(s.MaterialImportSerializer(row).data, status=status.HTTP_202_ACCEPTED)


class OwnSketchListApi(ListAPIView[Sketch]):
    """List the sketches of a set by id."""

    permission_classes = [IsOperator]
    serializer_class = s.OwnSketchSerializer
    pagination_class = SignedCursorPagination
    queryset = Sketch.objects.none()

    def get_queryset(self) -> Any:
        study_set = get_object_or_404(StudySet, pk=self.kwargs["set_id"])
        return (
            Sketch.objects.filter(study_set=study_set).select_related("product__study_photo").defer("strokes")
        )

    @extend_schema(operation_id="study_sets_sketches")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OwnPhotoListApi(ListAPIView[StudyPhoto]):
    """List the private photos of a set by id."""

    permission_classes = [IsOperator]
    serializer_class = s.OwnPhotoSerializer
    pagination_class = SignedCursorPagination
    queryset = StudyPhoto.objects.none()

    def get_queryset(self) -> Any:
        study_set = get_object_or_404(StudySet, pk=self.kwargs["set_id"])
        rows = StudyPhoto.objects.filter(study_set=study_set).select_related("product")
        return rows.prefetch_related("product__photos")

    @extend_schema(operation_id="study_sets_photos")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
