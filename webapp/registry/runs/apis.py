"""REST API of runs, for operators: request, watch, compare and end them; and the queue with its workers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponseBase
from django.http.response import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.authentication import IsOperator
from webapp.accounts.models import User
from webapp.accounts.operators import OperatorApi
from webapp.http.api.schema import ProblemSerializer
from webapp.http.problems import CONTENT_TYPE, ConflictError
from webapp.registry.ml_gateway import training_options
from webapp.registry.models import DatasetSnapshot, ModelVersion, TrainingRun
from webapp.registry.pagination import RegistryPagination
from webapp.registry.runs import selectors
from webapp.registry.runs import serializers as s
from webapp.registry.runs.offers import is_empty, unavailable_profiles
from webapp.registry.runs.services import RunConflictError, run_cancel, run_request, run_resume
from webapp.registry.runs.timings import timings
from webapp.registry.wake import training_wake
from webapp.stores import artifacts

_CONFLICT = {(409, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, "the run is in another state")}
_CHOICES = 200  # the newest snapshots and models that the form offers


class RunListApi(ListAPIView[TrainingRun]):
    """Runs, newest first. POST requests a new one."""

    permission_classes = [IsOperator]
    serializer_class = s.RunSerializer
    pagination_class = RegistryPagination
    queryset = TrainingRun.objects.none()

    def get_queryset(self) -> Any:
        return selectors.runs_listed(**_query_params(s.RunFilterSerializer, self.request))

    @extend_schema(parameters=[s.RunFilterSerializer], operation_id="runs_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=s.RunRequestSerializer, responses={201: s.RunSerializer}, operation_id="runs_create"
    )
    def post(self, request: Request) -> Response:
        serializer = s.RunRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        run = run_request(by=request.user, **serializer.validated_data)
        training_wake()
        return Response(s.RunSerializer(run).data, status=status.HTTP_201_CREATED)


class RunApi(OperatorApi):
    """One run with its settings, models and pictures."""

    @extend_schema(responses=s.RunDetailSerializer, operation_id="runs_retrieve")
    def get(self, request: Request, run_id: int) -> Response:
        return Response(s.RunDetailSerializer(get_object_or_404(selectors.runs_detailed(), pk=run_id)).data)


class RunMetricsApi(OperatorApi):
    """The curves of a run, downsampled; `/ws/runs/{id}/` sends newer values."""

    @extend_schema(
        parameters=[s.MetricsRequestSerializer], responses=s.MetricsSerializer, operation_id="runs_metrics"
    )
    def get(self, request: Request, run_id: int) -> Response:
        params = _query_params(s.MetricsRequestSerializer, request)
        run = get_object_or_404(TrainingRun, pk=run_id)
        if params["after"] is not None:
            last_id, series = selectors.series_after(run, after=params["after"])
        else:
            last_id, series = selectors.series_of(run, points=params["points"])
        return Response({"last_id": last_id, "series": series})


class RunLogApi(OperatorApi):
    """The log of a run, up to 2000 lines at once."""

    @extend_schema(parameters=[s.LogRequestSerializer], responses=s.LogSerializer, operation_id="runs_log")
    def get(self, request: Request, run_id: int) -> Response:
        run = get_object_or_404(TrainingRun, pk=run_id)
        return Response(
            {"lines": selectors.log_after(run.pk, **_query_params(s.LogRequestSerializer, request))}
        )


class RunPictureApi(OperatorApi):
    """One picture of a run."""

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY}, operation_id="runs_picture")
    def get(self, request: Request, run_id: int, name: str) -> HttpResponseBase:
        run = get_object_or_404(TrainingRun, pk=run_id)
        if name not in {picture["name"] for picture in run.pictures}:
            raise Http404
        try:
            file = artifacts.storage().open(f"{run.pictures_folder}/{name}")
        except FileNotFoundError:
            raise Http404 from None
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}
        return FileResponse(file, content_type="image/png", headers=headers)


class RunCancelApi(OperatorApi):
    """End a run: a waiting one at once, a running one within ten seconds, after saving a checkpoint."""

    @extend_schema(request=None, responses={202: s.RunSerializer, **_CONFLICT}, operation_id="runs_cancel")
    def post(self, request: Request, run_id: int) -> Response:
        try:
            run = run_cancel(run=get_object_or_404(TrainingRun, pk=run_id))
        except RunConflictError as error:
            raise ConflictError(str(error)) from error
        return Response(s.RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


class RunResumeApi(OperatorApi):
    """Queue a failed or cancelled run again; it resumes from its last checkpoint."""

    @extend_schema(request=None, responses={202: s.RunSerializer, **_CONFLICT}, operation_id="runs_resume")
    def post(self, request: Request, run_id: int) -> Response:
        try:
            run = run_resume(run=get_object_or_404(TrainingRun, pk=run_id))
        except RunConflictError as error:
            raise ConflictError(str(error)) from error
        training_wake()
        return Response(s.RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


class RunOptionsApi(OperatorApi):
    """The options for a run: systems with their settings, registered datasets that are not empty, base models.

    With the profiles that no machine here can train, and how long earlier runs took.
    """

    @extend_schema(responses=s.OptionsSerializer, operation_id="runs_options")
    def get(self, request: Request) -> Response:
        newest = DatasetSnapshot.objects.order_by("-pk")[:_CHOICES]
        snapshots = [snapshot for snapshot in newest if not is_empty(snapshot)]
        models = ModelVersion.objects.order_by("-pk")[:_CHOICES]
        return Response(
            {
                "systems": training_options(),
                "unavailable_profiles": unavailable_profiles(),
                "timings": timings(),
                "snapshots": s.SnapshotNameSerializer(snapshots, many=True).data,
                "models": s.ModelNameSerializer(models, many=True).data,
            }
        )


class RunCompareApi(OperatorApi):
    """Up to eight runs side by side: their differences, curves and figures."""

    @extend_schema(
        parameters=[s.CompareRequestSerializer], responses=s.CompareSerializer, operation_id="runs_compare"
    )
    def get(self, request: Request) -> Response:
        params = _query_params(s.CompareRequestSerializer, request)
        ids = list(dict.fromkeys(int(one) for one in params["ids"].split(",")))
        found = selectors.runs_detailed().in_bulk(ids)
        for one in ids:
            if one not in found:
                raise serializers.ValidationError({"ids": f"run {one} does not exist"})
        runs = [found[one] for one in ids]
        return Response(
            {
                "runs": s.RunDetailSerializer(runs, many=True).data,
                "differing": selectors.differences(runs),
                "series": {str(run.pk): selectors.series_of(run, points=params["points"])[1] for run in runs},
            }
        )


class QueueApi(OperatorApi):
    """The length of each queue, and the workers."""

    @extend_schema(responses=s.QueueStateSerializer, operation_id="queue_retrieve")
    def get(self, request: Request) -> Response:
        return Response(selectors.queue_state())


def _query_params(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return the validated parameters of a query."""
    validated = serializer(data=request.query_params.dict())
    validated.is_valid(raise_exception=True)
    params: dict[str, Any] = validated.validated_data
    return params
