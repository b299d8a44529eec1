"""Quotas on donated sketches, on workers without votes, and on new identities in a campaign."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils.translation import gettext as _

from annotation.models import Sketch, Vote, Worker
from annotation.models.panels import INTERNAL
from webapp.observability.metrics import QUOTA_REFUSED
from webapp.stores.cache import counter_add
from webapp.stores.quotas import DAY_S, AddressQuotaError, Quota, Totals, address_key, until_tomorrow_s


def idle_workers() -> QuerySet[Worker]:
    """Return workers without account and votes, including those of panels, since anyone can send a participant ID."""
    voted = Vote.objects.filter(worker=OuterRef("pk"))
    return Worker.objects.filter(~Exists(voted), user=None).exclude(panel__in=INTERNAL)


def _gifts() -> Totals:
    gifts = Sketch.objects.filter(source=Sketch.Source.VISITOR)
    found = gifts.aggregate(rows=Count("pk"), n_bytes=Sum("n_bytes"))
    return Totals(found["rows"], found["n_bytes"] or 0)


def _workers() -> Totals:
    return Totals(idle_workers().count(), 0)


def identity_take(*, campaign_id: int, browser: str, address: str, now: datetime) -> None:
    """Count one more identity that nothing proves, by browser and by address, in a campaign and on a day.

    browser: a secret of the browser, empty if it sent none. Raises AddressQuotaError, which says when to retry.
    """
    for kind, who, most in (
        ("browser", browser, settings.IDENTITIES_PER_BROWSER),
        ("address", address, settings.IDENTITIES_PER_ADDRESS),
    ):
        if who and counter_add(address_key(f"identity-{kind}-{campaign_id}", who, now), 1, DAY_S) > most:
            QUOTA_REFUSED.labels("identities", kind).inc()
            raise AddressQuotaError(
                wait=until_tomorrow_s(now),
                detail=_(
                    "Too many new participants have started here today. Continue as the one who started, or ask the "
                    "study organiser for a personal link."
                ),
            )


GIFTS = Quota("given sketches", _gifts)
WORKERS = Quota("new workers", _workers)
