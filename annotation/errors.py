"""Errors of annotation, each with its HTTP status; `problem_handler` renders them as problem+json."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status


class ConflictError(exceptions.APIException):
    """The request is valid, but conflicts with the current state."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class InUseElsewhereError(ConflictError):
    """A participant ID is in use in another browser, and the ID alone does not prove who is asking."""

    default_detail = _(
        "This participant ID is already in use in another browser. Continue there, or ask the study organiser "
        "for a personal link."
    )


class NotEnrolledError(exceptions.PermissionDenied):
    default_detail = "You have not joined this campaign. Join it first."


class BlockedError(exceptions.PermissionDenied):
    default_detail = "You cannot continue in this campaign."


class NoWorkerError(exceptions.NotAuthenticated):
    default_detail = "Join the campaign first: the worker token is missing or no longer valid."
