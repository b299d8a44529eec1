"""Why a vote does not count, from the rows alone: the rules of `annotation.services.work.votes`, in the same order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from annotation.models import AuditEvent, Campaign, Enrolment, Vote

_BY_CHOICE = {Vote.Choice.UNDO: "undo", Vote.Choice.SKIP: "skipped", Vote.Choice.CANT: "cant_draw"}


class Reasons:
    """The reasons of a campaign's votes. Reads the campaign's and workers' history once."""

    def __init__(self, campaign: Campaign) -> None:
        steps = AuditEvent.objects.filter(campaign=campaign, action__startswith="campaign.").order_by("id")
        changes = ("campaign.open", "campaign.resume", "campaign.reopen", "campaign.close")
        self._steps = [(e.at, e.action) for e in steps if e.action in changes]
        self._closed_at = campaign.closed_at
        moderated = AuditEvent.objects.filter(
            campaign=campaign, action__in=["enrolment.block", "enrolment.unblock"]
        )
        self._moderation: dict[int, list[tuple[datetime, str]]] = {}
        for event in moderated.order_by("id"):
            self._moderation.setdefault(event.worker_id or 0, []).append((event.at, event.action))
        self._unqualified = set(
            Enrolment.objects.filter(campaign=campaign, qualified=False).values_list("worker_id", flat=True)
        )

    def of(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, str | None]:
        """Return the reason of each vote by id, None for those that count. rows: values of votes, with the task's."""
        repeated = _repeated([row for row in rows if self._needs_history(row)])
        return {row["id"]: self._reason(row, row["id"] in repeated) for row in rows}

    def _needs_history(self, row: Mapping[str, Any]) -> bool:
        return self._plain_reason(row) == "?"

    def _plain_reason(self, row: Mapping[str, Any]) -> str | None:
        """Return the reason that the row itself states, or "?"."""
        if row["counted"]:
            return None
        if reason := _BY_CHOICE.get(row["choice"]):
            return reason
        return "undone" if row["revoked_by__id"] else "?"

    def _reason(self, row: Mapping[str, Any], repeated: bool) -> str | None:
        reason, at, worker = self._plain_reason(row), row["created_at"], row["worker_id"]
        if reason != "?":
            return reason
        if repeated:
            return "repeated"
        if row["task__is_gold"] or row["task__is_training"]:
            return "gold" if row["task__is_gold"] else "practice"
        if self._was_closed(at):
            return "closed"
        last, following = _around(self._moderation.get(worker, []), at)
        if last == "enrolment.block":
            return "blocked"
        if worker in self._unqualified or (last, following) == (None, "enrolment.unblock"):
            return "unqualified"
        return "settled"

    def _was_closed(self, at: datetime) -> bool:
        last, _ = _around(self._steps, at)
        return last == "campaign.close" or bool(self._closed_at and at >= self._closed_at)


def _around(events: Sequence[tuple[datetime, str]], at: datetime) -> tuple[str | None, str | None]:
    """Return the last event until a moment and the first after it."""
    place = bisect_right([moment for moment, _ in events], at)
    before, after = events[:place], events[place:]
    return (before[-1][1] if before else None), (after[0][1] if after else None)


def _repeated(rows: Iterable[Mapping[str, Any]]) -> set[int]:
    """Return those of the votes that were cast when their assignment already had an answer."""
    asked = {row["id"]: row["assignment_id"] for row in rows}
    history = Vote.objects.filter(assignment__in=set(asked.values())).order_by("id")
    answered: set[int] = set()
    found = set()
    for vote, assignment, choice in history.values_list("id", "assignment_id", "choice"):
        if choice == Vote.Choice.UNDO:
            answered.discard(assignment)
            continue
        if assignment in answered and vote in asked:
            found.add(vote)
        answered.add(assignment)
    return found
