"""Every vote of a campaign, read in batches: those that count and those that don't, undos and skips."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from annotation.exports.votes.reasons import Reasons
from annotation.identity.pseudonyms import pseudonym
from annotation.models import Campaign, Vote

BATCH = 2_000
_FIELDS = (
    "id",
    "assignment_id",
    "task_id",
    "worker_id",
    "worker__panel",
    "choice",
    "side",
    "values",
    "counted",
    "slot",
    "late",
    "revokes_id",
    "revoked_by__id",
    "revoked_by__created_at",
    "is_right",
    "measured_ms",
    "response_ms",
    "served_release",
    "device_class",
    "created_at",
    "assignment__leased_at",
    "assignment__position",
    "assignment__left_is_a",
    "assignment__exposure_started_at",
    "assignment__exposure_ended_at",
    "assignment__n_exposures",
    "assignment__shown_ms",
    "assignment__exposure_differs",
    "assignment__enrolment__consent__number",
    "sketch__key",
    "sketch__exposure",
    "task__sketch__key",
    "task__sketch__name",
    "task__sketch__own_id",
    "task__sketch__product__sku",
    "task__product__sku",
    "task__product__study_photo__own_id",
    "task__candidate_a__sku",
    "task__candidate_b__sku",
    "task__candidate_a__study_photo__own_id",
    "task__candidate_b__study_photo__own_id",
    "task__is_gold",
    "task__is_training",
    "task__gold_answer",
    "task__is_random_share",
)


def vote_batches(
    campaign: Campaign,
    votes: QuerySet[Vote] | None = None,
    *,
    fields: tuple[str, ...] = (),
    size: int = BATCH,
) -> Iterator[list[dict[str, Any]]]:
    """Yield all votes of a campaign, or some of them, in order of arrival, with further `fields` of their rows.

    Votes that arrive meanwhile are left out.
    """
    rows = Vote.objects.filter(task__campaign=campaign) if votes is None else votes
    until = rows.aggregate(last=Max("pk"))["last"] or 0
    reasons, last = Reasons(campaign), 0
    while batch := list(
        rows.filter(pk__gt=last, pk__lte=until).order_by("pk").values(*_FIELDS, *fields)[:size]
    ):
        last = batch[-1]["id"]
        why = reasons.of(batch)
        for row in batch:
            row |= {
                "campaign": campaign.slug,
                "worker": pseudonym(campaign.pk, row["worker_id"]),
                "not_counted": why[row["id"]],
                "exposure_set_s": campaign.exposure_s,
                **_exposure(row),
            }
        yield batch


def _exposure(row: dict[str, Any]) -> dict[str, Any]:
    """Return when the photo was shown: as kept with the drawing, or the assignment's last, if nothing was drawn."""
    kept = row["sketch__exposure"]
    if kept:
        return {
            "exposure_started_at": datetime.fromisoformat(kept["started_at"]),
            "exposure_ended_at": datetime.fromisoformat(kept["ended_at"]),
            "looks": kept["n"],
            "shown_ms": kept.get("shown_ms"),
            "exposure_differs": kept.get("differs"),
        }
    return {
        "exposure_started_at": row["assignment__exposure_started_at"],
        "exposure_ended_at": row["assignment__exposure_ended_at"],
        "looks": row["assignment__n_exposures"],
        "shown_ms": row["assignment__shown_ms"],
        "exposure_differs": row["assignment__exposure_differs"],
    }
