"""Duplicate a campaign as a draft, and delete a draft that was never opened."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError
from rest_framework.exceptions import ValidationError

from annotation.models import Campaign, CandidateSet, ConsentVersion, Task
from annotation.services.audit import audit
from annotation.services.campaigns.lifecycle import first_wanted
from annotation.services.tasks.deletion import tasks_delete
from webapp.accounts.models import User
from webapp.http.problems import ConflictError

_NOT_COPIED = {
    "id",
    "title",
    "slug",
    "status",
    "created_at",
    "created_by",
    "opened_at",
    "closed_at",
}
_TASK = (
    "kind",
    "position",
    "sketch_id",
    "product_id",
    "candidate_a_id",
    "candidate_b_id",
    "is_gold",
    "is_training",
    "gold_answer",
    "explanation",
    "is_random_share",
)
_BATCH = 1000


@transaction.atomic
def campaign_duplicate(
    *, campaign: Campaign, title: str, slug: str, with_tasks: bool, by: User | None
) -> Campaign:
    """Return a new draft with the same settings and consent text, and with the same tasks if wanted. No votes.

    A triplet that the campaign has both as an ordinary and as a gold or practice task is copied as the latter only. Of a
    sketch whose pairs the votes chose, only the first, random ones are copied: the copy's own votes choose the others.
    Raises ValidationError if the slug is taken.
    """
    if Campaign.objects.filter(slug=slug).exists():
        raise ValidationError({"slug": "is taken by another campaign"})
    kept = {
        field.name: getattr(campaign, field.name)
        for field in Campaign._meta.concrete_fields
        if field.name not in _NOT_COPIED
    }
    copy = Campaign.objects.create(**kept, title=title, slug=slug, created_by=by)
    consent = campaign.consents.first()
    if consent:
        texts = {name: getattr(consent, name) for name in ("text", "contact", "privacy", "translations")}
        ConsentVersion.objects.create(campaign=copy, number=1, created_by=by, **texts)
    n_tasks = _tasks_copy(campaign, copy) if with_tasks else 0
    audit("campaign.duplicate", by=by, campaign=copy, of=campaign.slug, tasks=n_tasks)
    return copy


def _tasks_copy(campaign: Campaign, copy: Campaign) -> int:
    rows = list(Task.objects.filter(campaign=campaign).order_by("position", "pk").values(*_TASK))
    sets = CandidateSet.objects.filter(campaign=campaign)
    chosen = set(sets.filter(risk__isnull=False).values_list("sketch_id", flat=True))
    rows = [row for row in rows if not _is_by_votes(row, chosen)]
    known = {_question(row) for row in rows if row["is_gold"] or row["is_training"]}
    kept = [row for row in rows if row["is_gold"] or row["is_training"] or _question(row) not in known]
    n_wanted = first_wanted(copy)
    tasks = [Task(**row, campaign=copy, n_votes=copy.votes_per_task, n_wanted=n_wanted) for row in kept]
    Task.objects.bulk_create(tasks, batch_size=_BATCH)
    names = ("sketch_id", "products", "distances", "release_id", "weights", "true_match_forced", "risk")
    CandidateSet.objects.bulk_create(
        (CandidateSet(campaign=copy, **row) for row in sets.values(*names)), batch_size=_BATCH
    )
    return len(tasks)


def _is_by_votes(row: dict[str, object], sketches: set[int]) -> bool:
    """Return whether a row is an ordinary pair of such a sketch that was not drawn at random."""
    role = row["is_gold"] or row["is_training"] or row["is_random_share"]
    return row["sketch_id"] in sketches and not role


def _question(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("sketch_id", "product_id", "candidate_a_id", "candidate_b_id"))


@transaction.atomic
def campaign_delete(*, campaign: Campaign, by: User | None) -> None:
    """Delete a draft with its tasks. Its events stay in the audit log. Raises ConflictError if it was ever opened."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.status != Campaign.Status.DRAFT or campaign.opened_at:
        raise ConflictError("Only drafts can be deleted; archive the campaign instead.")
    if tasks_delete(campaign=campaign, ids=None, by=by).kept or campaign.enrolments.exists():
        raise ConflictError("The draft has answers, which are never deleted; archive it instead.")
    try:
        with transaction.atomic():
            campaign.delete()
    except ProtectedError as error:
        raise ConflictError("Something refers to this draft; archive it instead.") from error
    audit("campaign.delete", by=by, slug=campaign.slug, title=campaign.title, kind=campaign.kind)
