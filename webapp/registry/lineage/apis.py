"""REST API of model versions and lineage, for operators."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.models import Vote
from webapp.accounts.authentication import IsOperator
from webapp.accounts.models import User
from webapp.accounts.operators import OperatorApi
from webapp.http.api.schema import ProblemSerializer
from webapp.http.problems import CONTENT_TYPE, ConflictError
from webapp.registry.lineage import serializers as s
from webapp.registry.lineage.selectors import release_lineage, vote_lineage
from webapp.registry.models import ModelVersion, Release
from webapp.registry.pagination import RegistryPagination
from webapp.registry.releases.services import ReleaseConflictError
from webapp.registry.runs.chain import model_index_request

_CONFLICT = {(409, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, "the model was not trained here")}


class ModelListApi(ListAPIView[ModelVersion]):
    """Model versions, newest first."""

    permission_classes = [IsOperator]
    serializer_class = s.ModelSerializer
    pagination_class = RegistryPagination
    queryset = ModelVersion.objects.select_related("created_by").order_by("-pk")


class ModelApi(RetrieveAPIView[ModelVersion]):
    """One model version with its card, indexes, releases and pictures."""

    permission_classes = [IsOperator]
    serializer_class = s.ModelDetailSerializer
    queryset = ModelVersion.objects.select_related("created_by", "training_run").prefetch_related(
        "index_builds"
    )
    lookup_url_kwarg = "model_id"


class ModelIndexApi(OperatorApi):
    """Build a trained model's index again, such as after a failure; its release and gate follow."""

    @extend_schema(
        request=None, responses={202: s.IndexBuildSerializer, **_CONFLICT}, operation_id="models_index"
    )
    def post(self, request: Request, model_id: int) -> Response:
        models = ModelVersion.objects.select_related("training_run")
        assert isinstance(request.user, User)
        try:
            build = model_index_request(model=get_object_or_404(models, pk=model_id), by=request.user)
        except ReleaseConflictError as error:
            raise ConflictError(str(error)) from error
        return Response(s.IndexBuildSerializer(build).data, status=status.HTTP_202_ACCEPTED)


class ReleaseLineageApi(OperatorApi):
    """Trace a release back to the campaigns whose votes it was trained on."""

    @extend_schema(responses=s.ReleaseLineageSerializer, operation_id="releases_lineage")
    def get(self, request: Request, release_id: int) -> Response:
        releases = Release.objects.select_related("index_build__model__training_run__snapshot")
        lineage = release_lineage(get_object_or_404(releases, pk=release_id))
        return Response(s.ReleaseLineageSerializer(lineage).data)


class VoteLineageApi(OperatorApi):
    """Trace a vote forward to the answers that it helped to rank."""

    @extend_schema(responses=s.VoteLineageSerializer, operation_id="votes_lineage")
    def get(self, request: Request, vote_id: int) -> Response:
        lineage = vote_lineage(get_object_or_404(Vote.objects.select_related("task__campaign"), pk=vote_id))
        return Response(s.VoteLineageSerializer(lineage).data)
