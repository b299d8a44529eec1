"""The merged answers of an attribute campaign as rows in a fixed order: equal answers give equal rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict

from annotation.consensus.attributes import (
    AttributeAggregation,
    AttributeOutcome,
    attribute_agreement,
    attribute_outcomes,
)
from annotation.models import Campaign, Sketch, Vote
from annotation.models.panels import SYNTHETIC
from annotation.selectors.attributes import Described, Subject, described_by
from webapp.catalog.models import Product

Unsettled = Literal["left_out", "flagged"]
_DIGITS = 6


class AttributeRow(TypedDict):
    """One attribute of one product or sketch. probability: that it has the attribute, by Dawid-Skene."""

    product: str | None
    sketch: str | None
    attribute: str
    outcome: str
    probability: float | None
    yes: int
    no: int
    cant_tell: int
    settled: bool


@dataclass(frozen=True, slots=True)
class AttributeContent:
    """rows, votes: lines of the two files. facts: of the manifest. as_of: time of the last vote."""

    rows: list[AttributeRow]
    votes: list[dict[str, Any]]
    facts: dict[str, Any]
    as_of: datetime


def attribute_content(
    campaign: Campaign, aggregation: AttributeAggregation, unsettled: Unsettled
) -> AttributeContent:
    """Return the campaign's merged answers, and every counted vote, so that they can be merged again.

    Products and sketches that still await answers are left out or flagged; the votes contain them in any case, and
    Dawid-Skene learns from all.
    """
    found = described_by(campaign)
    keys = _keys(found.subjects)
    merged = {slug: attribute_outcomes(given, aggregation) for slug, given in found.by_attribute.items()}
    rows = [
        _row(keys[number], slug, outcome, settled=number not in found.unsettled)
        for slug, outcomes in merged.items()
        for number, outcome in outcomes.items()
        if unsettled == "flagged" or number not in found.unsettled
    ]
    order = {slug: place for place, slug in enumerate(merged)}
    rows.sort(key=lambda row: (row["product"] or "", row["sketch"] or "", order[row["attribute"]]))
    counted = Vote.objects.filter(task__campaign=campaign, counted=True, choice=Vote.Choice.VALUES)
    last = counted.order_by("-created_at").values_list("created_at", flat=True).first()
    votes = _votes(campaign, found.subjects, keys)
    facts = {
        "consensus": {
            "aggregation": aggregation,
            "tie": "unknown",
            "workers": len({vote["worker"] for vote in votes}),
            "synthetic_votes": counted.filter(worker__panel=SYNTHETIC).count(),
            "unsettled": unsettled,
            "attributes": _agreements(found),
        },
        "counts": {
            "products": len({row["product"] for row in rows} - {None}),
            "sketches": len({row["sketch"] for row in rows} - {None}),
            "rows": len(rows),
            "votes": len(votes),
            "unsettled": len(found.unsettled),
        },
    }
    return AttributeContent(rows, votes, facts, last or campaign.created_at)


def _keys(subjects: Sequence[Subject]) -> list[tuple[str | None, str | None]]:
    """Return the SKU and the sketch's key of each subject."""
    skus = dict(Product.everything.filter(pk__in=[p for p, _ in subjects if p]).values_list("pk", "sku"))
    keys = dict(Sketch.objects.filter(pk__in=[s for _, s in subjects if s]).values_list("pk", "key"))
    return [(skus.get(product or 0), keys.get(sketch or 0)) for product, sketch in subjects]


def _row(
    key: tuple[str | None, str | None], slug: str, outcome: AttributeOutcome, *, settled: bool
) -> AttributeRow:
    return {
        "product": key[0],
        "sketch": key[1],
        "attribute": slug,
        "outcome": outcome.outcome,
        "probability": None if outcome.probability is None else round(outcome.probability, _DIGITS),
        "yes": outcome.n_yes,
        "no": outcome.n_no,
        "cant_tell": outcome.n_cant_tell,
        "settled": settled,
    }


def _votes(
    campaign: Campaign, subjects: Sequence[Subject], keys: Sequence[tuple[str | None, str | None]]
) -> list[dict[str, Any]]:
    """Return the counted votes in order of arrival. Workers are renumbered in each table."""
    number: dict[int, str] = {}
    key_of: Mapping[Subject, tuple[str | None, str | None]] = dict(zip(subjects, keys, strict=True))
    votes = Vote.objects.filter(task__campaign=campaign, counted=True, choice=Vote.Choice.VALUES)
    columns = ("task__product_id", "task__sketch_id", "worker_id", "values", "measured_ms")
    rows = []
    for product, sketch, worker, values, measured_ms in votes.order_by("id").values_list(*columns):
        sku, key = key_of[product, sketch]
        name = number.setdefault(worker, f"w{len(number) + 1}")
        given = dict(sorted((values or {}).items()))
        rows.append(
            {"product": sku, "sketch": key, "worker": name, "values": given, "response_ms": measured_ms}
        )
    return rows


def _agreements(found: Described) -> dict[str, dict[str, float | int | None]]:
    facts = {}
    for slug, answers in found.by_attribute.items():
        one = attribute_agreement(answers)
        facts[slug] = {
            "alpha": None if one.alpha is None else round(one.alpha, _DIGITS),
            "agreement": None if one.agreement is None else round(one.agreement, _DIGITS),
            "yes": one.n_yes,
            "no": one.n_no,
            "tied": one.n_tied,
        }
    return facts
