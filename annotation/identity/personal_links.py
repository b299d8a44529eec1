"""Personal links: an operator's signature that a panel's number may work in one campaign, in any browser, for a while.

A panel can't compute a signature: its own link carries a bare number, which resumes work only in the browser that
started it. Personal links are for participants who changed browsers or cleared cookies. They hold no worker's secret.
"""

from __future__ import annotations

from datetime import datetime

from django.core import signing
from rest_framework.exceptions import ValidationError

from annotation.services.workers.enrolment import PanelEntry

_SALT = "annotation.participant"


def participant_token(*, campaign_id: int, provider: str, worker: str, until: datetime) -> str:
    return signing.Signer(salt=_SALT).sign_object([campaign_id, provider, worker, int(until.timestamp())])


def participant_entry(token: str, *, campaign_id: int, now: datetime) -> PanelEntry:
    """Whom the link names. Raises ValidationError where it is forged, of another campaign, or expired."""
    try:
        found, provider, worker, until = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise ValidationError({"participant": "is not a link of this site; copy the whole link"}) from error
    if found != campaign_id:
        raise ValidationError({"participant": "is a link to another campaign"})
    if now.timestamp() >= until:
        raise ValidationError({"participant": "has expired; ask the study's organiser for a new link"})
    return PanelEntry(provider, worker, signed=True)
