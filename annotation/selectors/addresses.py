"""Addresses of campaigns' pages."""

from __future__ import annotations

from django.urls import reverse

from annotation.models import Campaign, Kind

PAGES = {Kind.TRIPLETS: "annotate", Kind.ATTRIBUTES: "attributes", Kind.SKETCHES: "collect"}


def work_url(campaign: Campaign) -> str:
    """The page on which workers work at a campaign."""
    return reverse(PAGES[Kind(campaign.kind)], args=[campaign.slug])
