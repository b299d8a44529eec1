"""Permissions for workers, and access to the worker that a permission found."""

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
    """Allow workers only; sets `request.worker`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        worker = worker_of(request)
        if worker is None:
            raise NoWorkerError
        cast(Any, request).worker = worker
        return True


class HasWorkerToken(BasePermission):
    """Like `IsWorker`, but trust a validly signed token without a query.

    The view must look up its rows by the token's id and key, as `assignment_locked` and `enrolment_of` do: a token
    revoked since then finds none. This saves one query per request.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if found := signed_worker(request):
            cast(Any, request).worker = Worker.from_db(DEFAULT_DB_ALIAS, ["id", "key"], found)
            return True
        return IsWorker().has_permission(request, view)


def request_worker(request: Request) -> Worker:
    """Return the worker that `IsWorker` or `HasWorkerToken` found."""
    return cast(Worker, cast(Any, request).worker)
