"""URLs of campaign pages."""

from __future__ import annotations

from django.urls import reverse

from annotation.models import Campaign, Kind

PAGES = {Kind.TRIPLETS: "annotate", Kind.ATTRIBUTES: "attributes", Kind.SKETCHES: "collect"}


def work_url(campaign: Campaign) -> str:
    """Return the URL of the page on which workers answer a campaign's tasks."""
    return reverse(PAGES[Kind(campaign.kind)], args=[campaign.slug])
