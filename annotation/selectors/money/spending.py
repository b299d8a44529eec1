"""What a campaign has spent and promised, bonuses included, and when that reaches the operator's cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, ExpressionWrapper, F, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Least

from annotation.models import Assignment, Campaign, Ending, Enrolment
from annotation.models.panels import INTERNAL
from annotation.selectors.money.terms import PayTerms, terms_of

AT_WORK = timedelta(days=1)  # whoever has not been seen for longer is not expected to finish
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Spending:
    """Amounts in the campaign's currency. None: no pay is stated (`spent`, `promised`), or no cap is set.

    spent: decided or, before that, earned by endings, or by answers where these are paid one by one. promised: to those
    who are at work, if they finish, or for tasks that are handed out; and the largest possible bonus of everyone who is
    paid and not settled yet. price: of one more person or, where answers are paid one by one, one more answer.
    """

    cap: float | None
    spent: float | None
    promised: float | None
    price: float = 0.0

    @property
    def committed(self) -> float:
        return (self.spent or 0.0) + (self.promised or 0.0)

    @property
    def reached(self) -> bool:
        """Whether one more person, or answer, would exceed the cap."""
        return not self.affords(self.price)

    def affords(self, cost: float) -> bool:
        """Return whether the cap leaves room for `cost`. The only place where a cap is compared."""
        if self.cap is None or self.spent is None or self.promised is None:
            return True
        return self.committed + cost <= self.cap + _TOLERANCE


def spending_of(campaign: Campaign, *, now: datetime) -> Spending:
    """Return what a campaign has cost so far. Simulated, replayed and imported answers cost nothing."""
    return _spending(campaign, terms_of(campaign), now)


def _spending(campaign: Campaign, terms: PayTerms, now: datetime) -> Spending:
    cap = cap_of(campaign)
    if not terms.is_stated:
        return Spending(cap, None, None)
    people = Enrolment.objects.filter(campaign=campaign).exclude(worker__panel__in=INTERNAL)
    undecided = Q(decision=None)
    at_work = Q(ending="", n_served__gt=0, blocked=False, qualified=True, last_seen_at__gt=now - AT_WORK)
    by_work = Q(n_served__gt=0, blocked=False, qualified=True) if terms.per_answer else at_work
    sums = people.aggregate(
        paid=Sum("pay", filter=undecided),
        decided=Sum(F("decision__pay") + F("decision__bonus")),
        n_at_work=Count("pk", filter=at_work & undecided),
        bonuses=Sum(_most_bonuses(terms), filter=(Q(pay__gt=0) | by_work) & undecided),
        n_answers=Sum("n_answers"),
    )
    spent = float((sums["paid"] or 0) + (sums["decided"] or 0))
    promised = terms.bonus_amount * (sums["bonuses"] or 0)
    if terms.per_answer:
        held = _held(campaign).exclude(worker__panel__in=INTERNAL).count()
        spent += terms.per_answer * (sums["n_answers"] or 0)
        return Spending(cap, spent, promised + terms.per_answer * held, price=terms.per_answer)
    promised += terms.reward * sums["n_at_work"]
    return Spending(cap, spent, promised, price=terms.reward + terms.most_bonus(0))


def cap_of(campaign: Campaign) -> float | None:
    """Return the spending cap; None if there is none. A cap of 0 is one: nothing may be spent."""
    cap = campaign.settings.get("spending_cap")
    return None if cap is None else float(cap)


def spending_room(enrolment: Enrolment, *, wanted: int = 1, now: datetime) -> int:
    """Return how many more tasks, at most `wanted`, the cap lets a worker have.

    Where finishing is paid, workers who have begun within a day may finish: their pay, and their bonus for as many
    answers as are required, are part of what is promised.
    """
    campaign = enrolment.campaign
    if cap_of(campaign) is None:
        return wanted
    terms = terms_of(campaign)
    spending = _spending(campaign, terms, now)
    return next((n for n in range(wanted, 0, -1) if spending.affords(_cost(enrolment, terms, n, now))), 0)


def _cost(enrolment: Enrolment, terms: PayTerms, n: int, now: datetime) -> float:
    """Return what `n` more tasks for a worker add to what is spent and promised."""
    settled = hasattr(enrolment, "decision")
    counted = settled or _is_promised(enrolment, terms, now)
    bonus = terms.most_bonus(enrolment.n_served + n)
    if counted:
        bonus = 0.0 if settled else bonus - terms.most_bonus(enrolment.n_served)
    if terms.per_answer:
        return terms.per_answer * n + bonus
    return bonus + (0.0 if counted else terms.reward)


def _is_promised(enrolment: Enrolment, terms: PayTerms, now: datetime) -> bool:
    """Return whether a worker's pay and bonus are part of what is promised or, after an ending, spent."""
    if terms.per_answer:
        return enrolment.n_served > 0
    seen = enrolment.last_seen_at
    at_work = not enrolment.ending and enrolment.n_served > 0 and seen is not None and now - seen < AT_WORK
    return at_work or enrolment.ending == Ending.FINISHED


def _most_bonuses(terms: PayTerms) -> Combinable:
    """Return how often the bonus can be earned by an enrolment, as `PayTerms.most_bonus` counts it."""
    if not terms.bonus_every:
        return Value(1 if terms.bonus_amount else 0, output_field=IntegerField())
    whole = IntegerField()
    if not terms.required or terms.required >= terms.n_gold:
        return Value(terms.n_gold // terms.bonus_every, output_field=whole)
    served = Greatest(Value(terms.required), F("n_served"), output_field=whole)
    tasks = Least(Value(terms.n_gold), served, output_field=whole)
    return ExpressionWrapper(tasks / Value(terms.bonus_every), output_field=whole)  # rounded down


def _held(campaign: Campaign) -> QuerySet[Assignment]:
    return Assignment.objects.filter(enrolment__campaign=campaign, status=Assignment.Status.LEASED)
