"""Settling a disputed triplet by an expert's answer: a row of its own, never a vote."""

from __future__ import annotations

from typing import cast

from django.db import transaction

from annotation.consensus.aggregate import Aggregation
from annotation.models import Campaign, Consensus, ExpertAnswer, Kind, Task
from annotation.selectors.experts import expert_answers_to
from annotation.services.aggregation.consensus import consensus_recompute
from annotation.services.audit import audit
from annotation.services.work.settled import tally_of, task_state
from webapp.accounts.models import User
from webapp.http.problems import ConflictError


@transaction.atomic
def dispute_settle(*, task: Task, outcome: str, reason: str, by: User | None) -> ExpertAnswer:
    """Store an expert's answer to a triplet, and state it in the task's consensus; an empty outcome withdraws it.

    Votes and counts stay as they are. A task that its votes leave open is handed out no more; answers by those who hold
    it are still stored, and count. A withdrawal reopens it.

    Raises ConflictError for a task that is no triplet, has no counted vote, or has no answer to withdraw.
    """
    task = (
        Task.objects.select_for_update(of=("self",), no_key=True).select_related("campaign").get(pk=task.pk)
    )
    if task.kind != Kind.TRIPLETS or not task.counts:
        raise ConflictError("Only triplets whose answers count can be settled.")
    if not task.n_counted:
        raise ConflictError("The triplet has no counted answer yet; there is nothing to settle.")
    earlier = expert_answers_to([task.pk]).get(task.pk)
    if earlier is None and not outcome:
        raise ConflictError("No expert has settled the triplet; there is nothing to withdraw.")
    answer = ExpertAnswer.objects.create(task=task, outcome=outcome, reason=reason, by=by)
    task.n_wanted, task.status = task_state(task, task.campaign, tally_of(task), outcome)
    task.save(update_fields=["n_wanted", "status"])
    _consensus_update(task.campaign, task, answer)
    audit(
        "dispute.settle" if outcome else "dispute.withdraw",
        by=by,
        campaign=task.campaign,
        reason=reason,
        task=task.pk,
        before={"outcome": earlier.outcome if earlier else None},
        after={"outcome": outcome or None},
    )
    return answer


def _consensus_update(campaign: Campaign, task: Task, answer: ExpertAnswer) -> None:
    """State the answer in the stored rows; after a withdrawal, the votes decide again."""
    rows = Consensus.objects.filter(task=task)
    if answer.outcome:
        rows.update(outcome=answer.outcome, probability=None, expert=answer, computed_at=answer.created_at)
    elif names := list(rows.values_list("aggregation", flat=True)):
        consensus_recompute(
            campaign=campaign, now=answer.created_at, aggregations=cast("list[Aggregation]", names)
        )
