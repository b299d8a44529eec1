"""Deciding what participants are paid. Each decision is a row, and each change of one an audit event."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from annotation.models import Campaign, Decision, Enrolment, Verdict
from annotation.selectors.money.settling import due, participants_of
from annotation.selectors.money.spending import Spending, spending_of
from annotation.selectors.reports import judged_now
from annotation.services.audit import audit, differences
from annotation.settling.rules import money
from webapp.accounts.models import User

_UNDECIDED = {"verdict": None, "pay": None, "bonus": None, "reason": ""}


@transaction.atomic
def participants_decide(
    *,
    campaign: Campaign,
    enrolments: Collection[int],
    verdict: str,
    bonus: Decimal | None,
    reason: str,
    by: User | None,
    now: datetime,
    confirmed_total: Decimal | None = None,
) -> list[Enrolment]:
    """Decide about participants: approve, pay by bonus only, or reject, with the amounts by the campaign's rules.

    bonus: instead of the one by the rule, if not None. confirmed_total: what the campaign will have spent and promised
    afterwards; needed if the decisions exceed its spending cap. Deciding again replaces the decision; repeating changes
    nothing.

    Raises ValidationError naming an enrolment that is not of this campaign or has no participant ID, a rejection without
    a reason or with a bonus, or the total to confirm.
    """
    if verdict == Verdict.REJECT and not reason:
        raise ValidationError({"reason": "is required for a rejection; the participant gets to read it"})
    if verdict == Verdict.REJECT and bonus:
        raise ValidationError({"bonus": "a rejected participant gets none; pay by bonus only instead"})
    found = _locked(campaign, enrolments)
    before = spending_of(campaign, now=now)
    judged = judged_now(campaign, found)
    for enrolment in found:
        pays, extra = due(enrolment, judged[enrolment.worker_id][0])
        if verdict == Verdict.REJECT:
            extra = Decimal(0)
        elif bonus is not None:
            extra = bonus
        _store(enrolment, verdict=verdict, pay=pays[verdict], bonus=extra, reason=reason, by=by, now=now)
    _check_cap(campaign, before, spending_of(campaign, now=now), confirmed_total, by)
    return found


@transaction.atomic
def decisions_withdraw(
    *, campaign: Campaign, enrolments: Collection[int], reason: str, by: User | None
) -> list[Enrolment]:
    """Withdraw decisions, so that the participants are undecided again. Raises ValidationError like the above."""
    found = _locked(campaign, enrolments)
    for enrolment in found:
        decision: Decision | None = getattr(enrolment, "decision", None)
        if decision is None:
            continue
        changes = differences(_values(decision), _UNDECIDED)
        decision.delete()
        audit("pay.withdraw", by=by, campaign=campaign, worker=enrolment.worker, reason=reason, **changes)
    return found


def _locked(campaign: Campaign, ids: Collection[int]) -> list[Enrolment]:
    rows = participants_of(campaign).filter(pk__in=ids)
    found = list(rows.select_for_update(of=("self",), no_key=True))
    if unknown := sorted(set(ids) - {one.pk for one in found}):
        raise ValidationError({"enrolments": f"{unknown[0]} is no participant of this campaign"})
    if nameless := [one for one in found if not one.worker.panel_id]:
        raise ValidationError(
            {"enrolments": f"{nameless[0].worker} has no participant ID, so that no panel can pay them"}
        )
    return found


def _check_cap(
    campaign: Campaign, before: Spending, after: Spending, confirmed: Decimal | None, by: User | None
) -> None:
    """Refuse decisions that exceed the spending cap by more than was promised, unless their total is confirmed."""
    total, earlier = money(after.committed), money(before.committed)
    if after.cap is None or after.affords(0) or total <= earlier:
        return
    if confirmed != total:
        currency = campaign.settings.get("currency", "")
        raise ValidationError(
            {
                "confirmed_total": _(
                    "Spent and promised would be {total} {currency}, above the spending cap of {cap} {currency}. "
                    "Confirm the total to pay it all the same, or raise the cap."
                ).format(total=total, cap=money(after.cap), currency=currency)
            }
        )
    changes = differences({"committed": str(earlier)}, {"committed": str(total)})
    audit("pay.over_cap", by=by, campaign=campaign, spending_cap=after.cap, **changes)


def _store(
    enrolment: Enrolment,
    *,
    verdict: str,
    pay: Decimal,
    bonus: Decimal,
    reason: str,
    by: User | None,
    now: datetime,
) -> None:
    earlier: Decision | None = getattr(enrolment, "decision", None)
    before = _values(earlier) if earlier else _UNDECIDED
    decision = earlier or Decision(enrolment=enrolment)
    decision.verdict, decision.pay, decision.bonus, decision.reason = verdict, pay, bonus, reason
    changes = differences(before, _values(decision))
    if not changes["after"]:
        return
    decision.by, decision.at = by, now
    decision.save()
    audit("pay.decide", by=by, campaign=enrolment.campaign, worker=enrolment.worker, reason=reason, **changes)


def _values(decision: Decision) -> dict[str, str]:
    """Return the fields as JSON; amounts as text, in hundredths."""
    return {
        "verdict": str(decision.verdict),
        "pay": f"{decision.pay:.2f}",
        "bonus": f"{decision.bonus:.2f}",
        "reason": decision.reason,
    }
