"""Adaptive comparison: a sketch's pairs are chosen in rounds, each by the votes on the earlier ones.

A round has the next pairs of every sketch whose earlier ones are all settled. A sketch needs no more once each pair that
was not asked is inferred with at most the accepted risk; its candidates are then in order. `round_jobs` says who makes
rounds, and when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db import transaction

from annotation.consensus.order import Order, order_of
from annotation.consensus.votes import Floats
from annotation.models import Campaign, CandidateSet, Task, TripletTask
from annotation.sampling.adaptive import Pair, next_pairs
from annotation.selectors.rounds import due_sets
from annotation.services.tasks.creation import tasks_create
from annotation.services.work.locking import queued_transaction
from webapp.accounts.models import User

BATCH = 250  # sketches; SQLite takes only so many parameters


@dataclass(slots=True)
class Judged:
    """What is known of a sketch: the pairs asked, and the votes, (K, K), for the row's candidate over the column's."""

    wins: Floats
    asked: set[Pair] = field(default_factory=set)

    @property
    def order(self) -> Order:
        return order_of(self.wins)

    def equals(self, other: Judged) -> bool:
        return self.asked == other.asked and np.array_equal(self.wins, other.wins)


@transaction.atomic
def rounds_start(*, campaign: Campaign, risk: float, by: User | None, now: datetime) -> int:
    """Have the pairs of all the campaign's candidate sets chosen by the votes; add the first round, return its size."""
    CandidateSet.objects.filter(campaign=campaign, risk=None).update(risk=risk)
    return round_add(campaign=campaign, now=now, by=by)


def round_add(
    *,
    campaign: Campaign,
    now: datetime,
    by: User | None = None,
    tick: Callable[[int], None] = lambda n_made: None,
) -> int:
    """Add the next pairs of sketches without open tasks, and return how many; settle those that need no more.

    Until a sketch has a vote, its pairs are drawn at random, and marked so. Works in batches, so that the first pairs can
    be handed out while others are computed; only storing a batch locks anything. tick: called after each batch.
    """
    made = 0
    due = list(due_sets(campaign).order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(due), BATCH):
        made += _batch_add(campaign, due[first : first + BATCH], now, by)
        tick(made)
    return made


def _batch_add(campaign: Campaign, ids: Sequence[int], now: datetime, by: User | None) -> int:
    sets = list(CandidateSet.objects.filter(pk__in=ids).order_by("pk"))
    judged = judged_of(campaign, sets)
    chosen = {one.pk: _chosen(campaign, one, judged[one.pk]) for one in sets}  # slow, so without a lock
    with queued_transaction():
        campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if campaign.status in {Campaign.Status.CLOSED, Campaign.Status.ARCHIVED}:
            return 0
        return _store(campaign, _unchanged(campaign, ids, judged), judged, chosen, now, by)


def _chosen(campaign: Campaign, candidates: CandidateSet, known: Judged) -> list[Pair]:
    rng = np.random.default_rng([campaign.seed, candidates.sketch_id, len(known.asked)])
    return next_pairs(known.order.risk, known.asked, risk=candidates.risk or 0, rng=rng)


def _unchanged(campaign: Campaign, ids: Sequence[int], judged: Mapping[int, Judged]) -> list[CandidateSet]:
    """Return the sets that still await their next pairs, and whose votes are those that these were chosen by."""
    sets = list(due_sets(campaign).filter(pk__in=ids).order_by("pk"))
    again = judged_of(campaign, sets)
    return [one for one in sets if again[one.pk].equals(judged[one.pk])]


def _store(
    campaign: Campaign,
    sets: Sequence[CandidateSet],
    judged: Mapping[int, Judged],
    chosen: Mapping[int, Sequence[Pair]],
    now: datetime,
    by: User | None,
) -> int:
    settled = [one.pk for one in sets if not chosen[one.pk]]
    CandidateSet.objects.filter(pk__in=settled).update(settled_at=now)
    tasks: list[Task] = []
    for candidates in sets:
        is_random = not judged[candidates.pk].wins.any()
        for i, j in chosen[candidates.pk]:
            low, high = sorted((candidates.products[i], candidates.products[j]))
            tasks.append(
                TripletTask(
                    sketch_id=candidates.sketch_id,
                    candidate_a_id=low,
                    candidate_b_id=high,
                    is_random_share=is_random,
                )
            )
    return tasks_create(campaign=campaign, tasks=tasks, by=by, shuffle=True).made if tasks else 0


def judged_of(campaign: Campaign, sets: Iterable[CandidateSet]) -> dict[int, Judged]:
    """Return what is known of each candidate set, by its id. Pairs of gold and practice tasks are asked without votes."""
    by_sketch = {candidates.sketch_id: candidates for candidates in sets}
    places = {
        sketch: {product: place for place, product in enumerate(candidates.products)}
        for sketch, candidates in by_sketch.items()
    }
    found = {one.pk: Judged(np.zeros((len(one.products), len(one.products)))) for one in by_sketch.values()}
    rows: defaultdict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    tasks = TripletTask.objects.filter(campaign=campaign)
    if len(by_sketch) <= BATCH:
        tasks = tasks.filter(sketch__in=list(by_sketch))
    columns = ("sketch_id", "candidate_a_id", "candidate_b_id", "n_a", "n_b")
    for sketch, *row in tasks.values_list(*columns).order_by():
        rows[sketch].append((row[0], row[1], row[2], row[3]))
    for sketch, candidates in by_sketch.items():
        known = found[candidates.pk]
        for a, b, n_a, n_b in rows[sketch]:
            i, j = places[sketch].get(a), places[sketch].get(b)
            if i is not None and j is not None:
                known.wins[i, j], known.wins[j, i] = n_a, n_b
                known.asked.add((min(i, j), max(i, j)))
    return found
