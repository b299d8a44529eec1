"""The counted answers of an attribute campaign, by attribute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotation.consensus.attributes import (
    NO,
    YES,
    AttributeAgreement,
    AttributeAnswers,
    attribute_agreement,
)
from annotation.consensus.votes import CANT_TELL
from annotation.models import Campaign, Task, Vote

Subject = tuple[int | None, int | None]  # ids of a product and of a sketch, one of them None


@dataclass(frozen=True, slots=True)
class Described:
    """What a campaign's workers said. by_attribute: answers by slug, in the order of the campaign's attributes.

    subjects: products and sketches by the number that stands for them in the answers. unsettled: numbers of those that
    still await answers.
    """

    subjects: list[Subject]
    by_attribute: dict[str, AttributeAnswers]
    unsettled: frozenset[int]


def described_by(campaign: Campaign) -> Described:
    """Return the counted answers about the campaign's attributes; gold and practice tasks have none."""
    number: dict[Subject, int] = {}
    unsettled = set()
    answers: dict[str, list[tuple[int, int, int]]] = {one["slug"]: [] for one in campaign.ontology}
    votes = Vote.objects.filter(task__campaign=campaign, counted=True, choice=Vote.Choice.VALUES).order_by(
        "id"
    )
    columns = ("task__product_id", "task__sketch_id", "task__status", "worker_id", "values")
    for product, sketch, status, worker, values in votes.values_list(*columns).iterator(chunk_size=2_000):
        subject = number.setdefault((product, sketch), len(number))
        if status == Task.Status.OPEN:
            unsettled.add(subject)
        for slug, value in (values or {}).items():
            if slug in answers:
                code = CANT_TELL if value is None else YES if value else NO
                answers[slug].append((subject, worker, code))
    return Described(
        list(number), {slug: _columns(rows) for slug, rows in answers.items()}, frozenset(unsettled)
    )


def attribute_agreements(campaign: Campaign) -> dict[str, AttributeAgreement]:
    """Return how far workers agree on each attribute, by slug."""
    found = described_by(campaign)
    return {slug: attribute_agreement(answers) for slug, answers in found.by_attribute.items()}


def _columns(rows: list[tuple[int, int, int]]) -> AttributeAnswers:
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return AttributeAnswers(table[:, 0], table[:, 1], table[:, 2].astype(np.int8))
