"""What a campaign pays, as far as its spending depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from annotation.models import Campaign, Enrolment, Task
from annotation.settling.rules import most_bonus


@dataclass(frozen=True, slots=True)
class PayTerms:
    """The pay for finishing or, if there is none, for each answer; and the bonus rule.

    required: answers that finishing takes, 0: all. n_gold: gold tasks that a participant may get. bonus_every: right
    answers to gold tasks that earn `bonus_amount` once; 0 if the bonus is for something else.
    """

    reward: float
    per_answer: float
    rule: dict[str, Any] | None
    required: int
    n_gold: int

    @property
    def is_stated(self) -> bool:
        return bool(self.reward or self.per_answer)

    @property
    def bonus_amount(self) -> float:
        return float(self.rule["amount"]) if self.rule else 0.0

    @property
    def bonus_every(self) -> int:
        return int(self.rule["every"]) if self.rule and self.rule["kind"] == "gold" else 0

    def most_bonus(self, n_tasks: int) -> float:
        """Return the largest possible bonus of a participant to whom `n_tasks` are assigned so far.

        They may get as many gold tasks as finishing takes answers; further ones count as they are handed out.
        """
        n_gold = min(self.n_gold, max(self.required, n_tasks)) if self.required else self.n_gold
        return float(most_bonus(self.rule, n_gold=n_gold))


def terms_of(campaign: Campaign) -> PayTerms:
    settings = campaign.settings
    reward, rule = float(settings.get("reward") or 0), settings.get("bonus") or None
    return PayTerms(
        reward=reward,
        per_answer=0.0 if reward else float(settings.get("cost_per_answer") or 0),
        rule=rule,
        required=campaign.required_answers,
        n_gold=_most_gold(campaign) if rule and rule["kind"] == "gold" else 0,
    )


def _most_gold(campaign: Campaign) -> int:
    """Return how many gold tasks a participant may get or, if none are handed out any more, has got."""
    if campaign.gold_share:
        return Task.objects.filter(campaign=campaign, is_gold=True).count()
    return Enrolment.objects.filter(campaign=campaign).aggregate(most=Max("n_gold"))["most"] or 0
