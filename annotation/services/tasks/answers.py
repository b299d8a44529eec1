"""Which answers a gold or practice task may have."""

from __future__ import annotations

from typing import Any

from annotation.models import Campaign, Kind

CHOICES = ("a", "b", "cant_tell")
WHAT_FITS = "must be a, b, cant_tell, or attributes by slug"


def answer_fits(campaign: Campaign, answer: Any) -> bool:
    """Return whether an answer can be the right one in this campaign; memory drawings have none."""
    if campaign.kind == Kind.TRIPLETS:
        return answer in CHOICES
    if campaign.kind == Kind.ATTRIBUTES:
        slugs = {attribute["slug"] for attribute in campaign.ontology}
        return (
            isinstance(answer, dict)
            and bool(answer)
            and answer.keys() <= slugs
            and all(isinstance(value, bool) for value in answer.values())
        )
    return False
