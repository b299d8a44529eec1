"""A campaign's tasks, for operators: listing, creating, importing, marking as gold or practice, deleting, estimating."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.apis.work import validated_body
from annotation.identity.tokens import user_of
from annotation.models import Campaign, StudySet, Task
from annotation.selectors.money.estimate import estimate_of
from annotation.selectors.tasks import task_pictures, tasks_chosen
from annotation.serializers import task_requests as r
from annotation.serializers import tasks as s
from annotation.services.tasks.deletion import tasks_delete
from annotation.services.tasks.own_triplets import own_triplets_import
from annotation.services.tasks.planning import tasks_counted, tasks_planned
from annotation.services.tasks.roles import task_role_set
from webapp.accounts.authentication import IsOperator
from webapp.accounts.operators import OperatorApi
from webapp.http.api.pagination import SignedCursorPagination
from webapp.http.api.parsers import BoundedMultiPartParser
from webapp.http.problems import ConflictError


class TaskListApi(ListAPIView[Task]):
    """List a campaign's tasks, or create some: one by one, from candidates, or for the products of a category."""

    permission_classes = [IsOperator]
    serializer_class = s.TaskRowSerializer
    pagination_class = SignedCursorPagination
    queryset = Task.objects.none()

    def get_queryset(self) -> Any:
        params = s.TaskFilterSerializer(data=self.request.query_params)
        params.is_valid(raise_exception=True)
        campaign = get_object_or_404(Campaign, pk=self.kwargs["campaign_id"])
        return tasks_chosen(campaign, **params.validated_data)

    @extend_schema(parameters=[s.TaskFilterSerializer], operation_id="campaigns_tasks_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = list(self.paginate_queryset(self.get_queryset()) or [])
        shown = zip(page, task_pictures(page), strict=True)
        return self.get_paginated_response(
            [{**r.TaskSerializer(task).data, **pictures} for task, pictures in shown]
        )

    @extend_schema(
        request=r.NewTasksSerializer,
        responses={201: r.TasksAddedSerializer},
        operation_id="campaigns_tasks_create",
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        added = tasks_planned(
            campaign=campaign, by=user_of(request), **validated_body(r.NewTasksSerializer, request)
        )
        return Response(asdict(added), status=status.HTTP_201_CREATED)


class TaskApi(OperatorApi):
    """Delete a task without votes, or change its role. A settled task is copied: the copy is returned."""

    @extend_schema(request=s.TaskRoleSerializer, responses=s.TaskRowSerializer, operation_id="tasks_role")
    def put(self, request: Request, task_id: int) -> Response:
        params = validated_body(s.TaskRoleSerializer, request)
        task = task_role_set(task=get_object_or_404(Task, pk=task_id), by=user_of(request), **params)
        return Response({**r.TaskSerializer(task).data, **task_pictures([task])[0]})

    @extend_schema(request=None, responses={204: None}, operation_id="tasks_delete")
    def delete(self, request: Request, task_id: int) -> Response:
        task = get_object_or_404(Task.objects.select_related("campaign"), pk=task_id)
        if tasks_delete(campaign=task.campaign, ids=[task.pk], by=user_of(request)).kept:
            raise ConflictError("The task has votes, which are never deleted, or a worker holds it.")
        return Response(status=status.HTTP_204_NO_CONTENT)


class TasksDeleteApi(OperatorApi):
    """Delete those of the given tasks that have no votes and that no worker holds."""

    @extend_schema(
        request=s.TasksDeleteSerializer,
        responses=s.TasksDeletedSerializer,
        operation_id="campaigns_tasks_delete",
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        params = validated_body(s.TasksDeleteSerializer, request)
        return Response(asdict(tasks_delete(campaign=campaign, ids=params["tasks"], by=user_of(request))))


class OwnTripletsApi(OperatorApi):
    """Add triplets from a file, by own ids: all of them, or none if a row is wrong."""

    parser_classes = [BoundedMultiPartParser]

    @extend_schema(
        request=s.OwnTripletsSerializer,
        responses={201: r.TasksAddedSerializer},
        operation_id="campaigns_triplets_import",
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        params = validated_body(s.OwnTripletsSerializer, request)
        study_set = StudySet.objects.filter(pk=params["study_set"]).first() if params["study_set"] else None
        if params["study_set"] and study_set is None:
            raise ValidationError({"study_set": "does not exist"})
        made = own_triplets_import(
            campaign=campaign,
            file=params["file"],
            name=params["file"].name,
            study_set=study_set,
            shuffle=params["shuffle"],
            by=user_of(request),
        )
        return Response(asdict(made), status=status.HTTP_201_CREATED)


class EstimateApi(OperatorApi):
    """Estimate what a campaign takes with its tasks and those that would be added. Nothing is created."""

    @extend_schema(
        request=s.EstimateRequestSerializer, responses=s.EstimateSerializer, operation_id="campaigns_estimate"
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        params = validated_body(s.EstimateRequestSerializer, request)
        pilot = Campaign.objects.filter(pk=params["pilot"]).first()
        if params["pilot"] and not pilot:
            raise ValidationError({"pilot": "there is no such campaign"})
        planned = tasks_counted(
            campaign,
            n_tasks=params["n_tasks"],
            candidates=params.get("candidates"),
            shelf=params.get("shelf"),
        )
        estimate = estimate_of(
            campaign,
            planned=planned,
            pilot=pilot,
            alpha=params["alpha"],
            effect=params["effect"],
        )
        return Response(estimate)
