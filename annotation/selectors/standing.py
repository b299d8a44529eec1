"""Whether a worker may work now, and what they have earned. Computed at every request, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import QuerySet

from annotation.models import Assignment, Campaign, Enrolment, Task
from annotation.selectors.money.spending import spending_room
from annotation.selectors.rounds import unsettled_sets

SESSION_GAP = timedelta(minutes=30)  # a longer absence starts a new session

Obstacle = Literal[
    "", "blocked", "unqualified", "paused", "closed", "session", "spending_cap", "waiting", "none_left"
]
OBSTACLES: tuple[Obstacle, ...] = (
    "",
    "blocked",
    "unqualified",
    "paused",
    "closed",
    "session",
    "spending_cap",
    "waiting",
    "none_left",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A worker's standing in a campaign.

    obstacle: why there is no task for the worker now, empty if there is one. `session`: they have reached the campaign's
    answers per session, until `resumes_at`; `spending_cap`: the campaign has spent what it may; `waiting`: others hold
    what is left, or their answers choose the next pairs; `none_left`: every task is settled, or answered by this worker.
    earned: finished or screened out, whichever ending is due, else empty.
    """

    obstacle: Obstacle
    resumes_at: datetime | None
    earned: Literal["", "finished", "screened_out"]

    @property
    def may_work(self) -> bool:
        return not self.obstacle


def standing_of(enrolment: Enrolment, *, now: datetime) -> Standing:
    """Return the standing of a worker. Reads the database at most four times."""
    obstacle = _obstacle(enrolment, now)
    resumes_at = (
        enrolment.last_seen_at + SESSION_GAP if obstacle == "session" and enrolment.last_seen_at else None
    )
    return Standing(obstacle, resumes_at, ending_due(enrolment))


def ending_due(enrolment: Enrolment) -> Literal["", "finished", "screened_out"]:
    """Return the ending that a worker has reached without choosing to stop.

    Finished is who has the required number of credited answers, at least one; if the campaign requires no number, who
    has no task left that is not settled.
    """
    if enrolment.blocked:
        return ""
    if not enrolment.qualified:
        return "screened_out"
    required = enrolment.campaign.required_answers
    if enrolment.n_credited < max(1, required):
        return ""
    if not required and tasks_left(enrolment).exists():
        return ""
    return "finished"


def session_over(enrolment: Enrolment, *, now: datetime) -> bool:
    """Return whether the last session has ended, so that the next task starts a new one."""
    return enrolment.last_seen_at is None or now - enrolment.last_seen_at > SESSION_GAP


def _obstacle(enrolment: Enrolment, now: datetime) -> Obstacle:
    campaign = enrolment.campaign
    if enrolment.blocked:
        return "blocked"
    if not enrolment.qualified:
        return "unqualified"
    if not campaign.is_open:
        return "paused" if campaign.status == Campaign.Status.PAUSED else "closed"
    if Assignment.objects.filter(enrolment=enrolment, status=Assignment.Status.LEASED).exists():
        return ""
    cap = campaign.session_cap
    if cap and not session_over(enrolment, now=now) and enrolment.session_done >= cap:
        return "session"
    if not spending_room(enrolment, now=now):
        return "spending_cap"
    if not enrolment.is_trained and _not_answered(enrolment).filter(is_training=True).exists():
        return ""
    left = tasks_left(enrolment)
    if left.filter(has_room=True).exists():
        return ""
    waits = left.exists() or unsettled_sets(campaign).exists()
    return "waiting" if waits else "none_left"


def tasks_left(enrolment: Enrolment) -> QuerySet[Task]:
    """Return the unsettled tasks that the worker has not answered, including those that others hold."""
    return _not_answered(enrolment).filter(status=Task.Status.OPEN, is_gold=False, is_training=False)


def _not_answered(enrolment: Enrolment) -> QuerySet[Task]:
    answered = [Assignment.Status.VOTED, Assignment.Status.SKIPPED]
    mine = Assignment.objects.filter(enrolment=enrolment, status__in=answered).values("task")
    return Task.objects.filter(campaign=enrolment.campaign_id).exclude(pk__in=mine)
