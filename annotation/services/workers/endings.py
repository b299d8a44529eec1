"""How a participation ends: with the code, screened out, or early, and where each leads. No ending stops further work."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from django.db import transaction

from annotation.models import Assignment, Campaign, Ending, Enrolment, Vote, Worker
from annotation.selectors.money.pay import early_pay_of
from annotation.selectors.standing import ending_due
from annotation.services.work.leases import assignments_return
from annotation.settling.rules import money
from webapp.http.problems import ConflictError

BLOCKED = "blocked"  # leads back to the panel, without a code
PANEL_PAGES = {"PROLIFIC": "https://app.prolific.com/submissions", "MTURK": "https://worker.mturk.com/"}
_CODE = "{code}"


@dataclass(frozen=True, slots=True)
class Ended:
    """An ending as the worker sees it. ending: an `Ending`, or `blocked`. pay: in the campaign's currency."""

    ending: str
    completion_code: str
    completion_url: str
    pay: Decimal | None
    currency: str


@transaction.atomic
def participation_end(
    *, enrolment: Enrolment, receipts: Collection[str], now: datetime, leave: bool = False
) -> Ended:
    """Store the ending that the worker has reached, with its code and pay.

    leave: return what the worker holds to others, and end early if no other ending has been reached.

    Repeating it gives the same code. The code for finishing, once given, is kept whatever happens later.

    Raises ConflictError if assignments are outstanding, if a receipt is not the worker's, or saying what is missing for
    the code.
    """
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign", "worker")
        .get(pk=enrolment.pk)
    )
    if leave:
        assignments_return(enrolment_id=enrolment.pk)
    if enrolment.ending != Ending.FINISHED and not enrolment.blocked:
        if not leave:  # what another request has locked meanwhile stays leased until it expires
            _check_held(enrolment)
        _check_receipts(enrolment, receipts)
        ending = ending_due(enrolment) or (Ending.ENDED_EARLY if leave else "")
        if not ending:
            raise ConflictError(_missing(enrolment))
        _store(enrolment, Ending(ending), now)
    return ended_payload(enrolment)


def ended_payload(enrolment: Enrolment) -> Ended:
    """Return the stored ending, or that the worker is blocked."""
    ending = enrolment.ending
    if enrolment.blocked and ending != Ending.FINISHED:
        ending = BLOCKED
    code = "" if ending == BLOCKED else enrolment.completion_code
    return Ended(
        ending=ending,
        completion_code=code,
        completion_url=_return_url(enrolment, ending, code),
        pay=None if ending == BLOCKED else enrolment.pay,
        currency=str(enrolment.campaign.settings.get("currency", "")),
    )


def _check_held(enrolment: Enrolment) -> None:
    held = Assignment.objects.filter(enrolment=enrolment, status=Assignment.Status.LEASED).count()
    if held:
        raise ConflictError(f"{held} tasks are still unanswered; answer or return them first.")


def _check_receipts(enrolment: Enrolment, receipts: Collection[str]) -> None:
    if unknown := _unknown(enrolment.worker, receipts):
        raise ConflictError(f"receipts: {sorted(unknown)[0]} is not yours; send that answer again.")


def _missing(enrolment: Enrolment) -> str:
    n = enrolment.campaign.required_answers - enrolment.n_credited
    return (
        f"{n} more answers are required for the code." if n > 0 else "There are tasks left in this campaign."
    )


def _store(enrolment: Enrolment, ending: Ending, now: datetime) -> None:
    if enrolment.ending != ending:
        enrolment.ending, enrolment.ended_at = ending, now
        enrolment.completion_code = _code(enrolment.campaign, ending)
    enrolment.pay = _pay(enrolment, ending)
    enrolment.save(update_fields=["ending", "ended_at", "completion_code", "pay"])


def _code(campaign: Campaign, ending: Ending) -> str:
    if ending == Ending.FINISHED:
        return campaign.completion_code or secrets.token_hex(4).upper()
    return str(campaign.ending_settings(ending).get("code", ""))


def _pay(enrolment: Enrolment, ending: Ending) -> Decimal | None:
    """Return the stated pay; None if none is stated. Ending early without any credited answer earns nothing."""
    reward = enrolment.campaign.settings.get("reward")
    if ending == Ending.FINISHED:
        return None if reward is None else money(reward)
    return None if ending == Ending.SCREENED_OUT else early_pay_of(enrolment)


def _return_url(enrolment: Enrolment, ending: str, code: str) -> str:
    """Return where the panel awaits the worker.

    That is the URL stated for the ending, with the code in place of `{code}`; else the one for finishing if it has a
    place for the code; else the page of a known panel; else empty.
    """
    campaign = enrolment.campaign
    finished = str(campaign.settings.get("completion_url", ""))
    own = finished if ending == Ending.FINISHED else campaign.ending_settings(ending).get("url", "")
    url = own or (finished if code and _CODE in finished else "")
    return url.replace(_CODE, quote(code, safe="")) or PANEL_PAGES.get(enrolment.worker.panel, "")


def _unknown(worker: Worker, receipts: Collection[str]) -> set[str]:
    ids = {receipt: int(receipt[1:]) for receipt in receipts if receipt[1:].isdecimal()}
    known = Vote.objects.filter(worker=worker, pk__in=ids.values()).values_list("pk", flat=True)
    return set(receipts) - {f"v{pk}" for pk in known}
