"""Answers to attribute tasks: values of a campaign's binary ontology."""

from __future__ import annotations

from datetime import datetime

from rest_framework.exceptions import NotFound, ValidationError

from annotation.models import Assignment, Campaign, Kind, Worker
from annotation.services.work.votes import Answer, Receipt, vote_cast
from webapp.http.problems import ConflictError


def attributes_answer(
    *,
    worker: Worker,
    assignment_id: int,
    idempotency_key: str,
    now: datetime,
    values: dict[str, bool | None] | None = None,
    skip: bool = False,
    response_ms: int | None = None,
    device_class: str = "",
) -> Receipt:
    """Store a worker's values, true, false or None for every attribute, or a skip.

    Raises NotFound, ConflictError for another kind of campaign, ValidationError naming the attribute.
    """
    assignment = (
        Assignment.objects.select_related("enrolment__campaign")
        .filter(pk=assignment_id, worker=worker)
        .first()
    )
    if assignment is None:
        raise NotFound("You have no assignment with this id.")
    campaign = assignment.enrolment.campaign
    if campaign.kind != Kind.ATTRIBUTES:
        raise ConflictError("This is not an attribute campaign.")
    answer = Answer(
        choice="skip" if skip else "values",
        values=None if skip else _checked(values or {}, campaign),
        idempotency_key=idempotency_key,
        response_ms=response_ms,
        device_class=device_class,
    )
    return vote_cast(worker=worker, assignment_id=assignment_id, answer=answer, now=now)


def _checked(values: dict[str, bool | None], campaign: Campaign) -> dict[str, bool | None]:
    slugs = [attribute["slug"] for attribute in campaign.ontology]
    if missing := [slug for slug in slugs if slug not in values]:
        raise ValidationError({"values": {missing[0]: "is missing; give true, false or null"}})
    if unknown := sorted(values.keys() - set(slugs)):
        raise ValidationError({"values": {unknown[0]: "is not an attribute of this campaign"}})
    return {slug: values[slug] for slug in slugs}
