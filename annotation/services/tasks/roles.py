"""Make a task gold or practice, with its right answer: one that nobody has answered, or a copy of a settled one."""

from __future__ import annotations

from typing import Any, Literal

from django.db import transaction
from django.db.models import Max
from rest_framework.exceptions import ValidationError

from annotation.models import Assignment, Campaign, Task, Vote
from annotation.services.audit import audit
from annotation.services.tasks.answers import WHAT_FITS, answer_fits
from webapp.accounts.models import User
from webapp.http.problems import ConflictError

Role = Literal["ordinary", "gold", "practice"]
ROLES: tuple[Role, ...] = ("ordinary", "gold", "practice")
_COPIED = ("campaign_id", "kind", "sketch_id", "product_id", "candidate_a_id", "candidate_b_id", "n_votes")


def role_of(task: Task) -> Role:
    return "practice" if task.is_training else "gold" if task.is_gold else "ordinary"


@transaction.atomic
def task_role_set(
    *, task: Task, role: Role, answer: Any = None, explanation: str = "", by: User | None
) -> Task:
    """Return the task in its new role. A settled one keeps its votes, and a copy of it gets the role.

    Raises ValidationError for an answer that does not fit the campaign, ConflictError if the task's answers forbid the
    change or the campaign is over.
    """
    campaign = Campaign.objects.select_for_update().get(pk=task.campaign_id)
    task = Task.objects.select_for_update().get(pk=task.pk)
    if campaign.status in {Campaign.Status.CLOSED, Campaign.Status.ARCHIVED}:
        raise ConflictError(f"The campaign is {campaign.status}; its tasks can no longer be changed.")
    if role != "ordinary" and not answer_fits(campaign, answer):
        raise ValidationError({"answer": WHAT_FITS})
    before = {"role": role_of(task), "answer": task.gold_answer, "explanation": task.explanation}
    if role_of(task) == "ordinary" and role == "ordinary":
        return task
    if role_of(task) == "ordinary":
        task = _to_known(task)
    elif role == "ordinary":
        _check_unused(task, campaign)
    elif (role, answer) != (before["role"], before["answer"]) and task.votes.exists():
        raise ConflictError("Workers have answered this task; only its explanation can be changed.")
    known = role != "ordinary"
    task.is_gold, task.is_training = role == "gold", role == "practice"
    task.gold_answer, task.explanation = (answer, explanation) if known else (None, "")
    task.save()
    audit(
        "task.role",
        by=by,
        campaign=campaign,
        task=task.pk,
        before=before,
        after={"role": role, "answer": task.gold_answer, "explanation": task.explanation},
    )
    return task


def _to_known(task: Task) -> Task:
    """Return the task itself if nobody has answered it, or an unsaved copy if it is settled. Raises ConflictError."""
    if task.status != Task.Status.OPEN:
        twins = Task.objects.filter(campaign=task.campaign_id, sketch=task.sketch_id, product=task.product_id)
        twins = twins.filter(candidate_a=task.candidate_a_id, candidate_b=task.candidate_b_id)
        if twins.exclude(is_gold=False, is_training=False).exists():
            raise ConflictError("This task is already a gold or practice task.")
        last = Task.objects.filter(campaign=task.campaign_id).aggregate(last=Max("position"))["last"]
        copied = {name: getattr(task, name) for name in _COPIED}
        return Task(**copied, position=last + 1, n_wanted=task.n_votes)
    if task.n_leased or Vote.objects.filter(task=task).exists():
        raise ConflictError(
            "Workers are answering this task; choose one that nobody has answered, or that is settled."
        )
    return task


def _check_unused(task: Task, campaign: Campaign) -> None:
    if task.votes.exists() or task.assignments.filter(status=Assignment.Status.LEASED).exists():
        raise ConflictError("Workers have answered this task, or hold it; it stays as it is.")
    if campaign.is_open:  # a worker may be getting it right now, and its answer would count
        raise ConflictError("Pause the campaign first.")
