"""What may go wrong with work, each with its HTTP answer; `problem_handler` writes it as problem+json."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status


class ConflictError(exceptions.APIException):
    """The state of things forbids it, however the request is put."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class ElsewhereError(ConflictError):
    """A participant's number is at work in another browser, and a bare number is no proof of who comes."""

    default_detail = _(
        "This participant ID is already in use in another browser. Continue there, or ask the study organiser "
        "for a personal link."
    )


class NotEnrolledError(exceptions.PermissionDenied):
    default_detail = "You have not joined this campaign; join it first."


class BlockedError(exceptions.PermissionDenied):
    default_detail = "You cannot go on in this campaign."


class NoWorkerError(exceptions.NotAuthenticated):
    default_detail = "Join the campaign first: the worker's token is missing or no longer valid."
