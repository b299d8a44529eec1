"""A campaign's life cycle: draft -> open <-> paused -> closed -> archived, and open again. Every step is audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from annotation.consensus.task_status import TaskTally, votes_wanted
from annotation.models import Campaign, Kind, Task
from annotation.selectors.rounds import unsettled_sets
from annotation.services.audit import audit, differences
from annotation.services.campaigns.warnings import opening_warnings
from webapp.accounts.models import User
from webapp.http.problems import ConflictError

_S = Campaign.Status
STEPS: dict[str, tuple[frozenset[str], str]] = {  # step: source states, target state
    "open": (frozenset({_S.DRAFT}), _S.OPEN),
    "pause": (frozenset({_S.OPEN}), _S.PAUSED),
    "resume": (frozenset({_S.PAUSED}), _S.OPEN),
    "close": (frozenset({_S.OPEN, _S.PAUSED}), _S.CLOSED),
    "archive": (frozenset({_S.DRAFT, _S.CLOSED}), _S.ARCHIVED),
    "reopen": (frozenset({_S.CLOSED, _S.ARCHIVED}), _S.OPEN),
}
_ONLY_IN_DRAFT = {"kind", "votes_per_task", "stop_when_decided", "seed", "release_id"}


@transaction.atomic
def campaign_create(*, by: User | None, **fields: Any) -> Campaign:
    """Create a draft."""
    campaign = Campaign.objects.create(created_by=by, **fields)
    audit("campaign.create", by=by, campaign=campaign, title=campaign.title)
    return campaign


@transaction.atomic
def campaign_update(*, campaign: Campaign, by: User | None, **fields: Any) -> Campaign:
    """Change a campaign. Fields that affect how answers count can be changed only in a draft.

    Raises ConflictError naming the fixed field.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    changed = {name: value for name, value in fields.items() if getattr(campaign, name) != value}
    if campaign.status != _S.DRAFT and (fixed := sorted(changed.keys() & _ONLY_IN_DRAFT)):
        raise ConflictError(f"{fixed[0]}: cannot be changed once the campaign has been opened.")
    if campaign.status != _S.DRAFT:
        _check_terms(campaign, changed)
    if "kind" in changed and campaign.tasks.exists():
        raise ConflictError("kind: cannot be changed once the campaign has tasks.")
    if not changed:
        return campaign
    before = {name: getattr(campaign, name) for name in changed}
    for name, value in changed.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(changed))
    if changed.keys() & {"votes_per_task", "stop_when_decided"}:
        n_wanted = first_wanted(campaign)
        Task.objects.filter(campaign=campaign).update(n_votes=campaign.votes_per_task, n_wanted=n_wanted)
    audit("campaign.update", by=by, campaign=campaign, **differences(before, changed))
    return campaign


def _check_terms(campaign: Campaign, changed: Mapping[str, Any]) -> None:
    """Raise ConflictError if a change would worsen what those who have joined were promised."""
    required = changed.get("required_answers", campaign.required_answers)
    if not required and unsettled_sets(campaign).exists():
        raise ConflictError("required_answers: must be above 0 while pairs are chosen by the votes.")
    if not campaign.enrolments.exists():
        return
    if required > campaign.required_answers > 0:
        raise ConflictError("required_answers: cannot be raised once somebody has joined.")
    settings = changed.get("settings", campaign.settings)
    if (settings.get("reward") or 0) < (campaign.settings.get("reward") or 0):
        raise ConflictError("settings.reward: cannot be lowered once somebody has joined.")
    for name in ("partial_pay", "bonus"):  # rules that cannot be compared as better or worse
        if (stated := campaign.settings.get(name)) and settings.get(name) != stated:
            raise ConflictError(f"settings.{name}: cannot be changed once somebody has joined.")


def first_wanted(campaign: Campaign) -> int:
    """Return the number of answers to hand out for a task that has none yet."""
    return votes_wanted(
        TaskTally(campaign.votes_per_task),
        compares=campaign.kind == Kind.TRIPLETS,
        stop_when_decided=campaign.stop_when_decided,
    )


@transaction.atomic
def campaign_step(
    *,
    campaign: Campaign,
    step: str,
    by: User | None,
    now: datetime,
    reason: str = "",
    confirm: bool = True,
) -> Campaign:
    """Open, pause, resume, close, archive or reopen a campaign. Reopening needs a reason.

    confirm: whether the operator has confirmed the warnings about opening.

    Raises ConflictError if its state does not allow the step, ValidationError for a draft that is incomplete or has
    unconfirmed warnings, or without a reason.
    """
    sources, target = STEPS[step]
    if step == "open":
        _check_complete(campaign)
    if step == "reopen":
        _check_reopening(campaign, reason)
    warned = opening_warnings(campaign) if step in {"open", "reopen"} else []
    if not confirm and (unconfirmed := [one.text for one in warned if one.confirm]):
        raise ValidationError({"confirm": unconfirmed})
    changes: dict[str, Any] = {"status": target}
    if step == "open":
        changes["opened_at"] = now
    if step == "close":
        changes["closed_at"] = now
    if step == "reopen":
        changes["closed_at"] = None
    before = (
        Campaign.objects.select_for_update(no_key=True).values_list("status", flat=True).get(pk=campaign.pk)
    )
    if not Campaign.objects.filter(pk=campaign.pk, status__in=sources).update(**changes):
        campaign.refresh_from_db()
        raise ConflictError(
            f"The campaign is {campaign.status}; {step} is possible from {', '.join(sorted(sources))}."
        )
    campaign.refresh_from_db()
    audit(
        f"campaign.{step}",
        by=by,
        campaign=campaign,
        reason=reason,
        warnings=[w.code for w in warned],
        **differences({"status": before}, {"status": target}),
    )
    return campaign


def _check_reopening(campaign: Campaign, reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "say why the campaign is opened again"})
    if campaign.opened_at is None:
        raise ConflictError("The campaign was archived as a draft; duplicate it instead.")


def _check_complete(campaign: Campaign) -> None:
    if not campaign.tasks.filter(is_gold=False, is_training=False).exists():
        raise ValidationError({"tasks": "add tasks before opening the campaign"})
    if campaign.kind == Kind.ATTRIBUTES and not campaign.ontology:
        raise ValidationError({"settings": "ontology: an attribute campaign needs at least one attribute"})
    if not campaign.required_answers and unsettled_sets(campaign).exists():
        raise ValidationError(
            {
                "required_answers": "must be above 0 if pairs are chosen by the votes: "
                "nobody can tell beforehand when all tasks are done"
            }
        )
