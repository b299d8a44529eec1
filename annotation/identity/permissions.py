"""Permissions of workers, and the worker whom a permission found."""

from __future__ import annotations

from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from annotation.errors import NoWorkerError
from annotation.identity.tokens import signed_worker, worker_of
from annotation.models import Worker


class IsWorker(BasePermission):
    """Workers alone; the view reads `request.worker`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        worker = worker_of(request)
        if worker is None:
            raise NoWorkerError
        cast(Any, request).worker = worker
        return True


class BearsToken(BasePermission):
    """The same by a valid token alone: whether it has ended since is left to the row that the view reads by the worker.

    `assignment_locked` and `enrolment_of` look for the token's number and key: one question less for the database.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if found := signed_worker(request):
            cast(Any, request).worker = Worker.from_db(DEFAULT_DB_ALIAS, ["id", "key"], found)
            return True
        return IsWorker().has_permission(request, view)


def the_worker(request: Request) -> Worker:
    """The worker whom `IsWorker` or `BearsToken` found."""
    return cast(Worker, cast(Any, request).worker)
