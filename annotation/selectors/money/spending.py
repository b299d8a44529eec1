"""What a campaign has spent and promised, and whether that reaches the operator's cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from django.db.models import Count, Q, Sum

from annotation.models import Assignment, Campaign, Ending, Enrolment
from annotation.models.panels import INTERNAL

AT_WORK = timedelta(days=1)  # whoever has not been seen for longer is not expected to finish


@dataclass(frozen=True, slots=True)
class Spending:
    """Amounts in the campaign's currency. None: no pay is stated (`spent`, `promised`), or no cap is set.

    spent: earned by endings, or by answers where these are paid one by one. promised: to those who are at work, if they
    finish, or for tasks that are handed out. by_person: whether participants are paid for finishing.
    """

    cap: float | None
    spent: float | None
    promised: float | None
    by_person: bool = False
    price: float = 0.0

    @property
    def reached(self) -> bool:
        """Whether one more person, or answer, would exceed the cap."""
        if self.cap is None or self.spent is None or self.promised is None:
            return False
        return self.spent + self.promised + self.price > self.cap + 1e-9


def spending_of(campaign: Campaign, *, now: datetime) -> Spending:
    """Return what a campaign has cost so far. Simulated, replayed and imported answers cost nothing."""
    cap = cap_of(campaign)
    reward, per_answer = campaign.settings.get("reward"), campaign.settings.get("cost_per_answer")
    people = Enrolment.objects.filter(campaign=campaign).exclude(worker__panel__in=INTERNAL)
    if reward:
        at_work = Q(ending="", n_served__gt=0, blocked=False, qualified=True, last_seen_at__gt=now - AT_WORK)
        sums = people.aggregate(paid=Sum("pay"), n_at_work=Count("pk", filter=at_work))
        return Spending(
            cap, float(sums["paid"] or 0), float(reward) * sums["n_at_work"], by_person=True, price=reward
        )
    if per_answer:
        n_answers = people.aggregate(n=Sum("n_answers"))["n"] or 0
        held = Assignment.objects.filter(enrolment__campaign=campaign, status=Assignment.Status.LEASED)
        n_held = held.exclude(worker__panel__in=INTERNAL).count()
        return Spending(cap, per_answer * n_answers, per_answer * n_held, price=per_answer)
    return Spending(cap, None, None)


def cap_of(campaign: Campaign) -> float | None:
    """Return the spending cap; None if there is none. A cap of 0 is one: nothing may be spent."""
    cap = campaign.settings.get("spending_cap")
    return None if cap is None else float(cap)


def spending_room(enrolment: Enrolment, *, now: datetime) -> float:
    """Return how many more tasks the cap lets a worker have; infinity if it does not matter."""
    campaign = enrolment.campaign
    if cap_of(campaign) is None:
        return inf
    spending = spending_of(campaign, now=now)
    if spending.by_person:
        return 0 if spending.reached and not _is_promised(enrolment, now) else inf
    if spending.cap is None or spending.spent is None or spending.promised is None or not spending.price:
        return inf
    return max(0, (spending.cap - spending.spent - spending.promised + 1e-9) // spending.price)


def spending_stops(enrolment: Enrolment, *, now: datetime) -> bool:
    """Return whether the cap keeps new tasks from a worker.

    Where finishing is paid, whoever has begun within a day may finish: their pay is part of what is promised.
    """
    return spending_room(enrolment, now=now) < 1


def _is_promised(enrolment: Enrolment, now: datetime) -> bool:
    """Return whether a worker's pay is part of what is promised, or already of what is spent."""
    seen = enrolment.last_seen_at
    at_work = not enrolment.ending and enrolment.n_served > 0 and seen is not None and now - seen < AT_WORK
    return at_work or enrolment.ending == Ending.FINISHED
