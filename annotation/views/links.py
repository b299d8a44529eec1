"""What a campaign page's link says about the visitor: their panel, and whether they can join by it."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from annotation.errors import NotInvitedError
from annotation.identity import tokens
from annotation.models import Access, Campaign
from annotation.serializers.work import PanelSerializer
from annotation.services.workers.endings import PANEL_PAGES

# By panel: the parameters of its links for worker, study and session.
PANEL_PARAMETERS = {
    "PROLIFIC": ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID"),
    "MTURK": ("workerId", "hitId", "assignmentId"),
}


def panel_of(request: HttpRequest) -> str:
    """Return the panel that sent the visitor; empty without one."""
    return next((name for name, (worker, *_) in PANEL_PARAMETERS.items() if worker in request.GET), "")


def panel_page(request: HttpRequest) -> str:
    """Return the page of the panel that sent the visitor; empty without one."""
    return PANEL_PAGES.get(panel_of(request), "")


def link_refusal(request: HttpRequest, campaign: Campaign) -> str:
    """Return why the visitor cannot join by this link, as `JoinApi` would; empty if they can.

    The page knows better for a personal link, whose token the server does not see.
    """
    if campaign.access == Access.INVITE:
        return str(NotInvitedError.default_detail)
    panel = panel_of(request)
    if panel and not _has_ids(request, panel):
        return (
            str(NotInvitedError.panel_detail)
            if campaign.access == Access.PANEL
            else _("The link lacks your participant ID. Open the study from the panel’s page.")
        )
    if campaign.access == Access.PANEL and not panel and not _is_known(request):
        return str(NotInvitedError.panel_detail)
    return ""


def _has_ids(request: HttpRequest, panel: str) -> bool:
    ids = {
        field: request.GET.get(parameter, "")
        for field, parameter in zip(("worker", "study", "session"), PANEL_PARAMETERS[panel], strict=True)
    }
    try:
        PanelSerializer().run_validation({"provider": panel, **ids})
    except ValidationError:
        return False
    return True


def _is_known(request: HttpRequest) -> bool:
    """Return whether this browser's worker came from a panel before, which needs no link."""
    asked = cast(Request, request)
    worker = None if tokens.user_of(asked) else tokens.worker_of(asked)
    return bool(worker and worker.panel)
