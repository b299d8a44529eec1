"""Compute and store the consensus of a campaign's votes. It can be recomputed from the votes at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from annotation.consensus.aggregate import AGGREGATIONS, MAJORITY, Aggregation, aggregate
from annotation.consensus.majority import tally
from annotation.models import Campaign, Consensus, Kind, Vote
from annotation.selectors.experts import expert_answers
from annotation.selectors.votes import counted_votes, votes_hashes

_STORED = ("outcome", "counts", "probability", "votes_hash", "expert_id")
_DIGITS = 6  # of a probability; smaller differences are only the tolerance of the iterations


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Counts of consensus rows: all, those new or changed, and those removed because their votes were undone."""

    n_total: int
    n_written: int
    n_removed: int


@transaction.atomic
def consensus_recompute(
    *, campaign: Campaign, now: datetime, aggregations: Sequence[Aggregation] = AGGREGATIONS
) -> Recomputed:
    """Store each task's consensus by each aggregation, writing only rows that changed."""
    fresh = {(row.task_id, row.aggregation): row for row in computed(campaign, aggregations, now)}
    names = [MAJORITY] if campaign.kind == Kind.ATTRIBUTES else list(aggregations)
    stored = {
        (row.task_id, row.aggregation): row
        for row in Consensus.objects.filter(task__campaign=campaign, aggregation__in=names)
    }
    changed = [row for key, row in fresh.items() if key not in stored or _differs(stored[key], row)]
    Consensus.objects.bulk_create(
        changed,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["task", "aggregation"],
        update_fields=[*(name.removesuffix("_id") for name in _STORED), "computed_at"],
    )
    gone = [row.pk for key, row in stored.items() if key not in fresh]
    Consensus.objects.filter(pk__in=gone).delete()
    return Recomputed(len(fresh), len(changed), len(gone))


def consensus_check(*, campaign: Campaign, now: datetime) -> list[str]:
    """Return one line per difference between the stored consensus and the current votes; empty if there is none.

    Aggregations without any stored consensus are ignored.
    """
    stored = {
        (row.task_id, row.aggregation): row for row in Consensus.objects.filter(task__campaign=campaign)
    }
    names = [name for name in AGGREGATIONS if any(key[1] == name for key in stored)]
    fresh = {(row.task_id, row.aggregation): row for row in computed(campaign, names, now)}
    lines = [f"task {task}, {name}: not stored" for task, name in sorted(fresh.keys() - stored.keys())]
    lines += [f"task {task}, {name}: has no votes" for task, name in sorted(stored.keys() - fresh.keys())]
    for task, name in sorted(fresh.keys() & stored.keys()):
        for what in _STORED:
            if getattr(stored[task, name], what) != (value := getattr(fresh[task, name], what)):
                lines.append(
                    f"task {task}, {name}: {what} is {getattr(stored[task, name], what)!r}, votes say {value!r}"
                )
    return lines


def computed(campaign: Campaign, aggregations: Sequence[Aggregation], now: datetime) -> Iterator[Consensus]:
    """Yield the consensus of every task with counted votes, unsaved. An expert's answer outweighs all votes."""
    hashes = votes_hashes(campaign)
    if campaign.kind == Kind.ATTRIBUTES:
        yield from _attributes(campaign, hashes, now)
        return
    votes, experts = counted_votes(campaign), expert_answers(campaign)
    counted = tally(votes.task, votes.choice)
    counts = {
        int(task): {"a": int(a), "b": int(b), "cant_tell": int(c)}
        for task, a, b, c in zip(counted.task, counted.n_a, counted.n_b, counted.n_cant_tell, strict=True)
    }
    for name in aggregations:
        for task, merged in aggregate(votes, name).items():
            expert = experts.get(task)
            probability = None if expert else merged.probability
            yield Consensus(
                task_id=task,
                aggregation=name,
                outcome=expert.outcome if expert else merged.outcome,
                expert=expert,
                counts=counts[task],
                probability=None if probability is None else round(probability, _DIGITS),
                votes_hash=hashes[task],
                computed_at=now,
            )


def _attributes(campaign: Campaign, hashes: dict[int, str], now: datetime) -> Iterator[Consensus]:
    """Yield counts by attribute, `{slug: [yes, no, unknown]}`; the larger of yes and no is the outcome."""
    counts: dict[int, dict[str, list[int]]] = {}
    votes = Vote.objects.filter(task__campaign=campaign, counted=True, choice=Vote.Choice.VALUES)
    for task, values in votes.values_list("task_id", "values"):
        of_task = counts.setdefault(task, {})
        for slug, value in (values or {}).items():
            of_task.setdefault(slug, [0, 0, 0])[2 if value is None else 0 if value else 1] += 1
    for task, of_task in counts.items():
        ordered: dict[str, Any] = dict(sorted(of_task.items()))
        yield Consensus(
            task_id=task, aggregation=MAJORITY, counts=ordered, votes_hash=hashes[task], computed_at=now
        )


def _differs(stored: Consensus, fresh: Consensus) -> bool:
    return any(getattr(stored, name) != getattr(fresh, name) for name in _STORED)
