"""Personal links: signed permission for a participant to work in one campaign from any browser until an expiry date.

A panel cannot sign links: its own link carries only the participant ID, which resumes work only in the browser
that started it. Personal links are for participants who changed browsers or cleared their cookies. They contain no
secret of the worker.
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
    """Return the participant named by the link. Raises ValidationError if forged, expired or for another campaign."""
    try:
        found, provider, worker, until = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise ValidationError({"participant": "is not a link of this site; copy the whole link"}) from error
    if found != campaign_id:
        raise ValidationError({"participant": "is a link to another campaign"})
    if now.timestamp() >= until:
        raise ValidationError({"participant": "has expired; ask the study's organiser for a new link"})
    return PanelEntry(provider, worker, signed=True)
