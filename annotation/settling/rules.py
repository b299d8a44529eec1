"""What a participation earns by the campaign's rules: for finishing, for ending early, and as a bonus. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")


def money(amount: float | Decimal) -> Decimal:
    """Return an amount in hundredths."""
    return Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)


def early_pay(settings: Mapping[str, Any], *, credited: int, required: int) -> Decimal | None:
    """Return what ending early earns; None if the campaign states nothing. Without any credited answer, nothing.

    credited, required: answers given, and those that finishing takes. The rule `settings["partial_pay"]` is an amount, a
    share of the reward, or `work`: the reward in proportion to the answers, at least `value` and at most the reward.
    """
    rule = settings.get("partial_pay")
    if not rule:
        return None
    if not credited:
        return money(0)
    reward, value = Decimal(str(settings.get("reward") or 0)), Decimal(str(rule["value"]))
    if rule["kind"] == "amount":
        return money(value)
    if rule["kind"] == "share":
        return money(value * reward)
    worked = (reward * min(credited, required) / required) if required else reward
    return min(max(money(worked), money(value)), money(reward))


def bonus(rule: Mapping[str, Any] | None, *, gold_right: int, agrees: int, compared: int) -> Decimal:
    """Return the bonus by the rule `settings["bonus"]`; 0 without a rule.

    `gold`: `amount` for every `every` right answers to gold tasks. `agreement`: `amount` if at least the share `above` of
    the answers agree with the majority of the others, of at least `least` that can be compared.
    """
    if not rule:
        return money(0)
    amount = Decimal(str(rule["amount"]))
    if rule["kind"] == "gold":
        return money(amount * (gold_right // rule["every"]))
    enough = compared >= max(1, rule.get("least", 1))
    return money(amount if enough and agrees >= Decimal(str(rule["above"])) * compared else 0)


def most_bonus(rule: Mapping[str, Any] | None, *, n_gold: int) -> Decimal:
    """Return the largest bonus that somebody with `n_gold` gold tasks can earn; 0 without a rule."""
    least = max(1, rule.get("least", 1)) if rule else 1
    return bonus(rule, gold_right=n_gold, agrees=least, compared=least)
