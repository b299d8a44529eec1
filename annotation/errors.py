"""Errors of annotation, each with its HTTP status; `problem_handler` renders them as problem+json."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from ml.errors import SketchfindError
from webapp.http.problems import ConflictError


class InUseElsewhereError(ConflictError):
    """A participant ID is in use in another browser, and the ID alone does not prove who is asking."""

    default_detail = _(
        "This participant ID is already in use in another browser. Continue there, or ask the study organiser "
        "for a personal link."
    )


class NothingToFreezeError(SketchfindError):
    """A snapshot of these answers would have nothing to train on."""


class NotInvitedError(exceptions.PermissionDenied):
    default_detail = _("Only invited people can take part. Open the campaign by your personal link.")
    panel_detail = _("Only participants of a panel can take part. Open the campaign from the panel’s page.")


class TookPartError(exceptions.PermissionDenied):
    default_detail = _(
        "You have already taken part in an earlier study that belongs to this one, and this study is only for people "
        "who have not. Your earlier participation is not affected. If a panel sent you here, please return the study "
        "there."
    )
    erased_detail = _(
        "You have already taken part in this study, and your data have been erased since. Your answers are kept without "
        "your name, so you cannot take part again. If a panel sent you here, please return the study there."
    )


class NotEnrolledError(exceptions.PermissionDenied):
    default_detail = "You have not joined this campaign. Join it first."


class BlockedError(exceptions.PermissionDenied):
    def __init__(self, reason: str) -> None:
        super().__init__(f"You cannot continue in this campaign: {reason}")


class NoWorkerError(exceptions.NotAuthenticated):
    default_detail = "Join the campaign first: the worker token is missing or no longer valid."
