"""Everything that is computed of a campaign's votes, brought up to date: what the nightly and hourly jobs call."""

from __future__ import annotations

from datetime import datetime

from annotation.models import Campaign, Kind
from annotation.services.aggregation.consensus import Recomputed, consensus_recompute
from annotation.services.workers.reports import rules_apply, worker_reports_refresh


def truth_refresh(*, campaign: Campaign, now: datetime) -> Recomputed:
    """Consensus, then workers' reports; rules act where `settings["rules_act"]` is true."""
    recomputed = consensus_recompute(campaign=campaign, now=now)
    if campaign.kind == Kind.TRIPLETS:
        worker_reports_refresh(campaign=campaign, now=now)
        if campaign.settings.get("rules_act"):
            rules_apply(campaign=campaign, now=now)
    return recomputed
