"""What a worker has earned so far by the campaign's rules."""

from __future__ import annotations

from decimal import Decimal

from annotation.models import Enrolment
from annotation.selectors.standing import tasks_left
from annotation.settling.rules import early_pay


def early_pay_of(enrolment: Enrolment) -> Decimal | None:
    """Return what ending now would earn by the campaign's rule; None if it states none."""
    campaign, credited = enrolment.campaign, enrolment.n_credited
    required = campaign.required_answers
    by_work = (campaign.settings.get("partial_pay") or {}).get("kind") == "work"
    if by_work and not required:
        required = credited + tasks_left(enrolment).count()
    return early_pay(campaign.settings, credited=credited, required=required)
