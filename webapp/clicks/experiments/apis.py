"""REST API of experiments, for operators."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.models import User
from webapp.accounts.operators import OperatorApi
from webapp.clicks.experiments import serializers as s
from webapp.clicks.experiments.services import experiment_end, experiment_start
from webapp.clicks.models import Experiment
from webapp.clicks.recording.policy import recording
from webapp.http.api.schema import ProblemSerializer
from webapp.http.problems import CONTENT_TYPE

MAX_LISTED = 20
_CONFLICT = {
    (409, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, "an experiment is running, or nothing is live")
}


class ExperimentListApi(OperatorApi):
    """The newest experiments, or a new one."""

    @extend_schema(responses=s.ExperimentsSerializer, operation_id="experiments_retrieve")
    def get(self, request: Request) -> Response:
        rows = Experiment.objects.order_by("-pk")[:MAX_LISTED]
        return Response(s.ExperimentsSerializer({"recording": recording()["mode"], "results": rows}).data)

    @extend_schema(
        request=s.ExperimentRequestSerializer,
        responses={201: s.ExperimentSerializer, **_CONFLICT},
        operation_id="experiments_start",
    )
    def post(self, request: Request) -> Response:
        serializer = s.ExperimentRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        experiment = experiment_start(by=request.user, **serializer.validated_data)
        return Response(s.ExperimentSerializer(experiment).data, status=status.HTTP_201_CREATED)


class ExperimentEndApi(OperatorApi):
    """End an experiment."""

    @extend_schema(request=None, responses=s.ExperimentSerializer, operation_id="experiments_end")
    def post(self, request: Request, experiment_id: int) -> Response:
        experiment = get_object_or_404(Experiment, pk=experiment_id)
        experiment_end(experiment=experiment)
        experiment.refresh_from_db()
        return Response(s.ExperimentSerializer(experiment).data)
