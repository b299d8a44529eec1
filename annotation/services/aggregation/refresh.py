"""Refresh everything that is computed from a campaign's votes, for the periodic jobs."""

from __future__ import annotations

from datetime import datetime

from annotation.models import Campaign, Kind
from annotation.services.aggregation.consensus import Recomputed, consensus_recompute
from annotation.services.workers.reports import worker_reports_refresh, worker_rules_apply


def aggregation_refresh(*, campaign: Campaign, now: datetime) -> Recomputed:
    """Refresh the consensus, then the worker reports; apply the rules if `settings["rules_act"]` is true."""
    recomputed = consensus_recompute(campaign=campaign, now=now)
    if campaign.kind == Kind.TRIPLETS:
        worker_reports_refresh(campaign=campaign, now=now)
        if campaign.settings.get("rules_act"):
            worker_rules_apply(campaign=campaign, now=now)
    return recomputed
