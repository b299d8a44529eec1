"""Writing a campaign's consent text, contact and privacy notice. Each change is a new version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from annotation.models import Campaign, ConsentVersion
from annotation.services.audit import audit
from webapp.accounts.models import User


def consent_current(campaign_id: int) -> ConsentVersion | None:
    """Return what participants agree to when they join now; None: the site's own sentence."""
    return ConsentVersion.objects.filter(campaign=campaign_id).order_by("-number").first()


@transaction.atomic
def consent_write(
    *,
    campaign: Campaign,
    text: str,
    contact: str,
    privacy: str,
    translations: Mapping[str, Any],
    by: User | None,
) -> ConsentVersion:
    """Return the campaign's current version, a new one if anything differs."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    last = consent_current(campaign.pk)
    texts = {"text": text, "contact": contact, "privacy": privacy, "translations": dict(translations)}
    if last and all(getattr(last, name) == value for name, value in texts.items()):
        return last
    number = last.number + 1 if last else 1
    made = ConsentVersion.objects.create(campaign=campaign, number=number, created_by=by, **texts)
    audit("consent.write", by=by, campaign=campaign, version=number)
    return made
